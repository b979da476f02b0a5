"""Both servers misbehave in every way they can, mixed at random."""

import asyncio
import random
from typing import Any, Final

from bot.sandbox.provider import FaultKind
from bot.sandbox.telegram import TelegramFault
from tests.proof.season import Season

_ACTIONS: Final = (
    None,
    "getNumber",
    "getNumber",
    "getStatus",
    "setStatus",
    "getBalance",
    "getPrices",
    "getNumbersStatus",
    "getActiveActivations",
)
_METHODS: Final = (
    None,
    "sendMessage",
    "sendMessage",
    "editMessageText",
    "answerCallbackQuery",
    "deleteMessage",
    "getUpdates",
)
_UNCLEAR: Final = (
    "ERROR_SQL",
    "",
    "<html>oops</html>",
    "SOMETHING_NEW",
    '{"half":',
    "[" * 100_000,
    "NaN",
    "\0",
)
"""What says nothing. A provider that says NO_NUMBERS after it sold one would be believed."""
_STATUSES: Final = (403, 429, 500, 502, 503, 520)
MAKES_DOUBT: Final = frozenset({TelegramFault.COMMIT_THEN_CUT, TelegramFault.DELAY})
"""After these the bot cannot know that a message has arrived."""


def spoil_provider(season: Season, rng: random.Random) -> None:
    """Order one misbehaviour of the provider."""
    kind = rng.choice(list(FaultKind))
    action = rng.choice(_ACTIONS)
    more: dict[str, Any] = {}
    match kind:
        case FaultKind.DELAY:
            more["seconds"] = rng.choice((0.1, 0.5, 1.0))
        case FaultKind.COMMIT_THEN_BODY | FaultKind.BODY:
            more["body"] = rng.choice(_UNCLEAR)
        case FaultKind.CUT_JSON if action in (None, "getNumber", "getStatus"):
            action = rng.choice(("getPrices", "getNumbersStatus", "getActiveActivations"))
        case FaultKind.STATUS | FaultKind.HTML:
            more["status"] = rng.choice(_STATUSES)
        case FaultKind.THROTTLE:
            more["retry_after"] = rng.choice((None, 1, 30))
    season.provider.fail(kind, action=action, times=rng.choice((1, 1, 2, 5)), **more)


def spoil_telegram(season: Season, rng: random.Random) -> int:
    """Order one misbehaviour of Telegram; return how many messages may come again because of it."""
    kind = rng.choice(list(TelegramFault))
    method = rng.choice(_METHODS)
    doubtful = kind in MAKES_DOUBT
    season.telegram.fail(
        kind,
        method=method,
        times=1 if doubtful else rng.choice((1, 1, 2, 4)),
        seconds=rng.choice((0.2, 2.0)) if kind is TelegramFault.DELAY else 0.5,
        status=rng.choice((500, 502, 504)),
        retry_after=1,
    )
    return int(doubtful and method in (None, "sendMessage"))


async def misbehave(season: Season, seconds: float, pace: float = 0.1) -> None:
    """Let both servers misbehave for some time: one thing after the other."""
    rng = random.Random(f"mischief {season.seed}")  # noqa: S311  # repeatable, not secret
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while loop.time() < end:
        await asyncio.sleep(pace * rng.uniform(0.3, 1.7))
        match rng.randrange(10):
            case 0:
                season.provider.heal()
                season.telegram.heal()
            case 1:
                rng.choice(season.customers).person.block()
            case 2 | 3 | 4 | 5:
                season.lost_answers += spoil_telegram(season, rng)
            case _:
                spoil_provider(season, rng)
