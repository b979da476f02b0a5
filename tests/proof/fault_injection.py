"""Injects random faults of every kind into both servers."""

import asyncio
import random
from typing import Any, Final

from bot.sandbox.provider import FaultKind
from bot.sandbox.telegram import TelegramFault
from tests.proof.scenario import Scenario

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
"""Answers without a meaning. NO_NUMBERS after a sale is not among them: the bot would believe it."""
LATEST_SALE: Final = 2.5
"""Seconds after which the provider may still do what a gateway has given up; the bot waits longer."""
_STATUSES: Final = (403, 429, 500, 502, 503, 520)


def order_provider_fault(scenario: Scenario, rng: random.Random) -> None:
    """Order one random fault of the provider."""
    kind = rng.choice(list(FaultKind))
    action = rng.choice(_ACTIONS)
    more: dict[str, Any] = {}
    match kind:
        case FaultKind.DELAY:
            more["seconds"] = rng.choice((0.1, 0.5, 1.0))
        case FaultKind.COMMIT_LATER:
            more["seconds"] = rng.choice((0.1, 1.0, LATEST_SALE))
        case FaultKind.REDIRECT:
            more["body"] = scenario.stranger_url
        case FaultKind.COMMIT_THEN_BODY | FaultKind.BODY:
            more["body"] = rng.choice(_UNCLEAR)
        case FaultKind.CUT_JSON if action in (None, "getNumber", "getStatus"):
            action = rng.choice(("getPrices", "getNumbersStatus", "getActiveActivations"))
        case FaultKind.STATUS | FaultKind.HTML:
            more["status"] = rng.choice(_STATUSES)
        case FaultKind.THROTTLE:
            more["retry_after"] = rng.choice((None, 1, 30))
    scenario.provider.fail(kind, action=action, times=rng.choice((1, 1, 2, 5)), **more)


def order_telegram_fault(scenario: Scenario, rng: random.Random) -> None:
    """Order one random fault of Telegram."""
    kind = rng.choice(list(TelegramFault))
    scenario.telegram.fail(
        kind,
        method=rng.choice(_METHODS),
        times=rng.choice((1, 1, 2, 4)),
        seconds=rng.choice((0.2, 2.0)) if kind is TelegramFault.DELAY else 0.5,
        status=rng.choice((500, 502, 504)),
        retry_after=1,
    )


async def inject_faults(scenario: Scenario, seconds: float, pace: float = 0.1) -> None:
    """Inject one fault after the other for some seconds."""
    rng = random.Random(f"faults {scenario.seed}")  # noqa: S311  # repeatable, not secret
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while loop.time() < end:
        await asyncio.sleep(pace * rng.uniform(0.3, 1.7))
        match rng.randrange(10):
            case 0:
                scenario.provider.heal()
                scenario.telegram.heal()
            case 1:
                rng.choice(scenario.customers).person.block()
            case 2 | 3 | 4 | 5:
                order_telegram_fault(scenario, rng)
            case _:
                order_provider_fault(scenario, rng)
