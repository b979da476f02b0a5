"""Purchases: one tap buys at most one number, and an unclear purchase is reconciled or stays unknown."""

import asyncio
import json
import sqlite3
from dataclasses import replace
from typing import Any

import pytest

from bot import domain, errors
from bot.activations.reconciliation import Reconciliation
from bot.sandbox.provider import SMS3T, SMS_ACTIVATE, FaultKind, NumberState
from bot.sandbox.telegram import Person
from bot.storage import activations, transitions
from tests import factories
from tests.conftest import KEY, World

UNCLEAR = [
    FaultKind.COMMIT_THEN_CUT,
    FaultKind.HALF_BODY,
]


async def test_many_taps_on_one_button_buy_once(bot_world: World) -> None:
    """Repeated taps on a button, in any number and at any speed, make one purchase."""
    ann = await bot_world.customer()
    page = await bot_world.open_page(ann)
    data = next(button.data for button in page.buttons if button.text.startswith("Buy at"))
    assert data is not None
    queries = [ann.tap(page, data) for _ in range(30)]
    await ann.until(lambda _: all(query.answered for query in queries))
    await ann.sees("Waiting for the code")
    toast = await ann.press(data, message=page)
    assert toast is not None
    assert "already used" in toast.text
    assert len(bot_world.provider.ledger) == 1
    assert len(bot_world.asked("getNumber")) == 1


async def test_a_button_works_once_even_after_a_restart(bot_world: World) -> None:
    """The token of a used quote stays used after a restart."""
    ann = await bot_world.customer()
    page = await bot_world.open_page(ann)
    data = next(button.data for button in page.buttons if button.text.startswith("Buy at"))
    assert data is not None
    await bot_world.stop()
    await bot_world.start()
    await ann.press(data, message=page)
    await ann.sees("Waiting for the code")
    await bot_world.stop()
    await bot_world.start()
    await bot_world.until_listening()
    toast = await ann.press(data, message=page)
    assert toast is not None
    assert "already used" in toast.text
    assert len(bot_world.provider.ledger) == 1


async def test_a_second_quote_is_a_second_purchase(bot_world: World) -> None:
    """Each quote can buy one number."""
    ann = await bot_world.customer()
    await bot_world.buy(ann)
    await bot_world.buy(ann)
    assert len(bot_world.provider.ledger) == 2


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("NO_NUMBERS", "sold out right now"),
        ("NO_BALANCE", "balance at the provider is too low"),
        ("BAD_SERVICE", "doesn’t offer this service"),
        ("BANNED:'2027-01-02 03-04-05'", "blocked your account until 2027-01-02 03-04-05"),
        ("CHANNELS_LIMIT", "as many numbers as the provider allows"),
        ("WRONG_MAX_PRICE:0.75", "at least 0.75"),
        ("BAD_KEY", "doesn’t accept your API key"),
        ('{"title": "NO_BALANCE", "details": "", "info": {}}', "balance at the provider is too low"),
    ],
)
async def test_a_refusal_is_explained(bot_world: World, body: str, sentence: str) -> None:
    """If the provider refuses, the card says why and that nothing was bought."""
    ann = await bot_world.customer()
    await bot_world.open_page(ann)
    bot_world.provider.fail(FaultKind.BODY, action="getNumber", body=body)
    await ann.click("Buy")
    await ann.sees("Nothing was bought.", sentence, "Try again")
    assert len(bot_world.asked("getNumber")) == 1


async def test_an_unreachable_provider_sold_nothing(world: World) -> None:
    """A failure before the request was sent is not an unclear purchase."""
    await world.start()
    ann = await world.customer()
    await world.open_page(ann)
    assert world.app is not None
    transport = world.app.accounts.gateways.first.client.transport  # a new start asks the price first
    transport._url = "http://127.0.0.1:1/stubs/handler_api.php"  # noqa: SLF001
    await ann.click("Buy")
    await ann.sees("Nothing was bought.", "can’t reach the provider")


async def test_a_database_error_before_the_request_buys_nothing(bot_world: World) -> None:
    """If the evidence before the request cannot be stored, no request is sent and nothing is unclear."""
    ann = await bot_world.customer()
    await bot_world.open_page(ann)
    with bot_world.full_disk("UPDATE OF balance_before ON activations"):
        await ann.click("Buy")
        await ann.sees("Nothing was bought.", "I can’t use my database right now", "Try again")
    assert bot_world.asked("getNumber") == []
    await bot_world.buy(ann)
    assert len(bot_world.provider.ledger) == 1


async def test_a_country_no_longer_on_offer_sells_nothing(world: World) -> None:
    """A quote for a country that was removed from COUNTRIES buys nothing."""
    await world.start()
    ann = await world.customer()
    await world.open_page(ann)
    await world.stop()
    await world.start(countries="0")
    await world.until_listening()
    toast = await ann.click("Buy")
    assert toast is not None
    assert "doesn’t offer this country" in toast.text
    assert world.asked("getNumber") == []


async def test_a_quoted_price_is_valid_for_half_a_minute(bot_world: World) -> None:
    """Without a current price, the quote's price is used for half a minute."""
    ann = await bot_world.customer()
    first, second = [await bot_world.open_page(ann) for _ in range(2)]
    for action in ("getPrices", "getNumbersStatus"):
        bot_world.provider.fail(FaultKind.STATUS, action=action, status=503, times=None)
    bot_world.pass_time(25)
    await ann.click("Buy", message=first)
    await ann.sees("Waiting for the code")
    bot_world.pass_time(10)
    toast = await ann.click("Buy", message=second)
    assert toast is not None
    assert "has a problem" in toast.text
    assert len(bot_world.asked("getNumber")) == 1


@pytest.mark.parametrize("method", ["post", "get"])
@pytest.mark.parametrize("kind", UNCLEAR)
async def test_a_purchase_with_a_lost_answer_is_found_in_the_list(
    world: World, kind: FaultKind, method: str
) -> None:
    """A purchase whose answer was lost is found in the provider's list of active numbers."""
    world.provider.dialect = SMS_ACTIVATE
    await world.start(provider_method=method)
    ann = await world.customer()
    await world.open_page(ann)
    world.provider.fail(kind, action="getNumber")
    await ann.click("Buy")
    await ann.sees("Waiting for the code")
    (number,) = world.provider.numbers.values()
    world.provider.deliver(number.id, "314159")
    await ann.sees("· Telegram", "314159")
    assert len(world.asked("getNumber")) == 1


async def look_again(world: World, person: Person, seconds: float) -> None:
    """Let time pass and tap "Check again"; the tap waits for a check that is in progress."""
    world.pass_time(seconds)
    await person.click("Check again")


async def pass_both_looks(world: World, person: Person) -> None:
    """Make the two looks at the list that are needed before a number counts as not bought."""
    await look_again(world, person, 62)
    await look_again(world, person, 20)
    await person.sees("Nothing was bought.", "could not find a new number")


async def test_an_older_number_is_not_adopted(bot_world: World) -> None:
    """A number that was bought elsewhere before the tap is not adopted; two looks at the list show that."""
    bot_world.provider.dialect = SMS_ACTIVATE
    account = bot_world.provider.accounts[KEY]
    bot_world.provider.buy(account, "tg", "10")
    ann = await bot_world.customer()
    await bot_world.buy_unclearly(ann)
    ann.sees_no("Nothing was bought.")
    await pass_both_looks(bot_world, ann)


@pytest.mark.parametrize("body", ["ERROR_SQL", "", "<html>oops</html>", "ORDER_ALREADY_EXISTS"])
async def test_a_late_sale_behind_a_gateway_is_found(bot_world: World, body: str) -> None:
    """A number that appears after the unclear answer is adopted, also after the purchase was given up."""
    bot_world.provider.dialect = SMS_ACTIVATE
    ann = await bot_world.customer()
    await bot_world.open_page(ann)
    bot_world.provider.fail(FaultKind.BODY, action="getNumber", body=body)
    await ann.click("Buy")
    await ann.sees("It’s unclear whether a number was bought")
    await pass_both_looks(bot_world, ann)
    number = bot_world.provider.buy(bot_world.provider.accounts[KEY], "tg", "10")
    bot_world.pass_time(61)
    await ann.sees("The purchase went through")
    await ann.sees("Waiting for the code", f"+{number.phone}")
    bot_world.provider.deliver(number.id, "314159")
    await ann.sees("· Telegram", "314159")
    assert len(bot_world.asked("getNumber")) == 1


async def test_candidates_that_turn_up_late_are_told(bot_world: World) -> None:
    """If several numbers turn up after a purchase was given up, a notice asks the user to choose one."""
    bot_world.provider.dialect = SMS_ACTIVATE
    ann = await bot_world.customer()
    await bot_world.buy_unclearly(ann)
    await pass_both_looks(bot_world, ann)
    for _ in range(2):
        bot_world.provider.buy(bot_world.provider.accounts[KEY], "tg", "10")
    bot_world.pass_time(61)
    await ann.sees("A number turned up in your account that may be from this purchase.", "Check again")
    assert len(bot_world.asked("getNumber")) == 1


@pytest.mark.parametrize("body", ["ERROR_SQL", "", "<html>oops</html>", "SOMETHING_NEW", '{"half":'])
async def test_an_unchanged_balance_shows_nothing(bot_world: World, body: str) -> None:
    """Without a list the purchase stays unclear for the whole lifetime, whatever the balance does."""
    ann = await bot_world.customer()
    await bot_world.open_page(ann)
    bot_world.provider.fail(FaultKind.BODY, action="getNumber", body=body)
    await ann.click("Buy")
    await ann.sees("It’s unclear whether a number was bought", "no list of your numbers")
    for seconds in (70, 30, 300):
        await look_again(bot_world, ann, seconds)
    ann.sees_no("Nothing was bought.")
    await look_again(bot_world, ann, 900)
    bot_world.pass_time(61)
    await ann.sees("It never became clear")
    assert len(bot_world.asked("getNumber")) == 1


async def test_without_the_list_from_before_the_user_confirms_the_number(bot_world: World) -> None:
    """Without the list from before the purchase no number is adopted and no absence is concluded."""
    bot_world.provider.dialect = SMS_ACTIVATE
    ann = await bot_world.customer()
    failing = bot_world.provider.fail(FaultKind.STATUS, status=503, action="getActiveActivations", times=None)
    await bot_world.open_page(ann)
    bot_world.provider.fail(FaultKind.COMMIT_THEN_CUT, action="getNumber")
    await ann.click("Buy")
    await ann.sees("It’s unclear whether a number was bought")
    bot_world.provider.heal(failing)
    bot_world.pass_time(11)
    await ann.sees("numbers that may be from this purchase")
    await ann.click("Check again")
    (number,) = bot_world.provider.numbers.values()
    choice = await ann.sees("Which of these numbers", number.id)
    await ann.click(f"{number.phone} · {number.id}", message=choice)
    await ann.sees("Waiting for the code", f"+{number.phone}")


async def test_a_number_that_is_held_is_no_second_purchase(bot_world: World) -> None:
    """If the provider answers with the open number again, nothing is counted or told twice."""
    ann = await bot_world.customer()
    number = await bot_world.buy(ann)
    page = await bot_world.open_page(ann)
    body = f"ACCESS_NUMBER:{number.id}:{number.phone}"
    bot_world.provider.fail(FaultKind.BODY, action="getNumber", body=body)
    await ann.click("Buy", message=page)
    await ann.sees("Nothing was bought.", "already holds")
    async with factories.open_database(bot_world) as db:
        (held,) = await db.read(activations.list_open)
    assert held.provider_id == number.id


async def test_a_lower_balance_without_a_number_stays_unknown(bot_world: World) -> None:
    """Without a list, a lower balance leaves the purchase unknown, even after a refund."""
    ann = await bot_world.customer()
    await bot_world.open_page(ann)
    bot_world.provider.fail(FaultKind.COMMIT_THEN_BODY, action="getNumber", body="ERROR_SQL")
    await ann.click("Buy")
    await ann.sees("It’s unclear whether a number was bought", "balance dropped by", "Check again")
    toast = await ann.click("Check again")
    assert toast is not None
    assert toast.text == "Still unclear. I’ll keep checking."
    assert len(bot_world.asked("getNumber")) == 1
    bot_world.pass_time(1201)
    await ann.sees("It never became clear")


async def test_an_unclear_purchase_counts_as_active(world: World) -> None:
    """An unclear purchase counts against the limit of active numbers."""
    await world.start(max_active=1)
    ann = await world.customer()
    await world.open_page(ann)
    world.provider.fail(FaultKind.COMMIT_THEN_BODY, action="getNumber", body="ERROR_SQL")
    await ann.click("Buy")
    await ann.sees("It’s unclear")
    await world.open_page(ann)
    toast = await ann.click("Buy")
    assert toast is not None
    assert "You have 1 active number; the limit is 1" in toast.text


async def test_check_again_finds_the_number(bot_world: World) -> None:
    """When the provider's list works again, "Check again" adopts the number."""
    bot_world.provider.dialect = SMS_ACTIVATE
    ann = await bot_world.customer()
    await bot_world.open_page(ann)
    bot_world.provider.fail(FaultKind.COMMIT_THEN_CUT, action="getNumber", seconds=0.5)
    await ann.click("Buy")
    await bot_world.provider.wait_for(lambda _: len(bot_world.asked("getNumber")) == 1)
    await_list = bot_world.provider.fail(
        FaultKind.STATUS, status=503, action="getActiveActivations", times=None
    )
    await ann.sees("It’s unclear")
    bot_world.provider.heal(await_list)
    toast = await ann.click("Check again")
    assert toast is not None
    assert toast.text == "The number was bought."
    await ann.sees("Waiting for the code")


async def test_an_id_without_a_number_can_be_cancelled(bot_world: World) -> None:
    """An answer with an id but without a phone number is a purchase that is shown and can be cancelled."""
    ann = await bot_world.customer()
    await bot_world.open_page(ann)
    account = bot_world.provider.accounts[KEY]
    number = bot_world.provider.buy(account, "tg", "10")
    bot_world.provider.fail(FaultKind.BODY, action="getNumber", body=f"ACCESS_NUMBER:{number.id}:")
    await ann.click("Buy")
    await ann.sees("didn’t say which one", number.id)
    bot_world.pass_time(121)
    await ann.click("Cancel")
    await ann.sees("✖️ Cancelled.")
    assert number.state is NumberState.CANCELLED


async def test_an_orderly_stop_waits_for_a_purchase(bot_world: World) -> None:
    """An orderly stop waits for a purchase in progress and records it."""
    ann = await bot_world.customer()
    await bot_world.open_page(ann)
    bot_world.provider.fail(FaultKind.DELAY, action="getNumber", seconds=0.6)
    await ann.click("Buy")
    await bot_world.provider.wait_for(lambda p: any(r.action == "getNumber" for r in p.requests))
    await asyncio.wait_for(bot_world.stop(), 20)
    await bot_world.start()
    await ann.sees("Waiting for the code")


async def test_an_orderly_stop_waits_for_a_purchase_that_starts_late(bot_world: World) -> None:
    """A tap whose price is still being requested at the stop buys, and the purchase is recorded."""
    ann = await bot_world.customer()
    page = await bot_world.open_page(ann)
    data = next(button.data for button in page.buttons if button.text.startswith("Buy at"))
    assert data is not None
    asked = len(bot_world.asked("getPrices"))
    bot_world.pass_time(31)
    for action in ("getPrices", "getNumber"):
        bot_world.provider.fail(FaultKind.DELAY, action=action, seconds=0.6)
    ann.tap(page, data)
    await bot_world.provider.wait_for(lambda _: len(bot_world.asked("getPrices")) > asked)
    await asyncio.wait_for(bot_world.stop(), 20)
    (number,) = bot_world.provider.numbers.values()
    async with factories.open_database(bot_world) as db:
        (activation,) = await db.read(activations.list_open)
    assert (activation.state, activation.provider_id) == (domain.State.WAITING, number.id)
    ann.sees_no("It’s unclear")
    await bot_world.start()
    await ann.sees("Waiting for the code", f"+{number.phone}")
    assert len(bot_world.asked("getNumber")) == 1


async def test_a_crash_during_a_purchase_is_reconciled_at_start(bot_world: World) -> None:
    """A purchase in progress during a crash is adopted at the next start."""
    bot_world.provider.dialect = SMS_ACTIVATE
    ann = await bot_world.customer()
    await bot_world.open_page(ann)
    bot_world.provider.fail(FaultKind.COMMIT_THEN_HANG, action="getNumber")
    await ann.click("Buy")
    await bot_world.provider.wait_for(lambda p: len(p.ledger) == 1)
    await bot_world.kill()
    await bot_world.start()
    await ann.sees("Waiting for the code")
    assert len(bot_world.provider.ledger) == 1


async def test_the_user_chooses_between_two_candidates(bot_world: World) -> None:
    """If several new numbers fit an unclear purchase, the user chooses one."""
    bot_world.provider.dialect = SMS_ACTIVATE
    ann = await bot_world.customer()
    await bot_world.open_page(ann)
    bot_world.provider.fail(FaultKind.COMMIT_THEN_HANG, action="getNumber")
    await ann.click("Buy")
    await bot_world.provider.wait_for(lambda p: len(p.ledger) == 1)
    bot_world.provider.buy(bot_world.provider.accounts[KEY], "tg", "10")
    await bot_world.kill()
    await bot_world.start()
    await ann.sees("numbers that may be from this purchase")
    await ann.click("Check again")
    mine, other = bot_world.provider.numbers.values()
    choice = await ann.sees("Which of these numbers", mine.id, other.id)
    await ann.click(f"{mine.phone} · {mine.id}", message=choice)
    await ann.sees("Waiting for the code", f"+{mine.phone}")
    bot_world.provider.deliver(mine.id, "2718")
    await ann.sees("· Telegram", "2718")
    assert other.id not in " ".join(choice.labels)
    toast = await ann.press(f"p:1:{other.id}", message=choice)
    assert toast is not None
    assert "not possible" in toast.text


async def test_candidates_may_have_the_longest_ids(bot_world: World) -> None:
    """Ids of 64 characters can be chosen; a forged button, or one of another purchase, is only answered."""
    ids = ["9" * 62 + end for end in ("-1", "-2")]
    ann = await bot_world.customer()
    await bot_world.open_page(ann)
    bot_world.provider.dialect = SMS_ACTIVATE
    rows = [
        {"activationId": id_, "serviceCode": "tg", "phoneNumber": phone, "countryCode": "10"}
        for id_, phone in zip(ids, ("84912345678", "84912345679"), strict=True)
    ]
    bot_world.provider.fail(FaultKind.BODY, action="getNumber", body="ERROR_SQL")
    none = bot_world.provider.fail(FaultKind.STATUS, status=503, action="getActiveActivations", times=None)
    await ann.click("Buy")
    await ann.sees("It’s unclear whether a number was bought")
    bot_world.provider.heal(none)
    listed = json.dumps({"status": "success", "activeActivations": rows})
    bot_world.provider.fail(FaultKind.BODY, action="getActiveActivations", body=listed, times=None)
    await ann.click("Check again")
    choice = await ann.sees("Which of these numbers")
    first, second = choice.buttons[:2]
    assert first.text == "84912345678 · 9999999999…99999999-1"
    assert second.data is not None
    for forged in ("p:1:x", f"p:1:{ids[0][:50]}", "p:1:", f"p:2:{second.data[4:]}", f"p:{2**62}:x"):
        toast = await ann.press(forged, message=choice)
        assert toast is not None
        assert toast.text
    ann.sees_no("Waiting for the code")
    await ann.press(second.data, message=choice)
    await ann.sees("Waiting for the code", "+84912345679")
    async with factories.open_database(bot_world) as db:
        (held,) = await db.read(activations.list_open)
    assert held.provider_id == ids[1]


async def test_a_referral_id_is_sent(world: World) -> None:
    """REFERRAL_ID is sent with each purchase."""
    await world.start(referral_id="r-42")
    ann = await world.customer()
    await world.buy(ann)
    (request,) = world.asked("getNumber")
    assert request["ref"] == "r-42"


async def test_a_provider_without_prices_can_be_used(world: World) -> None:
    """Without prices the list is made from counts, and the price is shown as unknown."""
    world.provider.dialect = replace(SMS3T, actions=SMS3T.actions - {"getPrices"})
    await world.start()
    ann = await world.customer()
    await world.open_page(ann)
    await ann.sees("not shown by the provider")
    await ann.click("Buy")
    await ann.sees("Waiting for the code")


def fail_once(monkeypatch: pytest.MonkeyPatch, error: Exception) -> list[Exception]:
    """Let the first record of a bought number fail; return the failures that are left."""
    failures, bought = [error], transitions.bought

    def failing(*args: Any, **times: Any) -> domain.Activation:
        if failures:
            raise failures.pop()
        return bought(*args, **times)

    assert Reconciliation.record_number.__defaults__ == (bought,)
    monkeypatch.setattr(Reconciliation.record_number, "__defaults__", (failing,))
    return failures


@pytest.mark.parametrize(
    "error",
    [errors.StorageError("not a database"), errors.StorageBusy("full")],
    ids=lambda error: type(error).__name__,
)
async def test_the_number_is_recorded_after_any_failure_of_the_database(
    bot_world: World, error: Exception, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever the database fails with after the answer, the number is logged, and recorded when it works."""
    ann = await bot_world.customer()
    await bot_world.open_page(ann)
    failures = fail_once(monkeypatch, error)
    with caplog.at_level("INFO"):
        await ann.click("Buy")
        await ann.sees("Waiting for the code")
    (number,) = bot_world.provider.numbers.values()
    assert failures == []
    assert f"the provider's id is {number.id}" in caplog.text


@pytest.mark.parametrize(
    "error",
    [
        sqlite3.IntegrityError("constraint failed"),
        sqlite3.ProgrammingError("wrong number of bindings"),
        sqlite3.OperationalError("syntax error"),
        TypeError("no column"),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_a_bug_in_the_record_of_a_number_leaves_the_purchase_unclear(
    bot_world: World, error: Exception, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A bug is not retried: the id and the error are logged once, and reconciliation finds the number."""
    bot_world.provider.dialect = SMS_ACTIVATE
    ann = await bot_world.customer()
    await bot_world.open_page(ann)
    fail_once(monkeypatch, error)
    with caplog.at_level("INFO"):
        await ann.click("Buy")
        await ann.sees("It’s unclear whether a number was bought")
        bot_world.pass_time(61)
        await ann.sees("The purchase went through")
        await ann.sees("Waiting for the code")
    (number,) = bot_world.provider.numbers.values()
    assert len(bot_world.asked("getNumber")) == 1
    assert caplog.text.count(f"the provider's id {number.id} cannot be recorded") == 1
    assert caplog.text.count(f": {error}") == 1
    assert "trying again" not in caplog.text
