"""An SMS-activation provider in memory: accounts, stock, sold numbers, dialects, and faults on demand."""

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
from bot.sandbox.provider.faults import FaultKind, ProviderFault
from bot.sandbox.provider.records import (
    ClosedNumberError,
    LedgerEntry,
    Number,
    NumberState,
    ProviderAccount,
    RecordedRequest,
)
from bot.sandbox.provider.server import ProviderServer
from bot.sandbox.provider.service import SandboxProvider

__all__ = [
    "DAISYSMS",
    "HEROSMS",
    "SMS3T",
    "SMSBOWER",
    "SMS_ACTIVATE",
    "TIGER",
    "WORLDWIDE",
    "ActiveShape",
    "ClosedNumberError",
    "CountShape",
    "Dialect",
    "EmptyShape",
    "ErrorShape",
    "FaultKind",
    "LedgerEntry",
    "NothingActive",
    "Number",
    "NumberState",
    "OperatorRule",
    "PriceShape",
    "ProviderAccount",
    "ProviderFault",
    "ProviderServer",
    "RecordedRequest",
    "SandboxProvider",
    "Wrapping",
]
