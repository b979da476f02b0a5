"""Two providers at once: an API key reaches its own provider only, and each number stays with its own."""

import asyncio
import csv
import io
import json
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from dataclasses import dataclass, field

import pytest
from pydantic import SecretStr

from bot.accounts.preferences import Preference
from bot.errors import Blocked, InvalidState, KeyMissing, ProviderChanged, SealError
from bot.history.export import ExportFormat
from bot.provider.address import address
from bot.provider.pauses import ActionClass
from bot.sandbox.provider import SMS_ACTIVATE, FaultKind, Number, SandboxProvider
from bot.sandbox.telegram import Message, Person
from bot.storage import transitions, users
from bot.telegram.texts.phones import pretty
from tests import factories
from tests.conftest import KEY, World

ANN, BOB = 1, 2
ANNS_OTHER, BOBS, BOBS_OTHER = "b" * 32, "c" * 32, "d" * 32
HERE = {KEY, BOBS}
THERE = {ANNS_OTHER, BOBS_OTHER}


@dataclass
class Two:
    """The running bot between two providers. Both accept every key, so that a misplaced key would work."""

    world: World
    there: SandboxProvider
    people: dict[int, Person] = field(default_factory=dict)

    @property
    def here(self) -> SandboxProvider:
        """The first provider, at which people bind a key in the chat."""
        return self.world.provider

    async def buy(self, person: Person, provider: SandboxProvider) -> Number:
        """Buy a number at the provider of a person's key."""
        before = len(provider.ledger)
        page = await self.world.open_page(person)
        await person.click("Buy", message=page)
        await provider.wait_for(lambda _: len(provider.ledger) > before)
        await person.until(lambda _: "Waiting for the code" in page.text)
        return provider.numbers[provider.ledger[-1].id]

    async def set_alert(self, person: Person) -> Message:
        """Set an alert for a service without numbers at the provider of a person's key."""
        for provider in (self.here, self.there):
            provider.set_stock("vi", 0)
        self.world.pass_time(61)
        page = await self.world.open_page(person, "Viber")
        await person.click("🔔 Notify me", message=page)
        await person.until(lambda _: "New alert" in page.text)
        await person.click("Any price", message=page)
        await person.until(lambda _: "Alert set" in page.text)
        return page

    async def check_alerts(self) -> None:
        """Let time pass, and run the alert checker for what is due then."""
        app = self.world.app
        assert app is not None
        for _ in range(2):  # the first turn meets the targets, the second one checks them
            self.world.pass_time(61)
            async with asyncio.TaskGroup() as group:
                await app.alert_checker.tick(group, self.world.clock.steady())

    def rows(self, statement: str) -> list[tuple[object, ...]]:
        """Return rows of the database."""
        with closing(sqlite3.connect(self.world.values["database_path"])) as connection:
            return connection.execute(statement).fetchall()

    def change(self, statement: str) -> None:
        """Change the database as somebody with access to the file could."""
        with closing(sqlite3.connect(self.world.values["database_path"])) as connection:
            connection.executescript(statement)

    @property
    def address_there(self) -> str:
        """The address of the second provider."""
        return address(self.world.more_profiles[0].url)

    def check_keys(self) -> None:
        """Check which keys each provider was ever shown."""
        for provider, own in ((self.here, HERE), (self.there, THERE)):
            shown = {request.params["api_key"] for request in provider.requests}
            assert shown <= own, "a key has reached the other provider"


@pytest.fixture
async def two(world: World) -> Two:
    """The running bot with two providers."""
    there = await world.add_provider("there", "USD")
    for provider in (world.provider, there):
        provider.dialect = SMS_ACTIVATE
        for key in HERE | THERE:
            provider.open_account(key, "50")
    await world.start(max_active=50)
    return Two(world, there)


async def _shop(_two: Two, person: Person) -> None:
    screen = await person.sees("Choose a service", after=await person.send("/buy"))
    await person.click("Telegram", message=screen)
    await person.until(lambda _: any(label.startswith("Viettel") for label in screen.labels))


async def _search(_two: Two, person: Person) -> None:
    await person.sees("Choose an operator", after=await person.send("whatsapp"))


async def _inline(_two: Two, person: Person) -> None:
    await person.inline("telegram")


async def _balance(_two: Two, person: Person) -> None:
    await person.sees("Balance", after=await person.send("/balance"))


async def _active(two: Two, person: Person) -> None:
    for provider, keys in ((two.here, HERE), (two.there, THERE)):
        for key in keys:
            provider.buy(provider.accounts[key], "tg", "10")
    await person.sees("active number", after=await person.send("/active"))


async def _buy_unclearly(two: Two, person: Person) -> None:
    page = await two.world.open_page(person)
    for provider in (two.here, two.there):
        provider.fail(FaultKind.BODY, action="getNumber", body="ERROR_SQL", times=None)
    await person.click("Buy", message=page)
    await person.until(lambda _: "unclear" in page.text)
    two.here.faults.clear()
    two.there.faults.clear()
    two.world.pass_time(40)
    two.world.pass_time(40)


async def _alert(two: Two, person: Person) -> None:
    await two.set_alert(person)
    two.world.pass_time(61)


async def _receive(two: Two, _person: Person) -> None:
    for provider in (two.here, two.there):
        for number in list(provider.numbers.values()):
            if number.state.is_open:
                provider.deliver(number.id, "5150")
    two.world.pass_time(5)


ACTIONS: tuple[Callable[[Two, Person], Awaitable[None]], ...] = (
    _shop,
    _search,
    _inline,
    _balance,
    _active,
    _buy_unclearly,
    _alert,
    _receive,
)


@pytest.mark.parametrize("turn", [0, 1, 2, 3])
async def test_no_key_reaches_another_provider(two: Two, turn: int) -> None:
    """Whatever people do who buy and then change their provider, a key is shown to its own provider only."""
    people = {ANN: await two.world.customer(ANN), BOB: await two.world.customer(BOB, BOBS)}
    keys = {ANN: (KEY, ANNS_OTHER), BOB: (BOBS, BOBS_OTHER)}
    is_there = False
    for action in ACTIONS[turn::4]:
        for person in people.values():
            await two.buy(person, two.there if is_there else two.here)
        is_there = not is_there
        for id_, person in people.items():
            await two.world.bind(id_, keys[id_][is_there], "there" if is_there else "own")
            await action(two, person)
        two.world.pass_time(30)
    two.world.pass_time(1300)
    await two.world.stop()
    await two.world.start()
    two.check_keys()
    assert {request.params["api_key"] for request in two.there.requests} == THERE


async def test_equal_ids_of_two_providers_are_two_numbers(two: Two) -> None:
    """Each number gets its own code, even if one text is the API key at both providers."""
    ann = await two.world.customer()
    first = await two.buy(ann, two.here)
    await two.world.bind(ANN, KEY, "there")
    second = await two.buy(ann, two.there)
    assert first.id == second.id
    assert two.rows("SELECT provider, provider_id, state FROM activations ORDER BY id") == [
        ("own", first.id, "waiting"),
        ("there", first.id, "waiting"),
    ]
    two.here.deliver(first.id, "1111")
    await ann.sees(pretty(first.phone), "1111")
    two.there.deliver(second.id, "2222")
    await ann.sees(pretty(second.phone), "2222")
    assert two.rows("SELECT activation_id, text FROM codes ORDER BY activation_id") == [
        (1, "1111"),
        (2, "2222"),
    ]


async def test_a_refused_key_s_number_is_not_moved_to_another_provider(two: Two) -> None:
    """A key of another provider does not take the number over, although that provider knows its id."""
    ann = await two.world.customer()
    number = await two.buy(ann, two.here)
    two.there.buy(two.there.accounts[ANNS_OTHER], "tg", "10")
    assert number.id in two.there.numbers
    two.here.close_account(KEY)
    await ann.sees("no longer accepts your API key")
    await two.world.bind(ANN, ANNS_OTHER, "there")
    assert two.rows("SELECT key_id, provider FROM activations") == [(1, "own")]
    assert "getStatus" not in {request.action for request in two.there.requests}
    two.here.open_account(KEY)
    await two.world.bind(ANN, KEY, "own")
    two.here.deliver(number.id, "5150")
    await ann.sees(pretty(number.phone), "5150")
    two.check_keys()


def _change_provider(connection: sqlite3.Connection) -> None:
    users.bind(connection, ANN, "sealed", 1, provider="there", address="there.example/api")


async def test_the_database_refuses_a_key_of_another_provider(two: Two) -> None:
    """Neither an open number nor a new purchase gets a key of another provider."""
    await two.world.customer()
    async with factories.open_database(two.world) as db:
        bought = await db.write(factories.add_bought, ANN, at=1)
        await db.write(_change_provider)
        with pytest.raises(InvalidState):
            await db.write(transitions.change_key, bought.id, 2)
        with pytest.raises(KeyMissing):
            await db.write(factories.add_ordered, ANN, at=1, provider="own")


async def test_a_row_that_names_another_provider_sends_no_key_there(two: Two) -> None:
    """The address that is sealed with a key decides where it is sent, not the row; a start mends the row."""
    ann = await two.world.customer()
    number = await two.buy(ann, two.here)
    assert two.world.app is not None
    for table, answer in (
        ("activations", "Balance"),
        ("users", "Balance"),
        ("api_keys", "Your API key is for"),
    ):
        two.change(f"UPDATE {table} SET provider = 'there'")  # noqa: S608  # a constant
        two.world.app.accounts.forget_keys([1])
        two.world.pass_time(10)
        await ann.sees(answer, after=await ann.send("/balance"))
    await two.world.stop()
    await two.world.start()
    assert two.rows("SELECT provider FROM activations UNION SELECT provider FROM api_keys") == [("own",)]
    two.here.deliver(number.id, "5150")
    await ann.sees(pretty(number.phone), "5150")
    assert not two.there.requests


async def test_a_changed_address_does_not_open_a_key(two: Two) -> None:
    """A row that was changed as a whole stops the start, because the key was sealed for another address."""
    await two.world.customer()
    await two.world.stop()
    two.change(f"UPDATE api_keys SET provider = 'there', address = '{two.address_there}'")  # noqa: S608  # a constant
    with pytest.raises(SealError, match="another provider"):
        await two.world.start()
    assert not two.there.requests


async def test_a_start_without_the_provider_of_an_open_number_is_refused(two: Two) -> None:
    """The message names the number and its provider; with the provider back, the code comes."""
    ann = await two.world.customer()
    await two.world.bind(ANN, ANNS_OTHER, "there")
    number = await two.buy(ann, two.there)
    await two.world.bind(ANN, KEY, "own")
    await two.world.stop()
    address_there, profile = two.address_there, two.world.drop_provider("there")
    with pytest.raises(ProviderChanged) as stopped:
        await two.world.start()
    assert stopped.value.problems == [
        f"Number +{number.phone} is open at there ({address_there}), which is not in the settings.",
        "Set the provider back, at this address, until they have ended.",
    ]
    two.world.more_profiles.append(profile)
    await two.world.start()
    two.there.deliver(number.id, "5150")
    await ann.sees(pretty(number.phone), "5150")
    two.check_keys()


async def test_what_belongs_to_a_provider_off_the_offer_is_kept_and_unused(two: Two) -> None:
    """Its key, favourite and alert come back with it; meanwhile they are neither used nor offered."""
    ann = await two.world.customer()
    await two.world.bind(ANN, ANNS_OTHER, "there")
    page = await two.world.open_page(ann, "WhatsApp")
    await ann.click("☆ Favourite", message=page)
    await two.set_alert(ann)
    await two.world.stop()
    profile, asked = two.world.drop_provider("there"), len(two.there.requests)
    await two.world.start()
    await ann.sees("Your API key is for", after=await ann.send("/balance"))
    await two.world.bind(ANN, KEY, "own")
    await ann.sees("No favourites yet", after=await ann.send("/favourites"))
    await ann.sees("No alerts yet", after=await ann.send("/alerts"))
    two.world.pass_time(120)
    await two.world.stop()
    assert len(two.there.requests) == asked
    two.world.more_profiles.append(profile)
    await two.world.start()
    await two.world.bind(ANN, ANNS_OTHER, "there")
    await ann.sees("WhatsApp", after=await ann.send("/favourites"))
    await ann.sees("Viber", after=await ann.send("/alerts"))
    two.check_keys()


async def test_each_provider_has_its_own_prices_and_counts(two: Two) -> None:
    """Pages show what the provider of the bound key sells, whatever was shown of another one before."""
    ann = await two.world.customer()
    two.here.set_stock("tg", 52, price="0.11")
    two.there.set_stock("tg", 31, price="0.99")
    for provider, key, count, price in (
        ("own", KEY, "52", "0.11"),
        ("there", ANNS_OTHER, "31", "0.99"),
    ):
        await two.world.bind(ANN, key, provider)
        sent = await ann.send("Telegram")
        await ann.sees("Choose an operator", f"Any operator · {count}", after=sent)
        assert price in (await two.world.open_page(ann)).text


async def test_old_buttons_of_another_provider_buy_nothing(two: Two) -> None:
    """A quote, a favourite and an earlier purchase of a provider say which key they need."""
    ann = await two.world.customer()
    page = await two.world.open_page(ann, "WhatsApp")
    await ann.click("☆ Favourite", message=page)
    favourites = await ann.sees("WhatsApp", after=await ann.send("/favourites"))
    await two.world.bind(ANN, ANNS_OTHER, "there")
    for message, label in ((page, "Buy"), (favourites, "★ WhatsApp")):
        sent = ann.messages[-1]
        toast = await ann.click(label, message=message)
        said = toast.text if toast is not None else (await ann.sees("Your API key is for", after=sent)).text
        assert "Your API key is for there.example. Please send me your key for 127.0.0.1" in said
    assert two.here.ledger == two.there.ledger == []
    assert not two.world.asked("getNumber")
    two.check_keys()


async def test_amounts_are_compared_within_one_provider(two: Two) -> None:
    """Limits, spending and statistics of one provider say nothing about another, and come back with it."""
    ann = await two.world.customer()
    app = two.world.app
    assert app is not None
    preferences, history = app.features.preferences, app.features.history
    here = await app.accounts.get_or_create(ANN, None)
    await preferences.choose(here, Preference.DAY_LIMIT, "1")
    await two.buy(ann, two.here)
    await two.world.bind(ANN, ANNS_OTHER, "there")
    there = await app.accounts.get_or_create(ANN, None)
    assert (here.provider, there.provider) == ("own", "there")
    assert (await preferences.of(ANN)).day_limit is None
    assert (
        (await preferences.spent_today(there)).count == (await history.spending(there)).still_open.count == 0
    )
    await preferences.choose(there, Preference.DAY_LIMIT, "700")
    await two.world.bind(ANN, KEY, "own")
    assert (await preferences.of(ANN)).day_limit == 1
    assert (await preferences.spent_today(here)).count == (await history.spending(here)).still_open.count == 1


async def test_an_unclear_purchase_compares_ids_within_its_provider(two: Two) -> None:
    """A number found in the list is adopted, although the other provider has its id, and the same key."""
    ann = await two.world.customer()
    known = await two.buy(ann, two.here)
    await two.world.bind(ANN, KEY, "there")
    page = await two.world.open_page(ann)
    two.there.fail(FaultKind.COMMIT_THEN_CUT, action="getNumber")
    await ann.click("Buy", message=page)
    await ann.until(lambda _: "Waiting for the code" in page.text)
    assert two.there.ledger[-1].id == known.id
    assert two.rows("SELECT provider, provider_id FROM activations ORDER BY id") == [
        ("own", known.id),
        ("there", known.id),
    ]


async def test_an_alert_waits_for_a_key_of_its_provider(two: Two) -> None:
    """With a key of another provider bound, an alert is not checked there; with its own key it goes on."""
    ann = await two.world.customer()
    page = await two.set_alert(ann)
    await two.world.bind(ANN, ANNS_OTHER, "there")
    two.there.set_stock("vi", 5)
    asked = len(two.there.requests)
    await two.check_alerts()
    assert len(two.there.requests) == asked
    two.here.set_stock("vi", 5)
    await two.world.bind(ANN, KEY, "own")
    await two.check_alerts()
    await ann.sees("Viber", "available", after=page)


async def test_a_paused_provider_does_not_hold_up_another(two: Two) -> None:
    """While one provider blocks all requests, the codes of the other one come."""
    people = await two.world.customer(ANN), await two.world.customer(BOB, BOBS)
    for person in people:
        await two.buy(person, two.here)
    await two.world.bind(ANN, ANNS_OTHER, "there")
    number = await two.buy(people[0], two.there)
    app = two.world.app
    assert app is not None
    budget = app.accounts.gateways.of("own").budget
    for key in HERE & {KEY, BOBS}:
        budget.pause(SecretStr(key), Blocked(3600), ActionClass.CHECKS)
    assert budget.host_wait()
    two.there.deliver(number.id, "5150")
    await people[0].sees(pretty(number.phone), "5150")


async def test_the_export_names_the_provider_and_its_currency(two: Two) -> None:
    """Each number has its provider, and the currency that this has; no amounts are mixed."""
    ann = await two.world.customer()
    await two.buy(ann, two.here)
    await two.world.bind(ANN, ANNS_OTHER, "there")
    await two.buy(ann, two.there)
    app = two.world.app
    assert app is not None
    table, everything = await app.features.history.files(ANN, [*ExportFormat], lambda provider, _: provider)
    lines = [*csv.DictReader(io.StringIO(table.content.decode("utf-8-sig")))]
    found = [(line["provider"], line["country_name"], line["currency"]) for line in lines]
    assert found == [("own", "own", ""), ("there", "there", "USD")]
    content = json.loads(everything.content)
    assert content["currencies"] == {"own": "", "there": "USD"}
    assert [row["provider"] for row in content["activations"]] == ["own", "there"]
