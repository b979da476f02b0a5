"""At a provider that needs 0.4 s for an answer each tap is answered in half a second, and no noise stays."""

from collections.abc import Awaitable, Callable

import pytest

from bot.telegram.replies import ACKNOWLEDGE_AFTER
from bot.telegram.translations import LANGUAGES
from tests.conftest import World
from tests.quiet import LIVES, SlowLife


@pytest.mark.parametrize("language", sorted(LANGUAGES))
@pytest.mark.parametrize("lives", LIVES)
async def test_a_slow_provider(
    world: World, language: str, lives: Callable[[SlowLife], Awaitable[None]]
) -> None:
    """In the chat remain cards, codes, notices, and what the person has opened."""
    life = await SlowLife.start(world, language, delay=0.4, patience=ACKNOWLEDGE_AFTER, strict=True)
    await lives(life)
