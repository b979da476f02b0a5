"""The list actions: countries, services, operators, and active activations."""

from collections.abc import Mapping
from datetime import UTC, datetime

from bot.data import country_names, service_names
from bot.sandbox.provider.dialects import ActiveShape, Dialect, NothingActive
from bot.sandbox.provider.errors import RefusalReason, RefusedRequest
from bot.sandbox.provider.price_tables import amount
from bot.sandbox.provider.records import Number, NumberState, ProviderAccount
from bot.sandbox.provider.service import SandboxProvider

_PAGE = 100
_DOLLAR = 840  # ISO 4217

# The state codes in the lists; sms-activate itself returns 4 for every state.
_STATES = {
    ActiveShape.BOTH: {NumberState.WAITING: "4", NumberState.RECEIVED: "2", NumberState.WAITING_AGAIN: "3"},
    ActiveShape.DATA: {NumberState.WAITING: "1", NumberState.RECEIVED: "2", NumberState.WAITING_AGAIN: "3"},
}


def countries(provider: SandboxProvider) -> object:
    """Return the countries in stock: an object with ids as keys, or an array in some dialects."""
    dialect, names = provider.dialect, country_names()
    flags = {flag: int(flag in ("visible", "retry")) for flag in dialect.country_flags}
    rows = {
        country: {
            "id": int(country) if flags else country,
            **dict.fromkeys(("rus", "eng", "chn"), names.get(country, country)),
            **flags,
        }
        for country in provider.stock.countries()
    }
    return list(rows.values()) if dialect.countries_as_list else rows


def services(provider: SandboxProvider, country: str | None) -> object:
    """Return the codes and names of the services of one country, or of all countries."""
    stock, names = provider.stock, service_names()
    countries = stock.countries() if country is None else [country]
    codes = dict.fromkeys(code for each in countries for code in stock.services(each))
    return {
        "status": "success",
        "services": [{"code": code, "name": names.get(code, code)} for code in codes],
    }


def operators(provider: SandboxProvider, country: str | None) -> object:
    """Return the operators of one country, or of all countries.

    Raises:
        RefusedRequest: The country is unknown.
    """
    stock = provider.stock
    if not provider.dialect.names_operators:
        return {"status": "success", "countryOperators": [] if country is None else {country: []}}
    if country is not None and not stock.knows_country(country):
        raise RefusedRequest(RefusalReason.OPERATORS_NOT_FOUND)
    countries = stock.countries() if country is None else [country]
    return {"status": "success", "countryOperators": {each: stock.operators(each) for each in countries}}


def active(provider: SandboxProvider, account: ProviderAccount, params: Mapping[str, str]) -> object:
    """Return the open activations of an account, oldest first, with pagination in some dialects."""
    dialect = provider.dialect
    names = country_names()
    rows = [
        _row(dialect, number, names.get(number.country, number.country))
        for number in provider.active(account)
    ]
    if not rows and dialect.nothing_active is NothingActive.TOKEN:
        return "NO_ACTIVATIONS"
    if not rows and dialect.nothing_active is NothingActive.ERROR:
        return {"status": "error", "error": "NO_ACTIVATIONS"}
    match dialect.active:
        case ActiveShape.LIST:
            return rows
        case ActiveShape.DATA:
            return {"status": "success", "data": rows}
        case ActiveShape.ACTIVE:
            return {"status": "success", "activeActivations": rows}
        case ActiveShape.BOTH:
            start, limit = _number(params, "start", 0), _number(params, "limit", _PAGE)
            page = rows[start : start + min(limit, _PAGE)]
            counted = {"affected_rows": len(page), "num_rows": len(page), "rows": page}
            counted["row"] = page[0] if page else None
            return {"status": "success", "data": page, "activeActivations": counted}


def _number(params: Mapping[str, str], name: str, default: int) -> int:
    value = params.get(name, "")
    return int(value) if value.isdecimal() else default


def _row(dialect: Dialect, number: Number, country_name: str) -> dict[str, object]:
    text = number.messages[-1] if number.messages else None
    codes = number.messages if dialect.lists_all_codes else number.messages[-1:]
    return {
        "activationId": number.id,
        "serviceCode": number.service,
        "phoneNumber": number.phone,
        "activationCost": amount(number.price),
        "activationStatus": _STATES.get(dialect.active, {}).get(number.state, "4"),
        "smsCode": list(codes) or None,
        "smsText": text,
        "activationTime": datetime.fromtimestamp(number.bought_at, UTC).strftime("%Y-%m-%d %H:%M:%S"),
        "discount": "0",
        "repeated": "0",
        "countryCode": number.country,
        "countryName": country_name,
        "canGetAnotherSms": "1",
        "currency": _DOLLAR,
    }
