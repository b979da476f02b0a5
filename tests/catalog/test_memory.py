"""The memory of the catalog: names that do not exist fill only so much of it."""

import asyncio
from functools import partial

import pytest

from bot import errors
from bot.catalog import cache, catalog
from bot.catalog.cache import SharedCache
from bot.lru import LruDict
from tests.conftest import World


def test_the_least_recently_used_entry_is_removed() -> None:
    """A full dictionary removes what was not used for the longest time, but nothing that is in use."""
    entries = LruDict[str, int](2, in_use=lambda value: value == 0)
    for key, value in (("a", 1), ("b", 2)):
        entries.put(key, value)
    assert entries.get("a") == 1
    entries.put("c", 3)
    assert [entries.get(key) for key in ("a", "b", "c")] == [1, None, 3]
    entries.put("a", 0)
    entries.put("c", 0)
    entries.put("d", 4)
    assert [entries.get(key) for key in ("a", "c", "d")] == [0, 0, None]


async def test_the_cache_is_bounded_whatever_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers, empty answers and errors of any number of names take a bounded number of entries."""
    monkeypatch.setattr(cache, "MAX_ENTRIES", 10)
    shared = SharedCache(lambda: 0.0)
    loads = 0

    async def load(number: int) -> int | None:
        nonlocal loads
        loads += 1
        if number % 3 == 0:
            raise errors.NoAnswer
        return number if number % 3 == 1 else None

    for number in range(1, 100):
        await asyncio.gather(
            shared.get(("used",), 60, partial(load, 1)),
            shared.get((f"forged{number}",), 60, partial(load, number)),
            return_exceptions=True,
        )
    assert len(shared._entries) == 10  # noqa: SLF001  # the memory is what is tested
    assert loads == 1 + 99  # the used answer was never removed


async def test_an_answer_that_is_being_loaded_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many names come meanwhile, callers of one name share one load."""
    monkeypatch.setattr(cache, "MAX_ENTRIES", 2)
    shared, finish, loads = SharedCache(lambda: 0.0), asyncio.Event(), 0

    async def slow() -> int:
        nonlocal loads
        loads += 1
        await finish.wait()
        return 7

    async def quick() -> int:
        return 1

    first = asyncio.create_task(shared.get(("slow",), 60, slow))
    await asyncio.sleep(0)
    for number in range(5):
        await shared.get((str(number),), 60, quick)
    second = asyncio.create_task(shared.get(("slow",), 60, slow))
    await asyncio.sleep(0)
    finish.set()
    assert (await first, await second, loads) == (7, 7, 1)


async def test_links_to_countries_that_do_not_exist_fill_no_memory(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With all countries on offer, links to many invented countries leave the memory bounded."""
    monkeypatch.setattr(cache, "MAX_ENTRIES", 20)
    monkeypatch.setattr(catalog, "MAX_COUNTRIES", 5)
    await world.start(countries="all")
    ann = await world.customer()
    for country in range(5000, 5008):
        asked = await ann.send(f"/start buy_{country}_tg")
        await ann.sees("doesn’t offer", after=asked)
    assert world.app is not None
    shop = world.app.features.catalogs.of("own")
    assert len(shop.lists._cache._entries) <= 20  # noqa: SLF001  # the memory is what is tested
    assert len(shop._choices) <= 5  # noqa: SLF001
