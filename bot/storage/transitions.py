"""The journal of activations: each row stands before the provider is asked, each change is one transaction.

Whatever changes what the card shows also raises the card's version, so that it will be drawn again.
"""

import sqlite3
from decimal import Decimal

from bot.domain import MOVES, Activation, Ending, NewCode, Quote, State
from bot.errors import AlreadyOrdered, InvalidState, KeyMissing, TooManyActive
from bot.storage import activations, columns, users


def place_order(
    connection: sqlite3.Connection, quote: Quote, now: int, limit: int, price: Decimal | None = None
) -> Activation:
    """Write the row of a purchase that is about to be made, and return it.

    Args:
        connection: inside a transaction.
        quote: the confirmation page whose button was tapped; its token is good for one row.
        now: UTC seconds.
        limit: how many numbers the user may hold at once.
        price: what it is thought to cost now, if not what the page shows.

    Raises:
        AlreadyOrdered: the button was tapped before.
        KeyMissing: no API key is bound.
        TooManyActive: the user holds that many.
    """
    if activations.was_ordered(connection, quote.token):
        raise AlreadyOrdered
    user = users.find(connection, quote.user_id)
    if user is None or user.key_id is None:
        raise KeyMissing
    price = quote.price if price is None else price
    held = activations.open_count(connection, quote.user_id)
    if held >= limit:
        raise TooManyActive(held, limit)
    row_id = connection.execute(
        """INSERT INTO activations
           (token, user_id, key_id, service, service_name, country, operators, price, state, ordered_at)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
        (
            quote.token,
            quote.user_id,
            user.key_id,
            quote.service,
            quote.service_name,
            quote.country,
            columns.words_to_text(quote.operators),
            columns.amount_to_text(price),
            State.ORDERING,
            now,
        ),
    ).lastrowid
    assert row_id is not None  # noqa: S101  # an INSERT of one row has a row id
    return activations.get(connection, row_id)


def note_before(
    connection: sqlite3.Connection, id_: int, balance: Decimal | None, listed: tuple[str, ...] | None
) -> None:
    """Keep what was known just before the purchase, to judge an unclear one by."""
    connection.execute(
        "UPDATE activations SET balance_before = ?, listed_before = ? WHERE id = ?",
        (
            columns.amount_to_text(balance),
            None if listed is None else columns.words_to_text(listed),
            id_,
        ),
    )


def bought(
    connection: sqlite3.Connection,
    id_: int,
    provider_id: str,
    phone: str | None,
    *,
    bought_at: int,
    ends_at: int,
    cancel_from: int,
) -> Activation:
    """Record the bought number and return the activation. Times are UTC seconds."""
    _move(connection, id_, State.WAITING)
    return _update(
        connection,
        id_,
        provider_id=provider_id,
        phone=phone,
        bought_at=bought_at,
        ends_at=ends_at,
        cancel_from=cancel_from,
    )


def adopted(
    connection: sqlite3.Connection, id_: int, provider_id: str, phone: str | None, **times: int
) -> Activation:
    """Do what `bought` does, for a number that was found in the provider's list.

    Raises:
        WrongMoment: another row has taken that number in the meantime.
    """
    if activations.known_ids(connection, [provider_id]):
        raise InvalidState
    return bought(connection, id_, provider_id, phone, **times)


def refused(connection: sqlite3.Connection, id_: int, reason: str, now: int) -> Activation:
    """Record that nothing was bought, and why (the name of the error)."""
    _move(connection, id_, State.REFUSED)
    activation = _update(connection, id_, refusal=reason, ended_at=now)
    users.drop_unused_keys(connection, activation.user_id)
    return activation


def unclear(connection: sqlite3.Connection, id_: int, reason: str) -> Activation:
    """Record that it is open whether a number was bought."""
    _move(connection, id_, State.UNKNOWN)
    return _update(connection, id_, refusal=reason)


def still_unclear(connection: sqlite3.Connection, id_: int, reason: str) -> Activation:
    """Record what else is known of an unclear purchase."""
    return _update(connection, id_, refusal=reason)


def add_code(connection: sqlite3.Connection, id_: int, news: NewCode, now: int) -> Activation:
    """Record a code together with the fact that it is to be delivered.

    A code that comes after the end is kept and delivered all the same; the end stands.
    """
    activation = activations.get(connection, id_)
    late = not activation.held or (activation.ends_at is not None and now >= activation.ends_at)
    connection.execute(
        """INSERT INTO codes (activation_id, ordinal, text, received_at, late, earlier)
           VALUES (?, ?, ?, ?, ?, ?)""",
        (id_, len(activation.codes) + 1, news.text, now, late, news.earlier),
    )
    if activation.state is State.WAITING and not news.earlier:
        _move(connection, id_, State.RECEIVED)
        return _update(connection, id_, resent=False, waiting_seen=False, cancel_scheduled=False)
    if news.earlier and activation.held:
        if activation.state is State.RECEIVED:
            _move(connection, id_, State.WAITING)
        return _update(connection, id_, resent=True, waiting_seen=True, cancel_scheduled=False)
    return _update(connection, id_, resent=False, waiting_seen=False)


def wait_for_another(connection: sqlite3.Connection, id_: int, *, seen: bool) -> Activation:
    """Record that another code is awaited.

    Args:
        connection: inside a transaction.
        id_: the activation.
        seen: the provider itself was seen waiting; False when it has only acknowledged the request.
    """
    activation = activations.get(connection, id_)
    if activation.state is State.RECEIVED:
        _move(connection, id_, State.WAITING)
    elif activation.state is not State.WAITING:
        raise InvalidState
    return _update(connection, id_, resent=True, waiting_seen=seen)


def end(
    connection: sqlite3.Connection,
    id_: int,
    state: State,
    ending: Ending,
    now: int,
    balance: Decimal | None = None,
) -> Activation:
    """Record the end of an activation, and forget its key if nothing needs it any more."""
    _move(connection, id_, state)
    activation = _update(
        connection,
        id_,
        ending=ending,
        ended_at=now,
        cancel_scheduled=False,
        complete_scheduled=False,
        balance_after=columns.amount_to_text(balance),
    )
    users.drop_unused_keys(connection, activation.user_id)
    return activation


def note_after(connection: sqlite3.Connection, id_: int, balance: Decimal) -> Activation:
    """Keep the balance that was seen after the end."""
    return _update(connection, id_, balance_after=columns.amount_to_text(balance))


def schedule_cancel(connection: sqlite3.Connection, id_: int, *, wanted: bool) -> Activation:
    """Record that the user wants it cancelled as soon as that is allowed, or no longer."""
    return _update(connection, id_, cancel_scheduled=wanted)


def schedule_completion(connection: sqlite3.Connection, id_: int, *, wanted: bool) -> Activation:
    """Record that the bot is to complete it by itself, or no longer."""
    return _update(connection, id_, complete_scheduled=wanted)


def cancel_later(connection: sqlite3.Connection, id_: int, allowed_at: int) -> Activation:
    """Record from when (UTC seconds) the provider will take a cancel."""
    return _update(connection, id_, cancel_from=allowed_at, cancel_sent_at=None)


def cancel_sent(connection: sqlite3.Connection, id_: int, now: int | None) -> Activation:
    """Record that a cancel goes out now, or with None that the last one was refused."""
    return _update(connection, id_, cancel_sent_at=now)


def sms_sent(connection: sqlite3.Connection, id_: int, now: int) -> Activation:
    """Record that the user has had the SMS sent."""
    return _update(connection, id_, sms_sent_at=now)


def touch_card(connection: sqlite3.Connection, id_: int) -> Activation:
    """Have the card drawn again."""
    return _update(connection, id_)


def hand_over(connection: sqlite3.Connection, id_: int, key_id: int) -> Activation:
    """Go on with another key of the same user."""
    activation = _update(connection, id_, key_id=key_id)
    users.drop_unused_keys(connection, activation.user_id)
    return activation


def _move(connection: sqlite3.Connection, id_: int, state: State) -> None:
    sources = [source for source, targets in MOVES.items() if state in targets]
    marks = ", ".join("?" * len(sources))
    cursor = connection.execute(
        f"UPDATE activations SET state = ? WHERE id = ? AND state IN ({marks})",  # noqa: S608
        (state, id_, *sources),
    )
    if not cursor.rowcount:
        raise InvalidState


def _update(connection: sqlite3.Connection, id_: int, **columns: str | int | bool | None) -> Activation:
    """Set columns (named by this module, never by input), raise the card's version, return the row."""
    assignments = "".join(f"{name} = ?, " for name in columns)
    connection.execute(
        f"UPDATE activations SET {assignments} card_version = card_version + 1 WHERE id = ?",  # noqa: S608
        (*columns.values(), id_),
    )
    return activations.get(connection, id_)
