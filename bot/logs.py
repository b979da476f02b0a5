"""Sets logging up so that no secret can be in a line."""

import logging
import re
from typing import Final

_TALKATIVE: Final = ("aiosqlite", "asyncio")
"""Libraries that at DEBUG print the values they handle, or too much of anything."""


_KEY_IN_URL: Final = re.compile(r"(api_key=)[^&\s\"'>)]+")


class _Redacting(logging.Formatter):
    """Blanks out secrets in whatever a line turns out to say: the last line of defence, not the first."""

    def __init__(self, secrets: list[str]) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s: %(message)s")
        self._secrets = secrets

    def format(self, record: logging.LogRecord) -> str:
        line = super().format(record)
        for secret in self._secrets:
            line = line.replace(secret, "[secret]")
        return _KEY_IN_URL.sub(r"\1[secret]", line)


def configure(level: str, secrets: list[str]) -> None:
    """Log to stderr from this level on.

    Args:
        level: the name of a logging level.
        secrets: texts that must never appear, such as the bot's token.
    """
    handler = logging.StreamHandler()
    handler.setFormatter(_Redacting(secrets))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("aiogram.event").setLevel(logging.WARNING)
