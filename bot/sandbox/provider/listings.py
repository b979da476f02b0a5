"""The list actions: countries, services, operators, and active activations."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone

from bot.data import country_names, service_names
from bot.sandbox.provider.dialects import ActiveShape, Dialect, NothingActive, V2Shape
from bot.sandbox.provider.errors import RefusalReason, RefusedRequest
from bot.sandbox.provider.price_tables import amount
from bot.sandbox.provider.records import Number, NumberState, ProviderAccount
from bot.sandbox.provider.service import SandboxProvider
from bot.sandbox.provider.stock import summarise

_PAGE = 100
_DOLLAR = 840  # ISO 4217
_LIST_NAMES = {
    ActiveShape.ACTIVE: "activeActivations",
    ActiveShape.DATA: "data",
    ActiveShape.ARRAY: "array",
    ActiveShape.ACTIVATIONS: "activations",
}
_NOTHING = {
    NothingActive.TOKEN: "NO_ACTIVATIONS",
    NothingActive.ERROR: {"status": "error", "error": "NO_ACTIVATIONS"},
    NothingActive.FAIL: {"status": "fail", "msg": "no_activations"},
    NothingActive.NULL: None,
}
_NAIVE = "%Y-%m-%d %H:%M:%S"
_SERVER_ZONE = timezone(timedelta(hours=3))

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
            **dict.fromkeys(dialect.country_names, names.get(country, country)),
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
    if not rows and dialect.nothing_active in _NOTHING:
        return _NOTHING[dialect.nothing_active]
    if name := _LIST_NAMES.get(dialect.active):
        return {"status": "success", name: rows}
    match dialect.active:
        case ActiveShape.NUMBER_IDS:
            return [
                {"numberid": row["activationId"], "number": row["phoneNumber"], "status": 1} for row in rows
            ]
        case ActiveShape.BOTH:
            start, limit = _number(params, "start", 0), _number(params, "limit", _PAGE)
            page = rows[start : start + min(limit, _PAGE)]
            counted = {"affected_rows": len(page), "num_rows": len(page), "rows": page}
            counted["row"] = page[0] if page else None
            return {"status": "success", "data": page, "activeActivations": counted}
        case _:
            return rows


def countries_with_operators(provider: SandboxProvider) -> object:
    """Return a row for each country, with its operators by code."""
    names = country_names()
    return [
        {
            "id": country,
            "name": names.get(country, country),
            "operators": {code: code.capitalize() for code in ("any", *provider.stock.operators(country))},
        }
        for country in provider.stock.countries()
    ]


def services_with_prices(provider: SandboxProvider, country: str) -> object:
    """Return a row for each service of a country, with its price and count."""
    names = service_names()
    return [
        {"id": code, "name": names.get(code, code), "price": f"{offer.price:f}", "quantity": offer.count}
        for code, items in provider.stock.offers(country)
        for offer in (summarise(items),)
    ]


def bought(provider: SandboxProvider, number: Number) -> object:
    """Return the answer of ``getNumberV2``."""
    shape, lifetime = provider.dialect.number_v2, provider.lifetime
    zone = UTC if shape is V2Shape.ZONED else _SERVER_ZONE

    def time(after: float = 0) -> str:
        moment = datetime.fromtimestamp(number.bought_at + after, zone)
        return moment.isoformat() if shape is V2Shape.ZONED else moment.strftime(_NAIVE)

    facts: dict[str, object] = {
        "activationId": int(number.id),
        "phoneNumber": f"{number.phone[:-4]}****" if shape is V2Shape.MASKED else number.phone,
        "activationCost": amount(number.price),
        "countryCode": number.country,
        "canGetAnotherSms": True,
        "activationTime": time(),
        "activationOperator": number.operator,
    }
    if shape is not V2Shape.BARE:
        facts["currency"] = _DOLLAR
    if shape is V2Shape.ZONED:
        facts |= {"status": 4, "activationEndTime": time(lifetime)}
    if shape is V2Shape.WITH_CANCEL:
        facts |= {"activationCancel": time(provider.cancel_after), "activationEnd": time(lifetime)}
    return facts


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
        "activationTime": datetime.fromtimestamp(number.bought_at, UTC).strftime(_NAIVE),
        "discount": "0",
        "repeated": "0",
        "countryCode": number.country,
        "countryName": country_name,
        "canGetAnotherSms": "1",
        "currency": _DOLLAR,
    }
