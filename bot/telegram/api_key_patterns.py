"""Recognises API keys in typed text."""

import re
from typing import Final

_KEY_LIKE: Final = re.compile(r"(?=.*[^A-Za-z])[!-~]{6,256}|[A-Za-z]{16,256}")
_SURE_KEY: Final = re.compile(r"(?=.*\d)(?=.*[A-Za-z])[A-Za-z0-9_$.-]{20,256}")


def looks_like_key(text: str) -> bool:
    """Return whether a text may be an API key: one word that is not a plain one."""
    return bool(_KEY_LIKE.fullmatch(text))


def surely_a_key(text: str) -> bool:
    """Return whether a text is almost certainly an API key, so that it must not stay in the chat."""
    return bool(_SURE_KEY.fullmatch(text))
