"""What buttons carry, and what handlers ask for."""

import inspect
from typing import Any

import pytest
from aiogram import Router
from hypothesis import given, strategies as st

from bot.domain import Operator, Step
from bot.telegram import callbacks, dispatcher, operator_bitmask

PROVIDED = {
    "reply",
    "user",
    "t",
    "settings",
    "translations",
    "accounts",
    "activations",
    "purchases",
    "reconciliation",
    "status_checks",
    "catalog",
    "service_search",
    "history",
    "charts",
    "preferences",
    "asked",
    "favourites",
    "alerts",
    "quote_screens",
    "bot",
    "command",
    "callback_data",
    "event_from_user",
    "event_chat",
}
CODES = st.text(min_size=1, max_size=8)


def handlers() -> list[Any]:
    """Return every registered handler."""
    routers: list[Router] = [part.router() for part in dispatcher.PARTS]
    found = {
        handler.callback
        for router in routers
        for observer in router.observers.values()
        for handler in observer.handlers
    }
    return sorted(found, key=lambda handler: handler.__qualname__)


@pytest.mark.parametrize("handler", handlers(), ids=lambda handler: handler.__name__)
def test_handlers_ask_only_for_what_there_is(handler: Any) -> None:
    """Each parameter after the event has a name that is provided: a typo would be found only in use."""
    _, *rest = inspect.signature(handler).parameters
    assert set(rest) <= PROVIDED


def test_prefixes_are_unique() -> None:
    """No two kinds of buttons begin alike."""
    kinds = callbacks.Data.__subclasses__()
    prefixes = [kind.__prefix__ for kind in kinds]
    assert len(prefixes) == len(set(prefixes)) > 30


@given(country=CODES, service=CODES)
def test_codes_may_hold_anything(country: str, service: str) -> None:
    """A provider's code comes out of a button as it went in, the separator included."""
    if callbacks.fits(country, service):
        packed = callbacks.Operators(country=country, service=service).pack()
        assert len(packed.encode()) <= 64
        unpacked = callbacks.Operators.unpack(packed)
        assert (unpacked.country, unpacked.service) == (country, service)


@pytest.mark.parametrize("step", Step)
def test_steps_survive_packing(step: Step) -> None:
    """A step's button brings back the same step and id."""
    unpacked = callbacks.Take.unpack(callbacks.Take(step=step, id=2**62).pack())
    assert unpacked == callbacks.Take(step=step, id=2**62)


@given(count=st.integers(1, 64), bits=st.integers(0))
def test_any_choice_of_operators_fits_a_button(count: int, bits: int) -> None:
    """Up to 64 operators, any of them chosen, come out of a button as they went in."""
    listed = [Operator(f"o{number}", "") for number in range(count)]
    chosen = {operator.code for place, operator in enumerate(listed) if bits >> place & 1}
    packed = operator_bitmask.pack(listed, chosen)
    assert len(packed) <= 13
    assert set(operator_bitmask.unpack(listed, packed, operator_bitmask.seal(listed)) or ()) == chosen


def test_a_changed_list_is_noticed() -> None:
    """A choice made in another list of operators is refused rather than misread."""
    before = [Operator("a", ""), Operator("b", "")]
    after = [Operator("b", ""), Operator("a", "")]
    packed = operator_bitmask.pack(before, {"a"})
    assert operator_bitmask.unpack(after, packed, operator_bitmask.seal(before)) is None
