"""Links that start a chat with the bot, such as https://t.me/<bot>?start=<parameter>."""

import re
from typing import Final
from urllib.parse import parse_qs, urlsplit

_HOST: Final = "t.me"
_PARAMETER: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")


def is_start_parameter(text: str) -> bool:
    """Return whether Telegram accepts a text as the "start" parameter of a link."""
    return bool(_PARAMETER.fullmatch(text))


def start_parameter(url: str, username: str) -> str | None:
    """Return the parameter of a link to a bot, "" if it has none, or None for another link."""
    link = urlsplit(url)
    if link.netloc != _HOST or link.path.strip("/").lower() != username.lower():
        return None
    return parse_qs(link.query, keep_blank_values=True).get("start", [""])[-1]
