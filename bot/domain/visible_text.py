"""Removal of invisible control characters from foreign text, before it is shown."""

from functools import lru_cache
from typing import Final
from unicodedata import category

_KEPT: Final = frozenset("\n\t\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd") | {
    chr(code) for code in range(0x600, 0x606)
}
"""Line breaks, tabs, and the few format characters that are seen, such as the Arabic number signs."""
_INVISIBLE: Final = frozenset({"Cc", "Cf"})
_JOINERS: Final = frozenset("\u200c\u200d")
_LETTERS_AND_MARKS: Final = frozenset({"Lo", "Lm", "Mn", "Mc"})
_SYMBOLS: Final = frozenset({"So", "Sk"})
_EMOJI_FORM: Final = "\ufe0f"
"""Stands after a symbol that is to be drawn as an emoji."""
_JOINED_SCRIPTS: Final = (range(0x600, 0x2000), range(0x10A00, 0x12000))
"""Blocks of the scripts with joining letters: Arabic, the scripts of India and those made from them."""


def visible(text: str) -> str:
    """Return a text without control characters, those for the direction of writing included.

    Line breaks and tabs stay, and zero-width joiners where they shape a letter or an emoji.
    """
    if text.isascii() and text.isprintable():
        return text
    hidden = {character for character in set(text) if category(character) in _INVISIBLE} - _KEPT
    if not hidden:
        return text
    kept, done = "", 0
    for place in [place for place, character in enumerate(text) if character in hidden]:
        kept += text[done:place]
        done = place + 1
        if text[place] in _JOINERS and kept and _is_joined(kept[-1], text[done : done + 1]):
            kept += text[place]
    return kept + text[done:]


@lru_cache(maxsize=256)
def _is_joined(before: str, after: str) -> bool:
    """Return whether a joiner between two characters changes how they are drawn."""
    if any(ord(before) in block for block in _JOINED_SCRIPTS):
        return category(before) in _LETTERS_AND_MARKS
    is_emoji = before == _EMOJI_FORM or category(before) in _SYMBOLS
    return is_emoji and bool(after) and category(after) in _SYMBOLS
