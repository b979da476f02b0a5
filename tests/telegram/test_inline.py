"""Inline mode: services in any chat, by the bot's name; nothing personal, and no query without an answer."""

import asyncio
import json
from decimal import Decimal

import pytest

from bot.sandbox.provider import WORLDWIDE, FaultKind
from tests import factories, schema_rows
from tests.conftest import KEY, World


def titles(results: list[dict[str, str]]) -> list[str]:
    """Return the first lines of some results."""
    return [result["title"] for result in results]


async def test_a_name_finds_the_service(bot_world: World) -> None:
    """A result shows the service, its price and count; the message leads to its confirmation page."""
    bot_world.provider.set_stock("tg", 86, price=Decimal("0.35"))
    ann = await bot_world.customer()
    results = await ann.inline("telegram")
    assert results[0]["title"] == "Telegram · 0.35 · 86"
    assert "Vietnam" in results[0]["description"]
    message = ann.choose(results[0], "telegram")
    assert message.shows("Telegram", "Vietnam", "about 0.35 when sent")
    (button,) = message.buttons
    assert button.url == "https://t.me/sandbox_bot?start=buy_10_tg"
    await ann.click(button.text, message=message)
    await ann.sees("Buy this number?", "Telegram", "Operator: any")
    assert bot_world.provider.ledger == []


async def test_typos_are_forgiven(bot_world: World) -> None:
    """What is typed is searched as in the chat."""
    ann = await bot_world.customer()
    assert titles(await ann.inline("telegarm"))[0].startswith("Telegram")


async def test_nothing_typed_shows_the_first_services(bot_world: World) -> None:
    """An empty query offers what the services screen begins with."""
    ann = await bot_world.customer()
    await ann.send("/buy")
    screen = await ann.sees("Choose a service")
    names = [label.split(" · ")[0] for label in screen.labels[:5]]
    offered = titles(await ann.inline(""))
    assert all(title.startswith(name) for title, name in zip(offered, names, strict=False))


async def test_never_more_than_fifty(world: World) -> None:
    """A long list is cut where Telegram would refuse it, and all ids differ."""
    world.provider.dialect = WORLDWIDE
    for number in range(120):
        world.provider.set_stock(f"x{number}", 1)
    await world.start()
    ann = await world.customer()
    for query in ("", "x"):
        results = await ann.inline(query)
        assert len(results) <= 50
        assert len({result["id"] for result in results}) == len(results)
    assert len(await ann.inline("")) == 50


async def test_results_tell_nothing_of_the_person(bot_world: World) -> None:
    """Neither the key nor the balance is in an answer, which is for this person only and soon forgotten."""
    bot_world.provider.accounts[KEY].balance = Decimal("7.89")
    ann = await bot_world.customer()
    await ann.inline("telegram")
    (call,) = bot_world.telegram.called("answerInlineQuery")
    said = json.dumps(call.params, default=str)
    assert KEY not in said
    assert "7.89" not in said
    assert call.params["is_personal"] is True
    assert call.params["cache_time"] <= 10


async def test_a_code_that_fits_no_link_has_no_button(bot_world: World) -> None:
    """A service whose code cannot stand in a link is offered all the same."""
    bot_world.provider.set_stock("a:b", 5)
    ann = await bot_world.customer()
    (result,) = [result for result in await ann.inline("a:b") if result["title"].startswith("a:b")]
    message = ann.choose(result, "a:b")
    assert message.buttons == []
    assert "button" not in message.text


async def test_nothing_found_leads_to_the_list(bot_world: World) -> None:
    """Where nothing fits, a button leads to all services."""
    ann = await bot_world.customer()
    query = await ann.search("qqqqzzzz")
    assert query.results == []
    await ann.press_over(query)
    await ann.sees("Choose a service")


async def test_somebody_without_a_key_is_led_to_the_chat(bot_world: World) -> None:
    """Without a bound key there are no results but the way to bind one; it works at once afterwards."""
    bob = bot_world.telegram.person(2)
    query = await bob.search("telegram")
    assert (query.results, query.button) == (
        [],
        {"text": "Add your API key first", "start_parameter": "hello"},
    )
    assert bob.messages == []
    await bob.press_over(query)
    await bob.sees("Hello!", "API key")
    await bob.send(KEY)
    await bob.sees("Your key works")
    assert titles(await bob.inline("telegram"))[0].startswith("Telegram")


async def test_of_a_stranger_who_types_nothing_is_kept(bot_world: World) -> None:
    """Whoever only types the bot's name somewhere has not come to it: no row is written about them."""
    bob = bot_world.telegram.person(2)
    assert await bob.inline("") == []
    query = await bob.search("telegram")
    async with factories.open_database(bot_world) as db:
        assert not any((await db.read(schema_rows.count_rows, 2)).values())
        await bob.press_over(query)
        await bob.sees("Hello!", "API key")
        assert (await db.read(schema_rows.count_rows, 2))["users"] == 1


async def test_strangers_see_nothing(world: World) -> None:
    """ALLOWED_USERS holds for inline queries: a stranger gets no results, and no message either."""
    world.provider.open_account("k2k2k2k2k2k2k2k2k2k2")
    await world.start()
    ann = await world.customer()
    bob = await world.customer(2, "k2k2k2k2k2k2k2k2k2k2")
    await world.stop()
    await world.start(allowed_users="1")
    assert await ann.inline("telegram")
    seen = len(bob.messages)
    query = await bob.search("telegram")
    assert query.results == []
    assert len(bob.messages) == seen
    await bob.press_over(query)
    await bob.sees("This bot is private")


async def test_with_several_countries_one_is_chosen_first(world: World) -> None:
    """The results are of the country chosen last; before there is one, a button leads to the countries."""
    world.provider.dialect = WORLDWIDE
    world.provider.set_stock("tg", 5, country="6")
    await world.start(countries="6,10")
    ann = await world.customer()
    query = await ann.search("telegram")
    assert query.results == []
    await ann.press_over(query)
    await ann.click("By country", message=await ann.sees("Choose a service"))
    await ann.sees("Choose a country")
    await ann.click("🇮🇩 Indonesia")
    await ann.sees("Choose a service")
    results = await ann.inline("telegram")
    assert "Indonesia" in results[0]["description"]
    await world.stop()
    await world.start(countries="10,12")
    query = await ann.search("telegram")
    assert query.results == []
    assert query.button is not None
    assert query.button["text"] == "Choose a country first"


async def test_trouble_of_the_provider_leaves_no_query_open(bot_world: World) -> None:
    """When no list is to be had there are no results, nothing of it is kept, and the next try works."""
    ann = await bot_world.customer()
    bot_world.provider.fail(FaultKind.STATUS, status=503, times=None)
    query = await ann.search("telegram")
    assert query.results == []
    assert bot_world.telegram.called("answerInlineQuery")[-1].params["cache_time"] == 0
    bot_world.provider.heal()
    assert await ann.inline("telegram")


async def test_a_slow_provider_leaves_no_query_open(
    bot_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A query is answered before the person gives up; what the provider says later serves the next one."""
    monkeypatch.setattr("bot.telegram.replies.INLINE_TIMEOUT", 0.05)
    ann = await bot_world.customer()
    bot_world.provider.fail(FaultKind.DELAY, action="getPrices", seconds=10)
    assert await ann.inline("telegram") == []
    monkeypatch.setattr("bot.telegram.replies.INLINE_TIMEOUT", 30.0)
    bot_world.provider.heal()
    assert await ann.inline("telegram")


async def test_an_answer_that_comes_too_late_is_no_error(
    bot_world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """Telegram refuses late answers; that is neither told nor logged as trouble."""
    ann = await bot_world.customer()
    bot_world.telegram.limits.query_seconds = -1
    ann.type("telegram")
    await bot_world.telegram.until_called("answerInlineQuery")
    bot_world.telegram.limits.query_seconds = 30
    assert await ann.inline("telegram")
    assert [record for record in caplog.records if record.levelname not in ("DEBUG", "INFO")] == []
    ann.sees_no("went wrong")


async def test_only_the_newest_of_many_keystrokes_counts(bot_world: World) -> None:
    """While one query is under way the older ones that wait are dropped, and the newest gets its results."""
    ann = await bot_world.customer()
    bot_world.provider.fail(FaultKind.DELAY, action="getPrices", seconds=10)
    queries = [ann.type("telegram"[: length % 8 + 1]) for length in range(200)]
    newest = ann.type("telegram")
    await ann.until(lambda _: sum(query.answered for query in queries) >= len(queries) - 1)
    bot_world.provider.heal()
    await ann.until(lambda _: newest.answered and all(query.answered for query in queries))
    assert newest.results
    assert [query for query in queries[1:] if query.results] == []


async def test_keystrokes_hold_up_neither_ones_own_taps_nor_others(bot_world: World) -> None:
    """However much one person types while the provider is slow, taps and messages go on at once."""
    bot_world.provider.open_account("k2k2k2k2k2k2k2k2k2k2")
    ann = await bot_world.customer(1)
    bob = await bot_world.customer(2, "k2k2k2k2k2k2k2k2k2k2")
    bot_world.provider.fail(FaultKind.DELAY, action="getPrices", seconds=1)
    queries = [ann.type(f"t{number}") for number in range(300)]
    await ann.send("/help")
    await ann.sees("How it works")
    await bob.click("Active")
    await bob.sees("No active numbers")
    assert not all(query.answered for query in queries)
    bot_world.provider.heal()


async def test_a_result_sent_to_the_bot_is_no_search(bot_world: World) -> None:
    """Sent into the bot's own chat, or into a group it is in, a result is left alone."""
    ann = await bot_world.customer()
    group = bot_world.telegram.group(-100)
    (result, *_) = await ann.inline("telegram")
    ann.choose(result, "telegram")
    ann.choose(result, "telegram", chat=group)
    before = len([message for message in ann.messages if message.from_bot])
    await ann.send("/help")
    await ann.sees("How it works")
    assert len([message for message in ann.messages if message.from_bot]) == before + 1
    assert [message for message in group.messages if message.from_bot] == []


async def test_whoever_blocked_the_bot_is_not_written_to(bot_world: World) -> None:
    """Typing the bot's name does not unblock it: what is kept for that person stays kept."""
    ann = await bot_world.customer()
    number = await bot_world.buy(ann)
    ann.block()
    bot_world.provider.deliver(number.id, "4711")
    await bot_world.provider.wait_for(lambda _: number.shown == 1)
    sent = len(bot_world.telegram.called("sendMessage"))
    assert await ann.inline("telegram")
    await asyncio.gather(*(ann.inline(text) for text in ("t", "te", "tel")))
    assert len(bot_world.telegram.called("sendMessage")) == sent
    await ann.send("/active")
    await ann.sees("· Telegram", "4711")
