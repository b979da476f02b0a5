"""Untrusted answers of the provider: the screens still open, and no handler fails."""

import json
import logging
from typing import Any

import pytest

from bot.sandbox.provider import SMS_ACTIVATE, FaultKind
from bot.sandbox.telegram import Message, Person
from tests.conftest import World

_MARKUP = "<b>&amp;</i></code><a href='tg://user?id=1'>x</a>\u202e\u0000"
_LONG = "N" * 300


def _names(count: int) -> str:
    services = [{"code": f"s{number}", "name": f"{number} {_LONG}"} for number in range(count)]
    return json.dumps({"status": "success", "services": services})


def _prices(leaf: str, code: str = "tg") -> str:
    return f'{{"10": {{{json.dumps(code)}: {leaf}, "wa": {{"cost": 0.5, "count": 3}}}}}}'


TABLES: dict[str, tuple[FaultKind, dict[str, Any]]] = {
    "markup": (FaultKind.BODY, {"body": _prices('{"cost": 1, "count": 2}', _MARKUP)}),
    "infinite price": (FaultKind.BODY, {"body": _prices('{"cost": 1e400, "count": 2}')}),
    "NaN": (FaultKind.BODY, {"body": _prices('{"cost": NaN, "count": NaN}')}),
    "a written NaN": (FaultKind.BODY, {"body": _prices('{"cost": "NaN", "count": "Infinity"}')}),
    "negative": (FaultKind.BODY, {"body": _prices('{"cost": -1, "count": -5}')}),
    "enormous": (FaultKind.BODY, {"body": _prices(f'{{"cost": 0.1, "count": {"9" * 4000}}}')}),
    "many digits": (FaultKind.BODY, {"body": _prices(f'{{"cost": 0.{"1" * 5000}, "count": 5}}')}),
    "duplicates": (FaultKind.BODY, {"body": '{"10":{"tg":{"cost":1,"count":1},"tg":{"cost":2,"count":2}}}'}),
    "deep": (FaultKind.BODY, {"body": "[" * 200_000 + "]" * 200_000}),
    "deep objects": (FaultKind.BODY, {"body": '{"10":' * 100_000 + "1" + "}" * 100_000}),
    "wrong shapes": (FaultKind.BODY, {"body": '{"10": [[], null, {"tg": [1, {"cost": {}}]}, true]}'}),
    "nothing": (FaultKind.BODY, {"body": "null"}),
    "ten megabytes": (FaultKind.HUGE, {"body": b"0" * 10 * 2**20}),
    "endless": (FaultKind.ENDLESS, {}),
    "loopback": (FaultKind.REDIRECT, {"body": "http://127.0.0.1:22/"}),
    "a page": (FaultKind.HTML, {}),
    "five thousand": (
        FaultKind.BODY,
        {"body": json.dumps({"10": {f"s{n}": {"cost": n / 100, "count": n} for n in range(5000)}})},
    ),
    "long codes": (FaultKind.BODY, {"body": _prices('{"cost": 1, "count": 2}', "x" * 300)}),
    "half a character": (FaultKind.BODY, {"body": _prices('{"cost": 1, "count": 2}', "\ud83d")}),
}


@pytest.fixture(autouse=True)
def _no_error_is_logged(caplog: pytest.LogCaptureFixture) -> Any:
    """Check that no error was logged."""
    caplog.set_level(logging.ERROR)
    yield
    assert [record.getMessage() for record in caplog.records] == []


async def _answer(person: Person, said: str) -> Message:
    asked = await person.send(said)
    return await person.sees(after=asked)


@pytest.mark.parametrize("name", TABLES)
async def test_a_malformed_table_is_handled(bot_world: World, name: str) -> None:
    """With a malformed table each command is answered; with a valid one a purchase works again."""
    ann = await bot_world.customer()
    kind, more = TABLES[name]
    for action in ("getPrices", "getNumbersStatus"):
        bot_world.provider.fail(kind, action=action, times=None, **more)
    for said in ("/buy", "telegram", "s1", "/start"):
        assert (await _answer(ann, said)).text
    await bot_world.stop()
    bot_world.provider.heal()
    await bot_world.start()
    await bot_world.buy(ann)


async def test_long_names_fit_their_buttons(bot_world: World) -> None:
    """A list of 5,000 services with names of 300 characters can be paged and searched."""
    bot_world.provider.dialect = SMS_ACTIVATE
    ann = await bot_world.customer()
    table = json.dumps({"10": {f"s{n}": {"cost": n / 100, "count": n} for n in range(5000)}})
    bot_world.provider.fail(FaultKind.BODY, action="getServicesList", times=None, body=_names(5000))
    bot_world.provider.fail(FaultKind.BODY, action="getPrices", times=None, body=table)
    screen = await _answer(ann, "/buy")
    assert len(screen.buttons) > 10
    await ann.click("›", message=screen)
    await ann.sees("2 / ")
    assert (await _answer(ann, "4999")).buttons


@pytest.mark.parametrize(
    "body",
    [
        "ACCESS_BALANCE:1e400",
        "ACCESS_BALANCE:NaN",
        "ACCESS_BALANCE:-Infinity",
        "ACCESS_BALANCE:<b>5</b>",
        f"ACCESS_BALANCE:{'9' * 5000}",
        "ACCESS_BALANCE:",
        '{"balance": 1e999999999}',
    ],
)
async def test_a_malformed_balance_is_not_shown(bot_world: World, body: str) -> None:
    """With a malformed balance the home screen and the balance show a message instead of the value."""
    ann = await bot_world.customer()
    bot_world.provider.fail(FaultKind.BODY, action="getBalance", times=None, body=body)
    for said in ("/start", "/balance"):
        text = (await _answer(ann, said)).text
        assert text
        assert not any(word in text for word in ("NaN", "nfinity", "1e", "E+", "<b>"))
    await bot_world.buy(ann)


@pytest.mark.parametrize(
    "body",
    [
        f"ACCESS_NUMBER:{'1' * 5000}:84912345678",
        "ACCESS_NUMBER:../../etc:84912345678",
        f"ACCESS_NUMBER:<b>:{_MARKUP}",
        "ACCESS_NUMBER::",
        "ACCESS_NUMBER",
        f"WRONG_MAX_PRICE:{_MARKUP}",
        f"BANNED:{_MARKUP}",
        f"BANNED:{_LONG * 20}",
        "[" * 100_000,
    ],
)
async def test_a_malformed_purchase_answer_is_unclear_or_refused(bot_world: World, body: str) -> None:
    """After a malformed answer to a purchase the request is not repeated, and the result is shown."""
    ann = await bot_world.customer()
    await bot_world.open_page(ann)
    bot_world.provider.fail(FaultKind.BODY, action="getNumber", body=body)
    await ann.click("Buy")
    await ann.sees("bought")
    assert len(bot_world.asked("getNumber")) == 1
    await bot_world.buy(ann)


@pytest.mark.parametrize(
    "code",
    [
        _MARKUP,
        "&lt;b&gt;",
        "<" * 5000,
        "\u202e12345",
        "🔑" * 3000,
        "1\n2\n3",
        "STATUS_OK:5",
        'a "quoted" word',
        "{}",
        "é\u0301" * 2000,
    ],
)
async def test_a_strange_code_is_delivered(bot_world: World, code: str) -> None:
    """Markup, emoji and very long texts are delivered as text, and the number can be completed."""
    ann = await bot_world.customer()
    number = await bot_world.buy(ann)
    bot_world.provider.deliver(number.id, code)
    message = await ann.sees("📩")
    await ann.sees("Complete")
    assert code.split(maxsplit=1)[0][:100].strip("\0\u202e") in message.text
    await ann.click("Complete")
    await ann.sees("✔️")
