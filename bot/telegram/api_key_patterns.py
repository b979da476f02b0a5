"""Recognises API keys in typed text."""

import re
from typing import Final

MIN_KEY: Final = 16
"""Characters of the shortest key that is recognised inside other text."""

_LINK: Final = "buy_"
"""The beginning of the payload of a link to an offer."""
_URL: Final = re.compile(r"https?://\S+", re.IGNORECASE)
_PARTS_OF_URL: Final = re.compile(r"[/?&#=]")
_TOKEN: Final = re.compile(r"[A-Za-z0-9_+/.$-]+(?:={1,2}(?![A-Za-z0-9+/=]))?")
_SEPARATORS: Final = re.compile(r"[_+/.$-]")
_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_PREFIXED: Final = re.compile(r"(?:vsms|psk|stp|sk|pk)_[A-Za-z0-9]{8,}")
_MAY_BE_KEY: Final = re.compile(rf"[!-~]{{{MIN_KEY},}}")
_FIRST_KEY: Final = re.compile(r"(?=.*[^A-Za-z])[!-~]{6,256}|[A-Za-z]{16,256}")

_MIN_MIXED: Final = 8
"""Characters of the parts with both letters and digits that make a token with separators a key."""
_MIN_DISTINCT: Final = 3
"""Different letters of a key of letters only; "hahaha" is no key at any length."""
_MAX_WORD: Final = 29
"""Letters of the longest word that is not taken for a key; 365SMS has keys of 30 characters."""
_MAX_CAPITALS: Final = 0.25
"""Highest share of capitals in words that are written together."""
_ONE_SOUND: Final = re.compile(r"sch|[cstpg]h|ck")
_UNLIKE_A_WORD: Final = re.compile(r"[^aeiouy]{5}|[aeiouy]{6}|(.)\1{3}|^[a-f]+$")
_VOWEL: Final = re.compile(r"[aeiouy]")
_VOWELS_OF_WORDS: Final = (0.2, 0.7)
"""Lowest and highest share of vowels in a word."""


def looks_like_key(text: str) -> bool:
    """Return whether a text of a user without a key may be one: a single word that is not a plain one."""
    return bool(_FIRST_KEY.fullmatch(text))


def find_keys(text: str) -> tuple[str, ...]:
    """Return the parts of a text that are almost certainly API keys, each once, in their order.

    Recognised from `MIN_KEY` characters: letters with digits, digits only, letters that form no word, UUIDs,
    keys with a prefix such as ``vsms_``, and Base64.
    """
    tokens = _TOKEN.findall(_URL.sub(lambda url: _PARTS_OF_URL.sub(" ", url[0]), text))
    edges = "." if tokens == [text] else "._-"  # a key alone is taken as it is, except for a full stop
    found = (token.strip(edges) for token in tokens)
    return tuple(dict.fromkeys(token for token in found if _is_key(token)))


def may_hold_key(text: str) -> bool:
    """Return whether a text may contain an API key, so that the bot must not repeat it."""
    return bool(_MAY_BE_KEY.search(text) or find_keys(text))


def _is_key(token: str) -> bool:
    """Return whether a token of the alphabet of `_TOKEN` is almost certainly a key."""
    if len(token) < MIN_KEY or token.startswith(_LINK):
        return False
    if token.isalnum():
        return not token.isalpha() or (len({*token}) >= _MIN_DISTINCT and not _is_word(token))
    parts = _SEPARATORS.split(token.rstrip("="))
    if any(_is_key(part) for part in parts):
        return True
    if token.endswith("=") or _UUID.fullmatch(token) or _PREFIXED.fullmatch(token):
        return True
    if sum(len(part) for part in parts if not part.isalpha() and not part.isdecimal()) >= _MIN_MIXED:
        return True
    return _is_base64(token, "".join(parts))


def _is_base64(token: str, characters: str) -> bool:
    """Return whether a token is Base64 rather than words or numbers with slashes.

    Args:
        token: the token.
        characters: its letters and digits.
    """
    if not ("+" in token or "/" in token) or "." in token or characters.isdecimal():
        return False
    if characters.isalpha():
        return not _is_word(characters)
    return not characters.islower() and not characters.isupper()


def _is_word(letters: str) -> bool:
    """Return whether Latin letters can be a long word, or several words that are written together."""
    capitals = sum(letter.isupper() for letter in letters)
    sounds = _ONE_SOUND.sub("t", letters.lower())
    lowest, highest = _VOWELS_OF_WORDS
    return (
        len(letters) <= _MAX_WORD
        and (letters.isupper() or capitals <= _MAX_CAPITALS * len(letters))
        and not _UNLIKE_A_WORD.search(sounds)
        and lowest <= len(_VOWEL.findall(sounds)) / len(sounds) <= highest
    )
