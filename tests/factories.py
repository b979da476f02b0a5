"""Factories of stored activations, written to the database with the bot's own functions."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from decimal import Decimal
from itertools import count
from sqlite3 import Connection
from typing import Any

from bot.domain import Activation, Ending, NewCode, Quote, State
from bot.storage import activations, outbox, transitions
from bot.storage.database import Database
from tests.conftest import World

_token_numbers = count(1)


@asynccontextmanager
async def open_database(world: World) -> AsyncIterator[Database]:
    """Open a second connection to the bot's database."""
    async with await Database.open(world.values["database_path"]) as db:
        yield db


def add_bought(
    connection: Connection,
    /,
    user_id: int,
    *codes: str,
    at: int,
    phone: str = "84912345678",
    wait: int = 30,
    **order: Any,
) -> Activation:
    """Store a bought number; each code came `wait` seconds after the one before and is delivered."""
    id_ = add_ordered(connection, user_id, at=at, **order).id
    transitions.bought(
        connection, id_, f"{id_:012}", phone, bought_at=at, ends_at=at + 1200, cancel_from=at + 120
    )
    for ordinal, text in enumerate(codes, start=1):
        transitions.add_code(connection, id_, NewCode(text), at + wait * ordinal)
        outbox.code_delivered(connection, id_, ordinal, at + wait * ordinal)
    return _with_drawn_card(connection, id_)


def add_ended(connection: Connection, /, user_id: int, *codes: str, at: int, **values: Any) -> Activation:
    """Store an ended number: completed if it has codes, expired otherwise."""
    id_ = add_bought(connection, user_id, *codes, at=at, **values).id
    state, ending = (State.COMPLETED, Ending.USER) if codes else (State.EXPIRED, Ending.TIME)
    transitions.end(connection, id_, state, ending, at + 1200)
    return _with_drawn_card(connection, id_)


def add_refused(connection: Connection, user_id: int, *, at: int) -> Activation:
    """Store a purchase that was refused because no numbers were available."""
    id_ = add_ordered(connection, user_id, at=at).id
    transitions.refused(connection, id_, "NoNumbers", at)
    return _with_drawn_card(connection, id_)


def add_ordered(
    connection: Connection,
    /,
    user_id: int,
    *,
    at: int,
    service: str = "tg",
    name: str = "Telegram",
    country: str = "10",
    operators: Sequence[str] = (),
    price: str | None = "0.1",
    provider: str = "own",
) -> Activation:
    """Store an order whose result is not known yet."""
    quote = Quote(
        token=f"token-{next(_token_numbers)}",
        user_id=user_id,
        service=service,
        service_name=name,
        country=country,
        operators=tuple(operators),
        price=None if price is None else Decimal(price),
        drawn_at=at,
        provider=provider,
    )
    return _with_drawn_card(connection, transitions.create(connection, quote, at, 10**9).id)


def _with_drawn_card(connection: Connection, id_: int) -> Activation:
    activation = activations.get(connection, id_)
    outbox.card_drawn(connection, activation, None)  # so that no delivery is pending
    return activation
