"""What a picture is, as far as Telegram looks before it takes one for a photo."""

from typing import Final

from bot.sandbox.telegram.errors import bad_request

MOST_BYTES: Final = 10 * 2**20
MOST_PIXELS: Final = 10_000
"""Of a photo's width and height together."""
MOST_STRETCHED: Final = 20
_PNG: Final = b"\x89PNG\r\n\x1a\n"
_KINDS: Final = {
    _PNG: "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
}
_SIZE_AT: Final = 16
"""Where a PNG says its width and height, of four bytes each."""


def picture_type(content: bytes) -> str | None:
    """Return the MIME type of a picture by its first bytes, or None if it is none that is known."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return next((mime for start, mime in _KINDS.items() if content.startswith(start)), None)


def picture_size(content: bytes) -> tuple[int, int] | None:
    """Return the width and height of a PNG, or None where that is not known."""
    if not content.startswith(_PNG) or len(content) < _SIZE_AT + 8:
        return None
    width, height = (int.from_bytes(content[start : start + 4], "big") for start in (_SIZE_AT, _SIZE_AT + 4))
    return width, height


def check_photo(content: bytes) -> None:
    """Look at what is to be sent as a photo.

    Raises:
        RefusedCall: it is no picture, or one that Telegram takes as a document only.
    """
    if len(content) > MOST_BYTES:
        size = f"file of size {len(content)} bytes is too big for a photo"
        raise bad_request(f"{size}; the maximum size is {MOST_BYTES} bytes")
    if picture_type(content) is None:
        raise bad_request("IMAGE_PROCESS_FAILED")
    sides = picture_size(content)
    if sides is None:
        return
    if not all(sides) or sum(sides) > MOST_PIXELS or max(sides) > MOST_STRETCHED * min(sides):
        raise bad_request("PHOTO_INVALID_DIMENSIONS")
