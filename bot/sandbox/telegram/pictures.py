"""Pictures: their type and size, and the checks that Telegram makes for a photo."""

from typing import Final

from bot.sandbox.telegram.errors import bad_request

MAX_PHOTO_BYTES: Final = 10 * 2**20
MAX_SIDES: Final = 10_000
"""The maximum of a photo's width plus height, in pixels."""
MAX_RATIO: Final = 20
"""The maximum ratio of a photo's longer side to its shorter side."""
_PNG: Final = b"\x89PNG\r\n\x1a\n"
_KINDS: Final = {
    _PNG: "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
}
_SIZE_AT: Final = 16
"""The offset of the width and the height in a PNG, four bytes each."""


def picture_type(content: bytes) -> str | None:
    """Return the MIME type of a picture by its first bytes, or None if it is unknown."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return next((mime for start, mime in _KINDS.items() if content.startswith(start)), None)


def picture_size(content: bytes) -> tuple[int, int] | None:
    """Return the width and height of a PNG, or None for other content."""
    if not content.startswith(_PNG) or len(content) < _SIZE_AT + 8:
        return None
    width, height = (int.from_bytes(content[start : start + 4], "big") for start in (_SIZE_AT, _SIZE_AT + 4))
    return width, height


def check_photo(content: bytes) -> None:
    """Check the content of a photo.

    Raises:
        RefusedCall: It is not a picture, or Telegram would accept it only as a document.
    """
    if len(content) > MAX_PHOTO_BYTES:
        size = f"file of size {len(content)} bytes is too big for a photo"
        raise bad_request(f"{size}; the maximum size is {MAX_PHOTO_BYTES} bytes")
    if picture_type(content) is None:
        raise bad_request("IMAGE_PROCESS_FAILED")
    sides = picture_size(content)
    if sides is None:
        return
    if not all(sides) or sum(sides) > MAX_SIDES or max(sides) > MAX_RATIO * min(sides):
        raise bad_request("PHOTO_INVALID_DIMENSIONS")
