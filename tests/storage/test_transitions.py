"""The journal: one row a tap, only allowed moves, keys kept while needed, and what is to be brought."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from decimal import Decimal
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from bot.domain import MOVES, OPEN, Activation, Ending, NewCode, NoticeKind, Quote, State
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


def _settle(connection: sqlite3.Connection, user_id: int) -> None:
    users.meet(connection, user_id, "en", NOW)
    users.bind(connection, user_id, f"sealed{user_id}", NOW)


@contextmanager
def _memory() -> Iterator[sqlite3.Connection]:
    """Give a migrated database of one thread, with both users, for what needs no file."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA foreign_keys = ON")
        migrations.migrate(connection, migrations.directory())
        for user_id in (ANN, BEN):
            _settle(connection, user_id)
        yield connection


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    """A migrated database of one thread."""
    with _memory() as connection:
        yield connection


_tokens = count()


def _page(user_id: int = ANN, token: str | None = None) -> Quote:
    return Quote(
        token or f"token{next(_tokens)}", user_id, "tg", "Telegram", "10", ("viettel",), Decimal("0.50"), NOW
    )


def _order(connection: sqlite3.Connection, user_id: int = ANN, now: int = NOW) -> Activation:
    return transitions.place_order(connection, _page(user_id), now, limit=50)


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
    """Return an activation that went the shortest way to a state."""
    match state:
        case State.ORDERING:
            return _order(connection)
        case State.UNKNOWN:
            return transitions.unclear(connection, _order(connection).id, "NoAnswer")
        case State.REFUSED:
            return transitions.refused(connection, _order(connection).id, "NoNumbers", NOW)
        case State.WAITING:
            return _waiting(connection)
        case State.RECEIVED:
            return transitions.add_code(connection, _waiting(connection).id, NewCode("1"), NOW)
        case _:
            return transitions.end(connection, _waiting(connection).id, state, Ending.USER, NOW)


def _keys(connection: sqlite3.Connection) -> list[str]:
    return [sealed for _, _, sealed in users.sealed_keys(connection)]


def test_a_button_buys_once(connection: sqlite3.Connection) -> None:
    """The token of a page is good for one row, whatever became of that row."""
    page = _page()
    assert not activations.was_ordered(connection, page.token)
    order = transitions.place_order(connection, page, NOW, limit=5)
    assert activations.was_ordered(connection, page.token)
    with pytest.raises(AlreadyOrdered):
        transitions.place_order(connection, page, NOW, limit=5)
    transitions.refused(connection, order.id, "NoNumbers", NOW)
    with pytest.raises(AlreadyOrdered):
        transitions.place_order(connection, page, NOW, limit=5)


def test_the_table_itself_holds_a_token_once(connection: sqlite3.Connection) -> None:
    """Even a statement that did not look first cannot write a second row for a token."""
    order = _order(connection)
    with pytest.raises(sqlite3.IntegrityError, match=r"activations\.token"):
        connection.execute(
            """INSERT INTO activations
               (token, user_id, key_id, service, service_name, country, operators, state, ordered_at)
               VALUES (?, 1, 1, 'tg', 'Telegram', '10', '[]', 'ordering', 0)""",
            (order.token,),
        )


async def test_two_taps_at_once_buy_once(tmp_path: Path) -> None:
    """Of many taps on one button at the same time exactly one gets a row."""
    page = _page()
    async with await Database.open(tmp_path / "bot.db") as db:
        await db.write(_settle, ANN)
        outcomes = await asyncio.gather(
            *(db.write(transitions.place_order, page, NOW, 50) for _ in range(10)), return_exceptions=True
        )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Activation"] + ["AlreadyOrdered"] * 9


def test_an_order_holds_what_the_page_showed(connection: sqlite3.Connection) -> None:
    """The row is the page's purchase, with the key that is bound now, and it is there to be found."""
    page = _page()
    order = transitions.place_order(connection, page, NOW, limit=5)
    key_id = users.meet(connection, ANN, None, NOW).key_id
    assert key_id is not None
    assert order == Activation(
        id=order.id,
        token=page.token,
        user_id=ANN,
        key_id=key_id,
        service="tg",
        service_name="Telegram",
        country="10",
        operators=("viettel",),
        price=Decimal("0.50"),
        state=State.ORDERING,
        ordered_at=NOW,
    )
    assert activations.get(connection, order.id, ANN) == order
    assert activations.all_open(connection) == activations.open_of(connection, ANN) == [order]


def test_nothing_is_ordered_without_a_key(connection: sqlite3.Connection) -> None:
    """A user without a bound key, or whom we never met, gets no row."""
    users.unbind(connection, ANN)
    for user_id in (ANN, 99):
        with pytest.raises(KeyMissing):
            transitions.place_order(connection, _page(user_id), NOW, limit=5)
    assert activations.all_open(connection) == []


@pytest.mark.parametrize("state", State)
def test_the_limit_counts_what_is_open(connection: sqlite3.Connection, state: State) -> None:
    """What may still be held counts against the limit, what has ended does not, nor does another user's."""
    _waiting(connection, BEN)
    _in_state(connection, state)
    if state in OPEN:
        with pytest.raises(TooManyActive) as caught:
            transitions.place_order(connection, _page(), NOW, limit=1)
        assert caught.value.limit == 1
    else:
        transitions.place_order(connection, _page(), NOW, limit=1)


def _move(connection: sqlite3.Connection, id_: int, target: State) -> None:
    """Try a move by the functions that make it."""
    match target:
        case State.ORDERING:
            raise InvalidState  # nothing goes back to the beginning; there is no function for it
        case State.UNKNOWN:
            transitions.unclear(connection, id_, "NoAnswer")
        case State.REFUSED:
            transitions.refused(connection, id_, "NoNumbers", NOW)
        case State.WAITING if activations.get(connection, id_).state is State.RECEIVED:
            transitions.wait_for_another(connection, id_, seen=False)
        case State.WAITING:
            transitions.bought(connection, id_, "p", "84", bought_at=NOW, ends_at=NOW + 1, cancel_from=NOW)
        case State.RECEIVED:
            transitions.end(connection, id_, State.RECEIVED, Ending.USER, NOW)
        case _:
            transitions.end(connection, id_, target, Ending.USER, NOW)


@pytest.mark.parametrize("source", State)
@pytest.mark.parametrize("target", State)
def test_only_allowed_moves_are_made(connection: sqlite3.Connection, source: State, target: State) -> None:
    """Each step between two states happens if it is allowed, and otherwise changes nothing at all."""
    before = _in_state(connection, source)
    if target in MOVES[source]:
        _move(connection, before.id, target)
        assert activations.get(connection, before.id).state is target
    else:
        with pytest.raises(InvalidState):
            _move(connection, before.id, target)
        assert activations.get(connection, before.id) == before


@given(steps=st.lists(st.sampled_from(["code", "same", "earlier", "again", "seen", "end"]), max_size=12))
def test_no_code_is_lost_on_any_way(steps: list[str]) -> None:
    """Whatever order codes, requests for more and the end come in, each code is kept, in order."""
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
                    activation = transitions.wait_for_another(connection, activation.id, seen=step == "seen")
                case "end" if activation.held:
                    activation = transitions.end(connection, activation.id, State.COMPLETED, Ending.USER, NOW)
                case _:
                    continue
            assert activation.card_version == before.card_version + 1
        assert [code.text for code in activation.codes] == texts
        assert [code.ordinal for code in activation.codes] == list(range(1, len(texts) + 1))
        delivered = []
        while (delivery := outbox.next_for(connection, ANN)) and delivery.code:
            delivered.append(delivery.code.text)
            outbox.code_delivered(connection, activation.id, delivery.code.ordinal, NOW)
        assert delivered == texts


def test_a_code_and_its_state_are_written_together(connection: sqlite3.Connection) -> None:
    """Where the activation cannot be changed, its code is not written either: both are one transaction."""
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
    """A code that comes after the time or the end is kept all the same, and known to be late."""
    before = _in_state(connection, state)
    after = transitions.add_code(connection, before.id, NewCode("0042"), at)
    assert [(code.text, code.late) for code in after.codes] == [("0042", late)]
    assert after.state is (State.RECEIVED if state is State.WAITING else state)


def test_the_key_is_kept_while_it_is_needed(connection: sqlite3.Connection) -> None:
    """Unbinding leaves the sealed key with the open activation, and its end removes it."""
    activation = _waiting(connection)
    users.unbind(connection, ANN)
    assert users.sealed_key(connection, activation.key_id) == (ANN, "sealed1")
    transitions.end(connection, activation.id, State.CANCELLED, Ending.USER, NOW)
    with pytest.raises(KeyMissing):
        users.sealed_key(connection, activation.key_id)
    assert _keys(connection) == ["sealed2"]


def test_a_replaced_key_goes_with_the_last_activation(connection: sqlite3.Connection) -> None:
    """Each of two open activations keeps the old key; a refused order lets go of it too."""
    bought, order = _waiting(connection), _order(connection)
    users.bind(connection, ANN, "newer", NOW)
    assert _keys(connection) == ["sealed1", "sealed2", "newer"]
    transitions.end(connection, bought.id, State.COMPLETED, Ending.USER, NOW)
    assert _keys(connection) == ["sealed1", "sealed2", "newer"]
    transitions.refused(connection, order.id, "NoNumbers", NOW)
    assert _keys(connection) == ["sealed2", "newer"]


def test_a_key_without_activations_goes_at_once(connection: sqlite3.Connection) -> None:
    """What nobody needs is not kept: neither an unbound key nor a replaced one."""
    users.bind(connection, ANN, "newer", NOW)
    assert _keys(connection) == ["sealed2", "newer"]
    users.unbind(connection, ANN)
    assert _keys(connection) == ["sealed2"]


def test_an_activation_can_go_on_with_another_key(connection: sqlite3.Connection) -> None:
    """Handing over keeps the activation and lets go of the key it had."""
    activation = _waiting(connection)
    key_id = users.bind(connection, ANN, "newer", NOW)
    handed = transitions.hand_over(connection, activation.id, key_id)
    assert (handed.key_id, handed.state) == (key_id, State.WAITING)
    assert _keys(connection) == ["sealed2", "newer"]


def test_nobody_sees_what_is_somebody_elses(connection: sqlite3.Connection) -> None:
    """Another user's activation and page are as if they were not there."""
    activation, page = _waiting(connection), _page()
    quotes.draw(connection, page)
    assert quotes.find(connection, page.token, ANN) == page
    for id_, user_id in ((activation.id, BEN), (activation.id + 1, ANN)):
        with pytest.raises(ActivationGone):
            activations.get(connection, id_, user_id)
    for token, user_id in ((page.token, BEN), ("other", ANN)):
        with pytest.raises(QuoteExpired):
            quotes.find(connection, token, user_id)


def test_old_pages_are_cleared_away(connection: sqlite3.Connection) -> None:
    """A page lives for a week; drawing another one afterwards removes it."""
    page = _page()
    quotes.draw(connection, page)
    quotes.draw(connection, replace(_page(), drawn_at=NOW + quotes.KEPT))
    assert quotes.find(connection, page.token, ANN) == page
    quotes.draw(connection, replace(_page(), drawn_at=NOW + quotes.KEPT + 1))
    with pytest.raises(QuoteExpired):
        quotes.find(connection, page.token, ANN)


def test_what_was_known_before_a_purchase_is_kept(connection: sqlite3.Connection) -> None:
    """Balance and list come back as they were; a list that was empty is not one that was not to be had."""
    order = _order(connection)
    for balance, listed in ((Decimal("12.500"), ("1", "02")), (Decimal(0), ()), (None, None)):
        transitions.note_before(connection, order.id, balance, listed)
        found = activations.get(connection, order.id)
        assert (found.balance_before, found.listed_before) == (balance, listed)
        assert str(found.balance_before) == str(balance)


def test_other_orders_of_a_key_are_found_by_their_time(connection: sqlite3.Connection) -> None:
    """Another order with the key counts if it began or ended since; a refused one and itself do not."""
    earlier = _waiting(connection)
    order = _order(connection, now=NOW + 100)
    seen_since = [
        activations.bought_since(connection, order.key_id, NOW + at, order.id) for at in (0, 1, 100)
    ]
    assert seen_since == [True, False, False]
    transitions.end(connection, earlier.id, State.COMPLETED, Ending.USER, NOW + 50)
    assert activations.bought_since(connection, order.key_id, NOW + 50, order.id)
    assert not activations.bought_since(connection, order.key_id, NOW + 51, order.id)
    refused = _order(connection, now=NOW + 200)
    transitions.refused(connection, refused.id, "NoNumbers", NOW + 200)
    assert not activations.bought_since(connection, order.key_id, NOW + 51, order.id)


def test_known_ids_are_told_from_new_ones(connection: sqlite3.Connection) -> None:
    """Of the provider's ids exactly those with a row are known, and of none none."""
    activation = _waiting(connection)
    assert activations.known_ids(connection, [f"p{activation.id}", "p999"]) == {f"p{activation.id}"}
    assert activations.known_ids(connection, []) == set()


def test_codes_come_first_then_notices_then_cards(connection: sqlite3.Connection) -> None:
    """The oldest code of all goes out first, then the oldest notice, then the cards; then nothing is left."""
    first, second = _waiting(connection), _waiting(connection)
    outbox.add_notice(connection, ANN, first.id, NoticeKind.ENDED, NOW)
    outbox.add_notice(connection, ANN, None, NoticeKind.KEY_REFUSED, NOW)
    transitions.add_code(connection, first.id, NewCode("later"), NOW + 9)
    transitions.add_code(connection, second.id, NewCode("earliest"), NOW + 1)
    transitions.add_code(connection, second.id, NewCode("second"), NOW + 1)
    order: list[tuple[int | None, str, int | None]] = []
    while delivery := outbox.next_for(connection, ANN):
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
    assert outbox.users_waiting(connection) == []


def test_a_card_that_changed_meanwhile_is_drawn_again(connection: sqlite3.Connection) -> None:
    """Marking an older version as drawn leaves the newer one to be brought."""
    activation = _waiting(connection)
    transitions.schedule_cancel(connection, activation.id, wanted=True)
    outbox.card_drawn(connection, activation, 77)
    assert outbox.next_for(connection, ANN) == outbox.Delivery(ANN, activation.id)
    assert activations.get(connection, activation.id).card_message_id == 77


def test_a_card_that_was_given_another_place_meanwhile_keeps_it(connection: sqlite3.Connection) -> None:
    """Who asks for the card anew while the old message is being edited gets it in a new one all the same."""
    activation = _waiting(connection)
    outbox.place_card(connection, activation.id, 77)
    being_drawn = activations.get(connection, activation.id)
    outbox.place_card(connection, activation.id, None)
    outbox.card_drawn(connection, being_drawn, 77)
    assert outbox.next_for(connection, ANN) == outbox.Delivery(ANN, activation.id)
    assert activations.get(connection, activation.id).card_message_id is None


def test_an_unreachable_user_waits_without_being_asked_for(connection: sqlite3.Connection) -> None:
    """Who cannot be reached is left out until unparked; what waits for them stays."""
    _waiting(connection)
    _waiting(connection, BEN)
    users.set_unreachable(connection, ANN, unreachable=True)
    assert outbox.users_waiting(connection) == [BEN]
    users.set_unreachable(connection, ANN, unreachable=False)
    assert outbox.users_waiting(connection) == [ANN, BEN]


def test_a_refused_key_is_news_once(connection: sqlite3.Connection) -> None:
    """The first refusal of a key is told, further ones are not, until the key was taken again."""
    key_id = users.meet(connection, ANN, None, NOW).key_id
    assert key_id is not None
    assert [users.refuse_key(connection, key_id, NOW) for _ in range(2)] == [True, False]
    assert users.refused_keys(connection) == {key_id}
    users.accept_key(connection, key_id)
    assert users.refused_keys(connection) == set()
    assert users.refuse_key(connection, key_id, NOW)
