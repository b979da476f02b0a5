"""An SMS-activation provider in memory: accounts, stock, sold numbers, dialects, and faults on demand."""

from bot.sandbox.provider.dialects import Dialect, PriceShape, Wrapping
from bot.sandbox.provider.family import (
    DAISYSMS,
    FAMILY,
    HEROSMS,
    SMS3T,
    SMS_ACTIVATE,
    SMSBOWER,
    TIGER,
    WORLDWIDE,
)
from bot.sandbox.provider.faults import FaultKind, ProviderFault
from bot.sandbox.provider.records import (
    ClosedNumberError,
    Number,
    NumberState,
)
from bot.sandbox.provider.server import ProviderServer
from bot.sandbox.provider.service import SandboxProvider

__all__ = [
    "DAISYSMS",
    "FAMILY",
    "HEROSMS",
    "SMS3T",
    "SMSBOWER",
    "SMS_ACTIVATE",
    "TIGER",
    "WORLDWIDE",
    "ClosedNumberError",
    "Dialect",
    "FaultKind",
    "Number",
    "NumberState",
    "PriceShape",
    "ProviderFault",
    "ProviderServer",
    "SandboxProvider",
    "Wrapping",
]
