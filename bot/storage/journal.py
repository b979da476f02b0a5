"""The journal of activations: each row stands before the provider is asked, each change is one transaction.

Whatever changes what the card shows also raises the card's version, so that it will be drawn again.
"""

import json
import sqlite3
from decimal import Decimal

from bot.domain import MOVES, OPEN, Activation, Ending, NewCode, Page, State
from bot.errors import ActivationGone, AlreadyOrdered, KeyMissing, TooManyActive, WrongMoment
from bot.storage import deliveries, favourites, users

_OPEN_STATES = ", ".join(f"'{state}'" for state in sorted(OPEN))


def place_order(connection: sqlite3.Connection, page: Page, now: int, limit: int) -> Activation:
    """Write the row of a purchase that is about to be made, and return it.

    Args:
        connection: inside a transaction.
        page: the confirmation page whose button was tapped; its token is good for one row.
        now: UTC seconds.
        limit: how many numbers the user may hold at once.

    Raises:
        AlreadyOrdered: the button was tapped before.
        KeyMissing: no API key is bound.
        TooManyActive: the user holds that many.
    """
    if connection.execute("SELECT 1 FROM activations WHERE token = ?", (page.token,)).fetchone():
        raise AlreadyOrdered
    user = users.find(connection, page.user_id)
    if user is None or user.key_id is None:
        raise KeyMissing
    (held,) = connection.execute(
        f"SELECT count(*) FROM activations WHERE user_id = ? AND state IN ({_OPEN_STATES})",  # noqa: S608
        (page.user_id,),
    ).fetchone()
    if held >= limit:
        raise TooManyActive(limit)
    row_id = connection.execute(
        """INSERT INTO activations
           (token, user_id, key_id, service, service_name, country, operators, price, state, ordered_at)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
        (
            page.token,
            page.user_id,
            user.key_id,
            page.service,
            page.service_name,
            page.country,
            json.dumps(page.operators),
            None if page.price is None else str(page.price),
            State.ORDERING,
            now,
        ),
    ).lastrowid
    assert row_id is not None  # noqa: S101  # an INSERT of one row has a row id
    return get(connection, row_id)


def was_ordered(connection: sqlite3.Connection, token: str) -> bool:
    """Return whether the button with this token has been used."""
    found = connection.execute("SELECT 1 FROM activations WHERE token = ?", (token,)).fetchone()
    return found is not None


def note_before(
    connection: sqlite3.Connection, id_: int, balance: Decimal | None, listed: tuple[str, ...] | None
) -> None:
    """Keep what was known just before the purchase, to judge an unclear one by."""
    connection.execute(
        "UPDATE activations SET balance_before = ?, listed_before = ? WHERE id = ?",
        (
            None if balance is None else str(balance),
            None if listed is None else json.dumps(listed),
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
    if known_ids(connection, [provider_id]):
        raise WrongMoment
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
    activation = get(connection, id_)
    late = not activation.held or (activation.ends_at is not None and now >= activation.ends_at)
    connection.execute(
        """INSERT INTO codes (activation_id, ordinal, text, received_at, late, earlier)
           VALUES (?, ?, ?, ?, ?, ?)""",
        (id_, len(activation.codes) + 1, news.text, now, late, news.earlier),
    )
    if activation.state is State.WAITING and not news.earlier:
        _move(connection, id_, State.RECEIVED)
        return _update(connection, id_, resent=False, waiting_seen=False, cancel_wanted=False)
    if news.earlier and activation.held:
        if activation.state is State.RECEIVED:
            _move(connection, id_, State.WAITING)
        return _update(connection, id_, resent=True, waiting_seen=True, cancel_wanted=False)
    return _update(connection, id_, resent=False, waiting_seen=False)


def wait_for_another(connection: sqlite3.Connection, id_: int, *, seen: bool) -> Activation:
    """Record that another code is awaited.

    Args:
        connection: inside a transaction.
        id_: the activation.
        seen: the provider itself was seen waiting; False when it has only acknowledged the request.
    """
    activation = get(connection, id_)
    if activation.state is State.RECEIVED:
        _move(connection, id_, State.WAITING)
    elif activation.state is not State.WAITING:
        raise WrongMoment
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
        cancel_wanted=False,
        complete_wanted=False,
        balance_after=None if balance is None else str(balance),
    )
    users.drop_unused_keys(connection, activation.user_id)
    return activation


def note_after(connection: sqlite3.Connection, id_: int, balance: Decimal) -> Activation:
    """Keep the balance that was seen after the end."""
    return _update(connection, id_, balance_after=str(balance))


def want_cancel(connection: sqlite3.Connection, id_: int, *, wanted: bool) -> Activation:
    """Record that the user wants it cancelled as soon as that is allowed, or no longer."""
    return _update(connection, id_, cancel_wanted=wanted)


def want_completion(connection: sqlite3.Connection, id_: int, *, wanted: bool) -> Activation:
    """Record that the bot is to complete it by itself, or no longer."""
    return _update(connection, id_, complete_wanted=wanted)


def cancel_later(connection: sqlite3.Connection, id_: int, allowed_at: int) -> Activation:
    """Record from when (UTC seconds) the provider will take a cancel."""
    return _update(connection, id_, cancel_from=allowed_at, cancel_sent_at=None, cancel_wanted=False)


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


def get(connection: sqlite3.Connection, id_: int, user_id: int | None = None) -> Activation:
    """Return an activation with its codes.

    Args:
        connection: a reader, or inside a transaction.
        id_: our id.
        user_id: whose it must be, if that matters.

    Raises:
        ActivationGone: there is none, or it is somebody else's.
    """
    row = connection.execute("SELECT * FROM activations WHERE id = ?", (id_,)).fetchone()
    if row is None or (user_id is not None and row["user_id"] != user_id):
        raise ActivationGone
    return _activation(connection, row)


def all_open(connection: sqlite3.Connection) -> list[Activation]:
    """Return every activation that has not ended, oldest first."""
    rows = connection.execute(
        f"SELECT * FROM activations WHERE state IN ({_OPEN_STATES}) ORDER BY id"  # noqa: S608
    ).fetchall()
    return [_activation(connection, row) for row in rows]


def open_of(connection: sqlite3.Connection, user_id: int) -> list[Activation]:
    """Return a user's activations that have not ended, oldest first."""
    rows = connection.execute(
        f"SELECT * FROM activations WHERE user_id = ? AND state IN ({_OPEN_STATES}) ORDER BY id",  # noqa: S608
        (user_id,),
    ).fetchall()
    return [_activation(connection, row) for row in rows]


def last_bought(connection: sqlite3.Connection, user_id: int, limit: int) -> list[Activation]:
    """Return the newest number bought of each thing: service, country and operators; newest first."""
    rows = connection.execute(
        """SELECT * FROM activations WHERE id IN (
               SELECT max(id) FROM activations WHERE user_id = ? AND bought_at IS NOT NULL
               GROUP BY country, service, operators
           ) ORDER BY id DESC LIMIT ?""",
        (user_id, limit),
    ).fetchall()
    return [_activation(connection, row) for row in rows]


def known_ids(connection: sqlite3.Connection, ids: list[str]) -> set[str]:
    """Return those of the provider's ids that we hold a row for."""
    marks = ", ".join("?" * len(ids))
    rows = connection.execute(f"SELECT provider_id FROM activations WHERE provider_id IN ({marks})", ids)  # noqa: S608
    return {row["provider_id"] for row in rows}


def bought_since(connection: sqlite3.Connection, key_id: int, since: int, except_id: int) -> bool:
    """Return whether another order with this key was under way at or after a moment (UTC seconds)."""
    found = connection.execute(
        """SELECT 1 FROM activations WHERE key_id = ? AND id != ? AND state != 'refused'
           AND (ordered_at >= ? OR coalesce(ended_at, ordered_at) >= ?)""",
        (key_id, except_id, since, since),
    ).fetchone()
    return found is not None


def ordering_beside(connection: sqlite3.Connection, activation: Activation) -> bool:
    """Return whether another order of the same thing with the same key still waits for its answer."""
    found = connection.execute(
        """SELECT 1 FROM activations WHERE key_id = ? AND id != ? AND service = ? AND country = ?
           AND state = 'ordering'""",
        (activation.key_id, activation.id, activation.service, activation.country),
    ).fetchone()
    return found is not None


def _move(connection: sqlite3.Connection, id_: int, state: State) -> None:
    sources = [source for source, targets in MOVES.items() if state in targets]
    marks = ", ".join("?" * len(sources))
    cursor = connection.execute(
        f"UPDATE activations SET state = ? WHERE id = ? AND state IN ({marks})",  # noqa: S608
        (state, id_, *sources),
    )
    if not cursor.rowcount:
        raise WrongMoment


def _update(connection: sqlite3.Connection, id_: int, **columns: str | int | bool | None) -> Activation:
    """Set columns (named by this module, never by input), raise the card's version, return the row."""
    assignments = "".join(f"{name} = ?, " for name in columns)
    connection.execute(
        f"UPDATE activations SET {assignments} card_version = card_version + 1 WHERE id = ?",  # noqa: S608
        (*columns.values(), id_),
    )
    return get(connection, id_)


def operators_of(row: sqlite3.Row) -> tuple[str, ...]:
    """Return the operators a row of the journal asks for; none means any."""
    return tuple(json.loads(row["operators"]))


def _activation(connection: sqlite3.Connection, row: sqlite3.Row) -> Activation:
    operators = operators_of(row)
    return Activation(
        id=row["id"],
        token=row["token"],
        user_id=row["user_id"],
        key_id=row["key_id"],
        service=row["service"],
        service_name=row["service_name"],
        country=row["country"],
        operators=operators,
        price=_decimal(row["price"]),
        state=State(row["state"]),
        ordered_at=row["ordered_at"],
        provider_id=row["provider_id"],
        phone=row["phone"],
        bought_at=row["bought_at"],
        ends_at=row["ends_at"],
        cancel_from=row["cancel_from"],
        cancel_wanted=bool(row["cancel_wanted"]),
        cancel_sent_at=row["cancel_sent_at"],
        complete_wanted=bool(row["complete_wanted"]),
        sms_sent_at=row["sms_sent_at"],
        resent=bool(row["resent"]),
        waiting_seen=bool(row["waiting_seen"]),
        ended_at=row["ended_at"],
        ending=None if row["ending"] is None else Ending(row["ending"]),
        refusal=row["refusal"],
        hide_codes_at=row["hide_codes_at"],
        balance_before=_decimal(row["balance_before"]),
        listed_before=None if row["listed_before"] is None else tuple(json.loads(row["listed_before"])),
        balance_after=_decimal(row["balance_after"]),
        card_message_id=row["card_message_id"],
        card_version=row["card_version"],
        favourite=favourites.is_kept(
            connection,
            row["user_id"],
            country=row["country"],
            service=row["service"],
            operators=operators,
        ),
        codes=deliveries.codes_of(connection, row["id"]),
    )


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
