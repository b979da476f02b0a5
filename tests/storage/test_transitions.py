"""Activations in the database: creation, state changes, API keys, and pending deliveries."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from decimal import Decimal
from functools import cache
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st

from bot.domain import MOVES, NOTHING_BOUGHT, OPEN, Activation, Ending, NewCode, NoticeKind, Quote, State
from bot.errors import (
    ActivationGone,
    AlreadyOrdered,
    InvalidState,
    KeyMissing,
    QuoteExpired,
    TooManyActive,
)
from bot.storage import activations, migrations, outbox, quotes, transitions, users
from bot.storage.database import Database

ANN, BEN = 1, 2
NOW = 1_700_000_000


def _bind(
    connection: sqlite3.Connection,
    user_id: int,
    sealed: str = "sealed",
    provider: str = "own",
    account: str | None = None,
) -> int:
    address = f"{provider}.example/api"
    return users.bind(connection, user_id, sealed, NOW, provider=provider, address=address, account=account)


def _add_user_with_key(connection: sqlite3.Connection, user_id: int) -> None:
    users.get_or_create(connection, user_id, "en", NOW)
    _bind(connection, user_id, f"sealed{user_id}")


@cache
def _template() -> sqlite3.Connection:
    """Return a migrated in-memory database with two users, which is copied for each test and example."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.row_factory = sqlite3.Row
    migrations.migrate(connection, migrations.directory())
    for user_id in (ANN, BEN):
        _add_user_with_key(connection, user_id)
    return connection


@contextmanager
def _memory() -> Iterator[sqlite3.Connection]:
    """Yield a migrated in-memory database with two users."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA foreign_keys = ON")
        _template().backup(connection)
        yield connection


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    """A migrated in-memory database with two users."""
    with _memory() as connection:
        yield connection


_tokens = count()


def _quote(user_id: int = ANN, token: str | None = None) -> Quote:
    return Quote(
        token or f"token{next(_tokens)}",
        user_id,
        "tg",
        "Telegram",
        "10",
        ("viettel",),
        Decimal("0.50"),
        NOW,
        "own",
    )


def _order(connection: sqlite3.Connection, user_id: int = ANN, now: int = NOW) -> Activation:
    return transitions.create(connection, _quote(user_id), now, limit=50)


def _waiting(connection: sqlite3.Connection, user_id: int = ANN) -> Activation:
    order = _order(connection, user_id)
    return transitions.bought(
        connection,
        order.id,
        f"p{order.id}",
        "84912345678",
        bought_at=NOW,
        ends_at=NOW + 1200,
        cancel_from=NOW + 120,
    )


def _in_state(connection: sqlite3.Connection, state: State) -> Activation:
    """Return an activation in a state, reached by the shortest path."""
    match state:
        case State.ORDERING:
            return _order(connection)
        case State.UNKNOWN:
            return transitions.outcome_unknown(connection, _order(connection).id, "NoAnswer", NOW)
        case State.REFUSED:
            return transitions.refused(connection, _order(connection).id, NOTHING_BOUGHT, NOW)
        case State.WAITING:
            return _waiting(connection)
        case State.RECEIVED:
            return transitions.add_code(connection, _waiting(connection).id, NewCode("1"), NOW)
        case _:
            return transitions.end(connection, _waiting(connection).id, state, Ending.USER, NOW)


def _keys(connection: sqlite3.Connection) -> list[str]:
    return [key.sealed for key in users.list_sealed_keys(connection)]


def test_a_button_buys_once(connection: sqlite3.Connection) -> None:
    """The token of a quote is valid for one activation, even if that was refused."""
    quote = _quote()
    assert not activations.is_token_used(connection, quote.token)
    order = transitions.create(connection, quote, NOW, limit=5)
    assert activations.is_token_used(connection, quote.token)
    with pytest.raises(AlreadyOrdered):
        transitions.create(connection, quote, NOW, limit=5)
    transitions.refused(connection, order.id, "NoNumbers", NOW)
    with pytest.raises(AlreadyOrdered):
        transitions.create(connection, quote, NOW, limit=5)


def test_tokens_are_unique_in_the_table(connection: sqlite3.Connection) -> None:
    """The table has a unique constraint on tokens."""
    order = _order(connection)
    with pytest.raises(sqlite3.IntegrityError, match=r"activations\.token"):
        connection.execute(
            """INSERT INTO activations
               (token, user_id, key_id, service, service_name, country, operators, state, ordered_at)
               VALUES (?, 1, 1, 'tg', 'Telegram', '10', '[]', 'ordering', 0)""",
            (order.token,),
        )


async def test_two_taps_at_once_buy_once(tmp_path: Path) -> None:
    """Of concurrent taps on one button exactly one creates an activation."""
    quote = _quote()
    async with await Database.open(tmp_path / "bot.db") as db:
        await db.write(_add_user_with_key, ANN)
        outcomes = await asyncio.gather(
            *(db.write(transitions.create, quote, NOW, 50) for _ in range(10)), return_exceptions=True
        )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Activation"] + ["AlreadyOrdered"] * 9


def test_an_activation_has_the_data_of_its_quote(connection: sqlite3.Connection) -> None:
    """A new activation has the data of its quote and the bound key."""
    quote = _quote()
    order = transitions.create(connection, quote, NOW, limit=5)
    key_id = users.get_or_create(connection, ANN, None, NOW).key_id
    assert key_id is not None
    assert order == Activation(
        id=order.id,
        token=quote.token,
        user_id=ANN,
        key_id=key_id,
        provider="own",
        service="tg",
        service_name="Telegram",
        country="10",
        operators=("viettel",),
        price=Decimal("0.50"),
        state=State.ORDERING,
        ordered_at=NOW,
    )
    assert activations.get(connection, order.id, ANN) == order
    assert activations.list_open(connection) == activations.list_open_for_user(connection, ANN) == [order]


def test_nothing_is_ordered_without_a_key(connection: sqlite3.Connection) -> None:
    """A user without a bound key and an unknown user cannot create an activation."""
    users.unbind(connection, ANN)
    for user_id in (ANN, 99):
        with pytest.raises(KeyMissing):
            transitions.create(connection, _quote(user_id), NOW, limit=5)
    assert activations.list_open(connection) == []


@pytest.mark.parametrize("state", State)
def test_the_limit_counts_open_activations(connection: sqlite3.Connection, state: State) -> None:
    """Open activations count towards the limit; ended ones and those of other users do not."""
    _waiting(connection, BEN)
    _in_state(connection, state)
    if state in OPEN:
        with pytest.raises(TooManyActive) as caught:
            transitions.create(connection, _quote(), NOW, limit=1)
        assert caught.value.limit == 1
    else:
        transitions.create(connection, _quote(), NOW, limit=1)


def _move(connection: sqlite3.Connection, id_: int, target: State) -> None:
    """Try to move an activation to a state."""
    match target:
        case State.ORDERING:
            raise InvalidState  # no function moves back to the initial state
        case State.UNKNOWN:
            transitions.outcome_unknown(connection, id_, "NoAnswer", NOW)
        case State.REFUSED:
            transitions.refused(connection, id_, "NoNumbers", NOW)
        case State.WAITING if activations.get(connection, id_).state is State.RECEIVED:
            transitions.await_next_code(connection, id_, seen=False)
        case State.WAITING:
            transitions.bought(connection, id_, "p", "84", bought_at=NOW, ends_at=NOW + 1, cancel_from=NOW)
        case State.RECEIVED:
            transitions.end(connection, id_, State.RECEIVED, Ending.USER, NOW)
        case _:
            transitions.end(connection, id_, target, Ending.USER, NOW)


@pytest.mark.parametrize("source", State)
@pytest.mark.parametrize("target", State)
def test_only_allowed_moves_are_made(connection: sqlite3.Connection, source: State, target: State) -> None:
    """An allowed move changes the state; a forbidden one changes nothing."""
    before = _in_state(connection, source)
    if target in MOVES[source]:
        _move(connection, before.id, target)
        assert activations.get(connection, before.id).state is target
    else:
        with pytest.raises(InvalidState):
            _move(connection, before.id, target)
        assert activations.get(connection, before.id) == before


@settings(deadline=None)
@given(steps=st.lists(st.sampled_from(["code", "same", "earlier", "again", "seen", "end"]), max_size=12))
def test_no_code_is_lost_in_any_order(steps: list[str]) -> None:
    """Every code is stored in order, for any order of codes, resend requests and ends."""
    with _memory() as connection:
        activation, texts = _waiting(connection), []
        for number, step in enumerate(steps):
            before = activation
            match step:
                case "code" | "same" | "earlier":
                    text = "same" if step == "same" else f"code {number}"
                    texts.append(text)
                    news = NewCode(text, earlier=step == "earlier")
                    activation = transitions.add_code(connection, activation.id, news, NOW + number)
                case "again" | "seen" if activation.held:
                    activation = transitions.await_next_code(connection, activation.id, seen=step == "seen")
                case "end" if activation.held:
                    activation = transitions.end(connection, activation.id, State.COMPLETED, Ending.USER, NOW)
                case _:
                    continue
            assert activation.card_version == before.card_version + 1
        assert [code.text for code in activation.codes] == texts
        assert [code.ordinal for code in activation.codes] == list(range(1, len(texts) + 1))
        delivered = []
        while (delivery := outbox.next_delivery(connection, ANN)) and delivery.code:
            delivered.append(delivery.code.text)
            outbox.code_delivered(connection, activation.id, delivery.code.ordinal, NOW)
        assert delivered == texts


def test_a_code_and_its_state_are_written_together(connection: sqlite3.Connection) -> None:
    """If the activation cannot be updated, its code is not stored either."""
    before = _waiting(connection)
    connection.execute(
        "CREATE TEMP TRIGGER full BEFORE UPDATE ON activations BEGIN SELECT raise(ABORT, 'full'); END"
    )
    connection.execute("BEGIN")
    with pytest.raises(sqlite3.IntegrityError):
        transitions.add_code(connection, before.id, NewCode("0042"), NOW)
    assert connection.in_transaction
    connection.rollback()
    assert activations.get(connection, before.id) == before


@pytest.mark.parametrize(
    ("state", "at", "late"),
    [(State.WAITING, NOW, False), (State.WAITING, NOW + 1200, True), (State.EXPIRED, NOW, True)],
)
def test_a_late_code_is_marked(connection: sqlite3.Connection, state: State, at: int, late: bool) -> None:
    """A code after the deadline or after the end is stored and marked as late."""
    before = _in_state(connection, state)
    after = transitions.add_code(connection, before.id, NewCode("0042"), at)
    assert [(code.text, code.late) for code in after.codes] == [("0042", late)]
    assert after.state is (State.RECEIVED if state is State.WAITING else state)


def test_a_key_is_kept_for_an_open_activation(connection: sqlite3.Connection) -> None:
    """An unbound key is kept for an open activation and deleted when that ends."""
    activation = _waiting(connection)
    users.unbind(connection, ANN)
    assert users.get_sealed_key(connection, activation.key_id) == users.SealedKey(
        activation.key_id, ANN, "sealed1", "own", "own.example/api", bound=False
    )
    transitions.end(connection, activation.id, State.CANCELLED, Ending.USER, NOW)
    with pytest.raises(KeyMissing):
        users.get_sealed_key(connection, activation.key_id)
    assert _keys(connection) == ["sealed2"]


def test_a_replaced_key_is_deleted_with_the_last_activation(connection: sqlite3.Connection) -> None:
    """A replaced key is kept while one of two activations is open; a refusal ends one too."""
    bought, order = _waiting(connection), _order(connection)
    _bind(connection, ANN, "newer")
    assert _keys(connection) == ["sealed1", "sealed2", "newer"]
    transitions.end(connection, bought.id, State.COMPLETED, Ending.USER, NOW)
    assert _keys(connection) == ["sealed1", "sealed2", "newer"]
    transitions.refused(connection, order.id, "NoNumbers", NOW)
    assert _keys(connection) == ["sealed2", "newer"]


def test_a_key_without_activations_is_deleted_at_once(connection: sqlite3.Connection) -> None:
    """A replaced or unbound key without open activations is deleted."""
    _bind(connection, ANN, "newer")
    assert _keys(connection) == ["sealed2", "newer"]
    users.unbind(connection, ANN)
    assert _keys(connection) == ["sealed2"]


def test_an_activation_can_change_its_key(connection: sqlite3.Connection) -> None:
    """A changed key leaves the state unchanged and deletes the old key."""
    activation = _waiting(connection)
    key_id = _bind(connection, ANN, "newer")
    changed = transitions.change_key(connection, activation.id, key_id)
    assert (changed.key_id, changed.state) == (key_id, State.WAITING)
    assert _keys(connection) == ["sealed2", "newer"]


def test_users_see_only_their_own_data(connection: sqlite3.Connection) -> None:
    """Activations and quotes of another user are reported as missing."""
    activation, quote = _waiting(connection), _quote()
    quotes.insert(connection, quote)
    assert quotes.get(connection, quote.token, ANN) == quote
    for id_, user_id in ((activation.id, BEN), (activation.id + 1, ANN)):
        with pytest.raises(ActivationGone):
            activations.get(connection, id_, user_id)
    for token, user_id in ((quote.token, BEN), ("other", ANN)):
        with pytest.raises(QuoteExpired):
            quotes.get(connection, token, user_id)


def test_expired_quotes_are_deleted(connection: sqlite3.Connection) -> None:
    """A quote is valid for a week; the next insert after that deletes it."""
    quote = _quote()
    quotes.insert(connection, quote)
    quotes.insert(connection, replace(_quote(), drawn_at=NOW + quotes.KEEP_SECONDS))
    assert quotes.get(connection, quote.token, ANN) == quote
    quotes.insert(connection, replace(_quote(), drawn_at=NOW + quotes.KEEP_SECONDS + 1))
    with pytest.raises(QuoteExpired):
        quotes.get(connection, quote.token, ANN)


def test_data_from_before_a_purchase_is_stored(connection: sqlite3.Connection) -> None:
    """Balance and list are read back unchanged; an empty list differs from a missing one."""
    order = _order(connection)
    for balance, listed in ((Decimal("12.500"), ("1", "02")), (Decimal(0), ()), (None, None)):
        transitions.save_before_purchase(connection, order.id, balance, listed)
        found = activations.get(connection, order.id)
        assert (found.balance_before, found.listed_before) == (balance, listed)
        assert str(found.balance_before) == str(balance)


def test_known_ids(connection: sqlite3.Connection) -> None:
    """Only ids of stored activations are returned."""
    activation = _waiting(connection)
    known = activations.known_ids(connection, [f"p{activation.id}", "p999"], "own", "a")
    assert known == {f"p{activation.id}"}
    assert activations.known_ids(connection, [], "own", "a") == set()


def test_codes_come_first_then_notices_then_cards(connection: sqlite3.Connection) -> None:
    """Deliveries are codes, then notices, then cards, each oldest first."""
    first, second = _waiting(connection), _waiting(connection)
    outbox.add_notice(connection, ANN, first.id, NoticeKind.ENDED, NOW)
    outbox.add_notice(connection, ANN, None, NoticeKind.KEY_REFUSED, NOW)
    transitions.add_code(connection, first.id, NewCode("later"), NOW + 9)
    transitions.add_code(connection, second.id, NewCode("earliest"), NOW + 1)
    transitions.add_code(connection, second.id, NewCode("second"), NOW + 1)
    order: list[tuple[int | None, str, int | None]] = []
    while delivery := outbox.next_delivery(connection, ANN):
        assert len(order) < 10
        if delivery.code and delivery.activation_id:
            order.append((delivery.activation_id, delivery.code.text, delivery.since))
            outbox.code_delivered(connection, delivery.activation_id, delivery.code.ordinal, NOW)
        elif delivery.notice:
            order.append((delivery.activation_id, delivery.notice.kind.value, delivery.since))
            outbox.notice_delivered(connection, ANN, delivery.notice.id, NOW)
        else:
            assert delivery.activation_id is not None
            order.append((delivery.activation_id, "card", delivery.since))
            outbox.card_drawn(connection, activations.get(connection, delivery.activation_id), 77)
    assert order == [
        (second.id, "earliest", NOW + 1),
        (second.id, "second", NOW + 1),
        (first.id, "later", NOW + 9),
        (first.id, "ended", NOW),
        (None, "key_refused", NOW),
        (first.id, "card", None),
        (second.id, "card", None),
    ]
    assert outbox.users_with_deliveries(connection) == []


def test_a_card_that_changed_while_it_was_drawn_is_drawn_again(connection: sqlite3.Connection) -> None:
    """Marking an older card version as drawn leaves the newer one pending."""
    activation = _waiting(connection)
    transitions.schedule_cancel(connection, activation.id, wanted=True)
    outbox.card_drawn(connection, activation, 77)
    assert outbox.next_delivery(connection, ANN) == outbox.Delivery(ANN, activation.id)
    assert activations.get(connection, activation.id).card_message_id == 77


def test_a_card_that_was_moved_while_it_was_drawn_stays_moved(connection: sqlite3.Connection) -> None:
    """A card requested again while its old message is edited is sent as a new message."""
    activation = _waiting(connection)
    outbox.move_card(connection, activation.id, 77)
    being_drawn = activations.get(connection, activation.id)
    outbox.move_card(connection, activation.id, None)
    outbox.card_drawn(connection, being_drawn, 77)
    assert outbox.next_delivery(connection, ANN) == outbox.Delivery(ANN, activation.id)
    assert activations.get(connection, activation.id).card_message_id is None


def test_deliveries_of_an_unreachable_user_wait(connection: sqlite3.Connection) -> None:
    """An unreachable user is skipped until reachable again; pending deliveries stay."""
    _waiting(connection)
    _waiting(connection, BEN)
    users.set_unreachable(connection, ANN, unreachable=True)
    assert outbox.users_with_deliveries(connection) == [BEN]
    users.set_unreachable(connection, ANN, unreachable=False)
    assert outbox.users_with_deliveries(connection) == [ANN, BEN]


def test_a_refused_key_is_reported_once(connection: sqlite3.Connection) -> None:
    """Only the first refusal of a key is reported, until the key was accepted again."""
    key_id = users.get_or_create(connection, ANN, None, NOW).key_id
    assert key_id is not None
    assert [users.mark_key_refused(connection, key_id, NOW) for _ in range(2)] == [True, False]
    assert users.refused_key_ids(connection) == {key_id}
    users.mark_key_accepted(connection, key_id)
    assert users.refused_key_ids(connection) == set()
    assert users.mark_key_refused(connection, key_id, NOW)


def test_only_a_purchase_without_a_found_number_comes_back(connection: sqlite3.Connection) -> None:
    """A refusal of the provider is final; "no number found" is not, and comes back without its end."""
    refused = transitions.refused(connection, _order(connection).id, "NoNumbers", NOW)
    times = {"bought_at": NOW, "ends_at": NOW + 1200, "cancel_from": NOW + 120}
    for move in (transitions.bought, transitions.adopt):
        with pytest.raises(InvalidState):
            move(connection, refused.id, "p1", None, **times)
    with pytest.raises(InvalidState):
        transitions.outcome_unknown(connection, refused.id, "Several:2", NOW)
    missed = transitions.refused(connection, _order(connection).id, NOTHING_BOUGHT, NOW)
    assert missed.not_found
    assert [each.id for each in activations.list_not_found(connection, "own", NOW)] == [missed.id]
    found = transitions.adopt(connection, missed.id, "p1", None, **times)
    assert (found.state, found.ended_at, found.not_found) == (State.WAITING, None, False)
    assert activations.list_not_found(connection, "own", NOW) == []


def test_one_row_for_each_number_of_an_account(connection: sqlite3.Connection) -> None:
    """A number that the account holds is no second purchase, with any key of it; another account's is."""
    times = {"bought_at": NOW, "ends_at": NOW + 1200, "cancel_from": NOW + 120}
    _bind(connection, ANN, account="one")
    first = transitions.bought(connection, _order(connection).id, "p1", "8491", **times)
    _bind(connection, ANN, account="one")  # the same key again, in a new row
    again = transitions.bought(connection, _order(connection).id, "p1", "8491", **times)
    assert (first.state, again.state, again.refusal) == (State.WAITING, State.REFUSED, "AlreadyHeld")
    assert again.provider_id is None
    _bind(connection, BEN, account="one")
    bens = transitions.bought(connection, _order(connection, BEN).id, "p1", "8491", **times)
    assert (bens.state, bens.refusal) == (State.REFUSED, "AlreadyHeld")
    _bind(connection, BEN, account="two")
    other = transitions.bought(connection, _order(connection, BEN).id, "p1", "8491", **times)
    assert other.state is State.WAITING
    transitions.end(connection, first.id, State.CANCELLED, Ending.USER, NOW)
    repeated = transitions.bought(connection, _order(connection).id, "p1", "8491", **times)
    assert (repeated.state, repeated.refusal) == (State.UNKNOWN, "RepeatedId")
    assert activations.known_ids(connection, ["p1"], "own", "three") == set()


def test_accounts_of_older_rows_are_set_at_the_start(connection: sqlite3.Connection) -> None:
    """Keys and activations from before get their account; of duplicates the first row gets it."""
    orders = [_order(connection) for _ in range(3)]
    for order, number in zip(orders, ("p1", "p1", "p2"), strict=True):
        connection.execute(
            "UPDATE activations SET provider_id = ?, state = 'cancelled' WHERE id = ?", (number, order.id)
        )
    assert users.has_key_without_account(connection)
    users.set_accounts(connection, {key.id: f"of {key.id}" for key in users.list_sealed_keys(connection)})
    assert not users.has_key_without_account(connection)
    account = f"of {orders[0].key_id}"
    assert [activations.get(connection, order.id).account for order in orders] == [account, None, account]
