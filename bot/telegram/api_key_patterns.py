"""Recognises API keys in typed text."""

import re
from collections.abc import Iterable
from itertools import pairwise
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
_ONLY_HEX: Final = re.compile(r"[a-f]+")
_NAMES_KEY: Final = re.compile(r"(?<![a-z])(?:api|key|token|khóa|khoá|ключ)(?![a-z])", re.IGNORECASE)
_PAIRS: Final = (
    "98999799999999987999988598956480058446458208749561509384951996955693379775116995769556976658952685864189"
    "86889586888989776999887699703675508355158408466020309666846795674793087697707093559130965566930766856260"
    "98999676899989978999976788948593307474579405959540449374941895866694188997619496889575976877950498964175"
    "99739444844474973585854173959995989886589554999855868778967787899987699899958794618437853633861776842140"
    "51004201400000424014901030978896759777799557989661969695944998976787578997718993859549966657950898965785"
    "97789476978889774998876577925481539534067306837300759043844483451672047331207365507424704533540445501120"
    "9577745579776776077775516695758145978747850588845086"
)
"""How common each pair of letters is, from "aa" to "zz"; 9 for one pair in 200 and more. They are counted in
the names of places, languages and currencies that Babel has in 27 languages."""
_MIN_COMMON: Final = 7.3
"""Lowest mean of the pairs of a word. One long word in 700 is below it, and 19 of 20 random texts."""


def looks_like_key(text: str) -> bool:
    """Return whether a text of a user without a key may be one: a single word that is not a plain one."""
    return bool(_FIRST_KEY.fullmatch(text))


def possible_key(text: str) -> str | None:
    """Return the part of a text of a user without a key that may be one: its only long word, or all of it."""
    word = _only_long_word(map(_stripped, _TOKEN.findall(text)))
    return text if word is None and looks_like_key(text) else word


def find_keys(text: str) -> tuple[str, ...]:
    """Return the parts of a text that are almost certainly API keys, each once, in their order.

    Recognised from `MIN_KEY` characters: letters with digits, digits only, letters that form no word, UUIDs,
    keys with a prefix such as ``vsms_``, and Base64. Where "key" is said, the only long word is one.
    """
    tokens = _TOKEN.findall(_URL.sub(lambda url: _PARTS_OF_URL.sub(" ", url[0]), text))
    # A key alone is taken as it is, except for a full stop.
    found = [token.strip(".") if tokens == [text] else _stripped(token) for token in tokens]
    keys = tuple(dict.fromkeys(token for token in found if _is_key(token)))
    if not keys and _NAMES_KEY.search(text) and (word := _only_long_word(found)):
        return (word,)
    return keys


def may_hold_key(text: str) -> bool:
    """Return whether a text may contain an API key, so that the bot must not repeat it."""
    return bool(_MAY_BE_KEY.search(text) or find_keys(text))


def _stripped(token: str) -> str:
    return token.strip("._-")


def _only_long_word(tokens: Iterable[str]) -> str | None:
    """Return the only token that can be a key of letters only, or a long word; None if there are several."""
    words = {token for token in tokens if token.isalpha() and len(token) >= MIN_KEY}
    return words.pop() if len(words) == 1 else None


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
    places = [ord(letter) - ord("a") for letter in letters.lower()]
    common = [int(_PAIRS[first * 26 + second]) for first, second in pairwise(places)]
    return (
        len(letters) <= _MAX_WORD
        and (letters.isupper() or capitals <= _MAX_CAPITALS * len(letters))
        and not _ONLY_HEX.fullmatch(letters.lower())
        and sum(common) >= _MIN_COMMON * len(common)
    )
