"""What buttons carry, and what handlers ask for."""

import ast
import inspect
import textwrap
from enum import EnumType
from typing import Any

import pytest
from aiogram import Router
from hypothesis import given, strategies as st

from bot.domain import Operator, Step
from bot.telegram import callbacks, operator_bitmask
from tests.conftest import World

PROVIDED = {"context", "callback_data", "command", "asked", "noted", "reply", "bot", "key_message"}
"""The names that aiogram, our middlewares and our filters pass to a handler."""
MAX_PARAMETERS = 5
CODES = st.text(min_size=1, max_size=8)


def handlers(router: Router) -> list[Any]:
    """Return every handler of a router and of the routers in it."""
    found = [handler.callback for observer in router.observers.values() for handler in observer.handlers]
    return found + [handler for inner in router.sub_routers for handler in handlers(inner)]


async def test_handlers_take_only_what_is_passed_and_use_it(bot_world: World) -> None:
    """Each parameter of a handler is passed to it by name and is used in it; a handler has five at most."""
    assert bot_world.app is not None
    screens = {
        method.__qualname__: method
        for handler in handlers(bot_world.app.dispatcher)
        if inspect.ismethod(method := inspect.unwrap(handler)) and method.__module__.startswith("bot.")
    }
    assert len(screens) > 40
    for name, method in screens.items():
        parameters = list(inspect.signature(method).parameters)
        assert set(parameters) <= PROVIDED, name
        assert len(parameters) <= MAX_PARAMETERS, name
        (function,) = ast.parse(textwrap.dedent(inspect.getsource(method))).body
        used = {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}
        assert set(parameters) <= used, name


def test_prefixes_are_unique() -> None:
    """No two kinds of buttons begin alike."""
    kinds = callbacks.ButtonData.__subclasses__()
    prefixes = [kind.__prefix__ for kind in kinds]
    assert len(prefixes) == len(set(prefixes)) > 30


@given(country=CODES, service=CODES)
def test_codes_may_hold_anything(country: str, service: str) -> None:
    """A provider's code comes out of a button as it went in, the separator included."""
    if callbacks.fits(country, service):
        packed = callbacks.ShowOperators(country=country, service=service).pack()
        assert len(packed.encode()) <= 64
        unpacked = callbacks.ShowOperators.unpack(packed)
        assert (unpacked.country, unpacked.service) == (country, service)


@pytest.mark.parametrize("step", Step)
def test_steps_survive_packing(step: Step) -> None:
    """A step's button brings back the same step and id."""
    unpacked = callbacks.TakeStep.unpack(callbacks.TakeStep(step=step, id=2**62).pack())
    assert unpacked == callbacks.TakeStep(step=step, id=2**62)


@given(count=st.integers(1, 64), bits=st.integers(0))
def test_any_choice_of_operators_fits_a_button(count: int, bits: int) -> None:
    """Up to 64 operators, any of them chosen, come out of a button as they went in."""
    listed = [Operator(f"o{number}", "") for number in range(count)]
    chosen = {operator.code for place, operator in enumerate(listed) if bits >> place & 1}
    packed = operator_bitmask.pack(listed, chosen)
    assert len(packed) <= 13
    assert set(operator_bitmask.unpack(listed, packed, operator_bitmask.checksum(listed)) or ()) == chosen


def test_a_changed_list_is_noticed() -> None:
    """A choice made in another list of operators is refused rather than misread."""
    before = [Operator("a", ""), Operator("b", "")]
    after = [Operator("b", ""), Operator("a", "")]
    packed = operator_bitmask.pack(before, {"a"})
    assert operator_bitmask.unpack(after, packed, operator_bitmask.checksum(before)) is None


KINDS = sorted(callbacks.ButtonData.__subclasses__(), key=lambda kind: kind.__prefix__)
OUT_OF_RANGE = st.one_of(st.integers(max_value=-1), st.integers(min_value=2**63))


def _forged(kind: type[callbacks.ButtonData], number: object) -> str:
    """Return data of a kind with this number in each numeric field, and something plausible elsewhere."""
    values: list[str] = []
    for field in kind.model_fields.values():
        annotation: Any = field.annotation
        if annotation in (int, int | None):
            values.append(str(number))
        elif annotation is bool:
            values.append("1")
        elif isinstance(annotation, EnumType):
            values.append(str(next(iter(annotation.__members__.values())).value))
        else:
            values.append("x")
    return ":".join([kind.__prefix__, *values])


NUMERIC = [
    kind
    for kind in KINDS
    if any(field.annotation in (int, int | None) for field in kind.model_fields.values())
]


@given(kind=st.sampled_from(NUMERIC), number=OUT_OF_RANGE)
def test_no_button_carries_a_number_out_of_range(kind: type[callbacks.ButtonData], number: int) -> None:
    """An id or a page that the database cannot hold is damaged data, in every kind of button."""
    with pytest.raises(ValueError, match="out of range"):
        kind.unpack(_forged(kind, number))


@pytest.mark.parametrize("number", [-1, 0, 2**31, 2**63 - 1, 2**63, 10**40, "1e9", "١", "0x1"])
async def test_forged_numbers_leave_no_traceback(
    bot_world: World, caplog: pytest.LogCaptureFixture, number: object
) -> None:
    """Every kind of button with such a number is answered, and no handler fails."""
    ann = await bot_world.customer()
    for kind in NUMERIC:
        data = _forged(kind, number)
        assert await ann.press(data) is not None, data
    assert "a handler failed" not in caplog.text
    assert "Something went wrong" not in ann.transcript()
    assert bot_world.provider.ledger == []
