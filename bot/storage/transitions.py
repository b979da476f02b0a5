"""State changes of activations.

Each function runs inside one transaction. It increments the card version if the card must be drawn again.
"""

import sqlite3
from decimal import Decimal
from typing import Final

from bot.domain import MOVES, NOTHING_BOUGHT, Activation, Ending, NewCode, Quote, State
from bot.errors import AlreadyOrdered, InvalidState, KeyMissing, TooManyActive
from bot.storage import activations, columns, retention, users

ALREADY_HELD: Final = "AlreadyHeld"
"""Refusal of a purchase for which the provider answered with a number that the account already holds."""
REPEATED_ID: Final = "RepeatedId"
"""Reason of an unclear purchase for which the provider answered with the number of an ended activation."""


def create(
    connection: sqlite3.Connection, quote: Quote, now: int, limit: int, price: Decimal | None = None
) -> Activation:
    """Insert the activation of a purchase, before the request to the provider, and return it.

    Args:
        connection: inside a transaction.
        quote: the quote of the tapped button; its token is unique per activation.
        now: UTC seconds.
        limit: maximum number of open activations of the user.
        price: the current price; None for the price of the quote.

    Raises:
        AlreadyOrdered: an activation with this token exists.
        KeyMissing: no API key of the quote's provider is bound.
        TooManyActive: the user already has ``limit`` open activations.
    """
    if activations.is_token_used(connection, quote.token):
        raise AlreadyOrdered
    user = users.find(connection, quote.user_id)
    if user is None or user.key_id is None:
        raise KeyMissing
    account = users.account_of_key(connection, user.key_id)
    if account.provider != quote.provider:
        raise KeyMissing
    price = quote.price if price is None else price
    held = activations.count_open(connection, quote.user_id)
    if held >= limit:
        raise TooManyActive(held, limit)
    row_id = connection.execute(
        """INSERT INTO activations
           (token, user_id, key_id, provider, account, service, service_name, country, operators, price,
            state, ordered_at)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
        (
            quote.token,
            quote.user_id,
            user.key_id,
            *account,
            quote.service,
            quote.service_name,
            quote.country,
            columns.list_to_text(quote.operators),
            columns.amount_to_text(price),
            State.ORDERING,
            now,
        ),
    ).lastrowid
    assert row_id is not None  # noqa: S101  # an INSERT of one row has a row id
    return activations.get(connection, row_id)


def save_before_purchase(
    connection: sqlite3.Connection, id_: int, balance: Decimal | None, listed: tuple[str, ...] | None
) -> None:
    """Store the balance and the provider's active list from before the purchase, for reconciliation."""
    connection.execute(
        "UPDATE activations SET balance_before = ?, listed_before = ? WHERE id = ?",
        (columns.amount_to_text(balance), None if listed is None else columns.list_to_text(listed), id_),
    )


def bought(
    connection: sqlite3.Connection,
    id_: int,
    provider_id: str,
    phone: str | None,
    charged: Decimal | None = None,
    /,
    *,
    bought_at: int,
    ends_at: int,
    cancel_from: int,
) -> Activation:
    """Store the bought number, and what was charged if the provider said it. Times are UTC seconds.

    A number that the account already holds is no second purchase: the activation is refused. The number of an
    ended activation leaves it unclear what was bought.

    Raises:
        InvalidState: the activation is not being ordered.
    """
    twin = activations.find_twin(connection, activations.get(connection, id_), provider_id)
    if twin is not None and twin.held:
        return refused(connection, id_, ALREADY_HELD, bought_at)
    if twin is not None:
        return outcome_unknown(connection, id_, REPEATED_ID, bought_at)
    _move(connection, id_, State.WAITING)
    return _update(
        connection,
        id_,
        provider_id=provider_id,
        phone=phone,
        charged=columns.amount_to_text(charged),
        bought_at=bought_at,
        ends_at=ends_at,
        cancel_from=cancel_from,
        ended_at=None,
    )


def adopt(
    connection: sqlite3.Connection,
    id_: int,
    provider_id: str,
    phone: str | None,
    charged: Decimal | None = None,
    /,
    **times: int,
) -> Activation:
    """Store a number that was found in the provider's list; otherwise like `bought`.

    Raises:
        InvalidState: another activation has this number, or this one was refused by the provider.
    """
    order = activations.get(connection, id_)
    if activations.known_ids(connection, [provider_id], order.provider, order.account):
        raise InvalidState
    return bought(connection, id_, provider_id, phone, charged, **times)


def refused(connection: sqlite3.Connection, id_: int, reason: str, now: int) -> Activation:
    """End an activation for which nothing was bought; ``reason`` is the name of the error."""
    _move(connection, id_, State.REFUSED)
    activation = _update(connection, id_, refusal=reason, ended_at=now)
    users.delete_unused_keys(connection, activation.user_id)
    return activation


def outcome_unknown(connection: sqlite3.Connection, id_: int, reason: str, now: int) -> Activation:
    """Store that it is unknown whether a number was bought; ``reason`` is the name of the error."""
    _move(connection, id_, State.UNKNOWN)
    return _update(connection, id_, refusal=reason, unclear_at=now, ended_at=None)


def set_unknown_reason(connection: sqlite3.Connection, id_: int, reason: str) -> Activation:
    """Replace the reason of an unknown outcome."""
    return _update(connection, id_, refusal=reason)


def add_code(connection: sqlite3.Connection, id_: int, news: NewCode, now: int) -> Activation:
    """Store a code as a pending delivery.

    A code after the end is stored and delivered too, but does not reopen the activation.
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


def await_next_code(connection: sqlite3.Connection, id_: int, *, seen: bool) -> Activation:
    """Store that another code was requested.

    Args:
        connection: inside a transaction.
        id_: the activation.
        seen: whether a status check showed the provider waiting; False after the mere acknowledgement.

    Raises:
        InvalidState: the activation is neither waiting nor has a code.
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
    """End an activation, and delete its key if the key is neither bound nor used by an open activation."""
    _move(connection, id_, state)
    retention.delete_hidden_texts(connection, id_, now)
    activation = _update(
        connection,
        id_,
        ending=ending,
        ended_at=now,
        cancel_scheduled=False,
        complete_scheduled=False,
        balance_after=columns.amount_to_text(balance),
    )
    users.delete_unused_keys(connection, activation.user_id)
    return activation


def save_balance_after(connection: sqlite3.Connection, id_: int, balance: Decimal) -> Activation:
    """Store the balance from after the end."""
    return _update(connection, id_, balance_after=columns.amount_to_text(balance))


def schedule_cancel(connection: sqlite3.Connection, id_: int, *, wanted: bool) -> Activation:
    """Schedule a cancel for the time it is allowed, or remove the schedule."""
    return _update(connection, id_, cancel_scheduled=wanted)


def schedule_completion(connection: sqlite3.Connection, id_: int, *, wanted: bool) -> Activation:
    """Schedule the automatic completion, or remove the schedule."""
    return _update(connection, id_, complete_scheduled=wanted)


def set_cancel_from(connection: sqlite3.Connection, id_: int, allowed_at: int) -> Activation:
    """Set the time (UTC seconds) from which the provider accepts a cancel."""
    return _update(connection, id_, cancel_from=allowed_at, cancel_sent_at=None)


def cancel_sent(connection: sqlite3.Connection, id_: int, now: int | None) -> Activation:
    """Set the time of the cancel request that is being sent; None after a refusal."""
    return _update(connection, id_, cancel_sent_at=now)


def sms_sent(connection: sqlite3.Connection, id_: int, now: int) -> Activation:
    """Set the time at which the user requested the SMS."""
    return _update(connection, id_, sms_sent_at=now)


def increment_card_version(connection: sqlite3.Connection, id_: int) -> Activation:
    """Increment the card version, so that the card is drawn again."""
    return _update(connection, id_)


def set_note(connection: sqlite3.Connection, id_: int, note: str | None) -> Activation:
    """Set or remove the user's note."""
    return _update(connection, id_, note=note)


def change_key(connection: sqlite3.Connection, id_: int, key_id: int) -> Activation:
    """Use another API key of the same user for an activation; raise InvalidState if its provider differs."""
    account = users.account_of_key(connection, key_id)
    if account.provider != activations.get(connection, id_).provider:
        raise InvalidState
    # Another activation may have the same number in the new account; then this one keeps its own.
    connection.execute(
        "UPDATE OR IGNORE activations SET account = ? WHERE id = ?", (account.fingerprint, id_)
    )
    activation = _update(connection, id_, key_id=key_id)
    users.delete_unused_keys(connection, activation.user_id)
    return activation


def _move(connection: sqlite3.Connection, id_: int, state: State) -> None:
    sources = [source for source, targets in MOVES.items() if state in targets]
    marks = ", ".join("?" * len(sources))
    cursor = connection.execute(
        f"""UPDATE activations SET state = ? WHERE id = ? AND state IN ({marks})
            AND (state != ? OR refusal = ?)""",  # noqa: S608
        (state, id_, *sources, State.REFUSED, NOTHING_BOUGHT),
    )
    if not cursor.rowcount:
        raise InvalidState


def _update(connection: sqlite3.Connection, id_: int, **columns: str | int | bool | None) -> Activation:
    """Set columns, increment the card version and return the activation. Names must not come from input."""
    assignments = "".join(f"{name} = ?, " for name in columns)
    connection.execute(
        f"UPDATE activations SET {assignments} card_version = card_version + 1 WHERE id = ?",  # noqa: S608
        (*columns.values(), id_),
    )
    return activations.get(connection, id_)
