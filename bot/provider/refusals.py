"""Mapping of the provider's error tokens to error classes."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from bot import errors
from bot.domain import visible
from bot.provider.values import money, text, unquoted

_TOKENS: Final[dict[type[errors.ProviderError], tuple[str, ...]]] = {
    errors.KeyRefused: (
        "BAD_KEY",
        "NO_KEY",
        "WRONG_API_KEY",
        "ERROR_WRONG_KEY",
        "API_KEY_NOT_VALID",
        "NO_ACCESS",
    ),
    errors.NoNumbers: ("NO_NUMBERS", "NO_NUMBER", "NO_PROVIDERS"),
    errors.NoBalance: (
        "NO_BALANCE",
        "NO_MONEY",
        "NO_MEANS",
        "LOW_BALANCE",
        "BAD_BALANCE",
        "NOT_ENOUGH_MONEY",
        "NO_BALANCE_FORWARD",
        "NO_YULA_MAIL",
        "MAIL_RULE",
    ),
    errors.BadService: ("BAD_SERVICE", "WRONG_SERVICE", "SERVICE_IS_INCORRECT"),
    errors.BadCountry: ("BAD_COUNTRY", "WRONG_COUNTRY", "COUNTRY_IS_INCORRECT"),
    errors.BadOperator: ("BAD_OPERATOR", "WRONG_OPERATOR", "OPERATORS_NOT_FOUND"),
    errors.BadPrefixes: ("WRONG_EXCEPTION_PHONE",),
    errors.BadRequest: (
        "BAD_FORWARD",
        "BAD_VALUES",
        "BAD_MULTIPLE",
        "BAD_PROVIDER_IDS",
        "BAD_EXCEPT_PROVIDER_IDS",
        "BAD_ACTIVATION_TYPE",
        "BAD_FIXED_PRICE",
        "BAD_CURRENCY",
        "CURRENCY_CHANGE_UNAVAILABLE",
        "UNPROCESSABLE_ENTITY",
        "WRONG_DATE",
        "WRONG_ADDITIONAL_SERVICE",
        "WRONG_SECURITY",
        "BAD_LANG",
        "REPEAT_ADDITIONAL_SERVICE",
    ),
    errors.LimitReached: ("CHANNELS_LIMIT", "TOO_MANY_ACTIVE_RENTALS"),
    errors.NotForSale: (
        "ACCOUNT_INACTIVE",
        "SERVICE_NOT_AVAILABLE",
        "NOT_AVAILABLE",
        "WHATSAPP_NOT_AVAILABLE",
        "THE_SERVICE_IS_PROHIBITED_FOR_SALE_BY_ADMINISTRATION",
        "RENEW_ACTIVATION_NOT_AVAILABLE",
        "NEW_ACTIVATION_IMPOSSIBLE",
        "SIM_OFFLINE",
    ),
    errors.RegionRefused: ("SERVICE_UNAVAILABLE_REGION",),
    errors.AlreadyBought: ("ORDER_ALREADY_EXISTS",),
    errors.UnknownActivation: (
        "NO_ACTIVATION",
        "WRONG_ACTIVATION_ID",
        "INVALID_ACTIVATION_ID",
        "NOT_FOUND",
        "ACTIVATION_NOT_FOUND",
        "BAD_ID",
    ),
    errors.StepRefused: ("BAD_STATUS", "INCORRECT_STATUS", "INCORECT_STATUS"),
    errors.AlreadyEnded: ("FREE_CANCELLATION_EXPIRED", "ACTIVATION_NOT_ACTIVE"),
    errors.UnsupportedAction: ("BAD_ACTION", "NO_ACTION"),
    errors.ServerTrouble: (
        "ERROR_SQL",
        "SQL_ERROR",
        "SERVER_ERROR",
        "NO_CONNECTION",
        "ERROR_API",
        "UNKNOWN_ERROR",
        "SERVICE_UNAVAILABLE",
    ),
}
_BY_TOKEN: Final = {token: error for error, tokens in _TOKENS.items() for token in tokens}
_NUMBERED_SQL_ERROR: Final = re.compile(r"ERROR_SQL[0-9]+")

MAX_RETRY_AFTER: Final = 3600.0
"""Upper limit of a provider's wait, in seconds."""


def _seconds(value: object) -> float | None:
    """Return seconds up to the limit, or None if the value is not a number of seconds."""
    amount = money(value)
    return min(float(amount), MAX_RETRY_AFTER) if amount is not None and amount >= 0 else None


def _banned(tail: str, info: Mapping[str, Any]) -> errors.Banned | errors.ServiceBanned:
    until = info.get("readable_date") or info.get("banned_until") or unquoted(tail)
    make = errors.ServiceBanned if info.get("scope") == "specific" else errors.Banned
    return make(visible(str(until))[:40] if until else None)


def _price_too_low(tail: str, info: Mapping[str, Any]) -> errors.PriceTooLow:
    return errors.PriceTooLow(money(unquoted(tail).lstrip("$")) if tail else money(info.get("min")))


def _too_early(_tail: str, info: Mapping[str, Any]) -> errors.TooEarly:
    return errors.TooEarly(_seconds(info.get("minActivationTime")))


def _code_came_first(_tail: str, info: Mapping[str, Any]) -> errors.CodeCameFirst:
    """Return the error with the code of the last SMS that it has, or with the text without a code."""
    messages = info.get("data")
    last = messages[-1] if isinstance(messages, list) and messages else messages
    if not isinstance(last, dict):
        return errors.CodeCameFirst()
    return errors.CodeCameFirst(text(last.get("code")) or text(last.get("text")) or None)


_FACTORIES: Final[dict[str, Callable[[str, Mapping[str, Any]], errors.ProviderError]]] = {
    "BANNED": _banned,
    "WRONG_MAX_PRICE": _price_too_low,
    "MAX_PRICE_EXCEEDED": _price_too_low,
    "BAD_MAX_PRICE": _price_too_low,
    "EARLY_CANCEL_DENIED": _too_early,
    "CANNOT_BEFORE_2_MIN": lambda _tail, _info: errors.TooEarly(120.0),
    "OTP_RECEIVED": _code_came_first,
    "NEW_OTP_RECEIVED": _code_came_first,
}
_THROTTLED: Final = frozenset({"RATE_LIMIT", "REQUEST_LIMIT", "TOO_MANY_REQUESTS"})


def error_for(
    token: str, tail: str, info: Mapping[str, Any] | None = None, retry_after: float | None = None
) -> errors.ProviderError | None:
    """Return the error of a token, or None if it is not an error token.

    Args:
        token: the whole token before the first colon.
        tail: the text after the colon.
        info: details of a JSON error.
        retry_after: seconds of the HTTP header.
    """
    info = info or {}
    if token in _THROTTLED:
        return errors.Throttled(max(5.0, retry_after or _seconds(info.get("retry_after")) or 0.0))
    if make := _FACTORIES.get(token):
        return make(tail, info)
    if error := _BY_TOKEN.get(token):
        return error()
    if _NUMBERED_SQL_ERROR.fullmatch(token):
        return errors.ServerTrouble()
    return None
