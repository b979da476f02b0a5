"""A provider of phone numbers in memory, with its own time, money and stock, that misbehaves on order."""

from bot.sandbox.provider.dialects import (
    DAISYSMS,
    HEROSMS,
    SMS3T,
    SMS_ACTIVATE,
    SMSBOWER,
    TIGER,
    WORLDWIDE,
    ActiveShape,
    CountShape,
    Dialect,
    EmptyShape,
    ErrorShape,
    NothingActive,
    OperatorRule,
    PriceShape,
    Wrapping,
)
from bot.sandbox.provider.faults import Fault, FaultKind
from bot.sandbox.provider.records import Account, ClosedNumberError, Number, Purchase, Request, State
from bot.sandbox.provider.server import ProviderServer
from bot.sandbox.provider.state import Provider

__all__ = [
    "DAISYSMS",
    "HEROSMS",
    "SMS3T",
    "SMSBOWER",
    "SMS_ACTIVATE",
    "TIGER",
    "WORLDWIDE",
    "Account",
    "ActiveShape",
    "ClosedNumberError",
    "CountShape",
    "Dialect",
    "EmptyShape",
    "ErrorShape",
    "Fault",
    "FaultKind",
    "NothingActive",
    "Number",
    "OperatorRule",
    "PriceShape",
    "Provider",
    "ProviderServer",
    "Purchase",
    "Request",
    "State",
    "Wrapping",
]
