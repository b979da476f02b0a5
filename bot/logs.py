"""Logging setup that removes secrets from log lines."""

import logging
import re
from typing import Final

_VERBOSE_LIBRARIES: Final = ("aiosqlite", "asyncio")
"""Libraries that log values or too many lines at DEBUG."""


_KEY_IN_URL: Final = re.compile(r"(api_key=)[^&\s\"'>)]+")


class _RedactingFormatter(logging.Formatter):
    """A formatter that replaces secrets; a second safeguard, since secrets should not be logged at all."""

    def __init__(self, secrets: list[str]) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s: %(message)s")
        self._secrets = secrets

    def format(self, record: logging.LogRecord) -> str:
        line = super().format(record)
        for secret in self._secrets:
            line = line.replace(secret, "[secret]")
        return _KEY_IN_URL.sub(r"\1[secret]", line)


def configure(level: str, secrets: list[str]) -> None:
    """Log to stderr at this level and above.

    Args:
        level: the name of a logging level.
        secrets: texts to remove, such as the bot token.
    """
    handler = logging.StreamHandler()
    handler.setFormatter(_RedactingFormatter(secrets))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in _VERBOSE_LIBRARIES:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("aiogram.event").setLevel(logging.WARNING)
