"""Gives people a past: activations, written into the database as the bot would have written them."""

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

_numbers = count(1)


@asynccontextmanager
async def database(world: World) -> AsyncIterator[Database]:
    """Open the bot's database beside the bot."""
    async with await Database.open(world.values["database_path"]) as db:
        yield db


def bought(
    connection: Connection,
    /,
    user_id: int,
    *codes: str,
    at: int,
    phone: str = "84912345678",
    wait: int = 30,
    **what: Any,
) -> Activation:
    """Buy a number, without asking anybody; its codes came after a wait, and are in the chat."""
    id_ = ordered(connection, user_id, at=at, **what).id
    transitions.bought(
        connection, id_, f"{id_:012}", phone, bought_at=at, ends_at=at + 1200, cancel_from=at + 120
    )
    for ordinal, text in enumerate(codes, start=1):
        transitions.add_code(connection, id_, NewCode(text), at + wait * ordinal)
        outbox.code_delivered(connection, id_, ordinal, at + wait * ordinal)
    return _drawn(connection, id_)


def ended(connection: Connection, /, user_id: int, *codes: str, at: int, **what: Any) -> Activation:
    """Do what `bought` does, for a number that has ended: with codes it is completed, else expired."""
    id_ = bought(connection, user_id, *codes, at=at, **what).id
    state, ending = (State.COMPLETED, Ending.USER) if codes else (State.EXPIRED, Ending.TIME)
    transitions.end(connection, id_, state, ending, at + 1200)
    return _drawn(connection, id_)


def refused(connection: Connection, user_id: int, *, at: int) -> Activation:
    """Try to buy a number that there was not."""
    id_ = ordered(connection, user_id, at=at).id
    transitions.refused(connection, id_, "NoNumbers", at)
    return _drawn(connection, id_)


def ordered(
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
) -> Activation:
    """Tap on Buy; what came of it is not known yet."""
    page = Quote(
        token=f"past-{next(_numbers)}",
        user_id=user_id,
        service=service,
        service_name=name,
        country=country,
        operators=tuple(operators),
        price=None if price is None else Decimal(price),
        drawn_at=at,
    )
    return _drawn(connection, transitions.create(connection, page, at, 10**9).id)


def _drawn(connection: Connection, id_: int) -> Activation:
    activation = activations.get(connection, id_)
    outbox.card_drawn(connection, activation, None)
    return activation
