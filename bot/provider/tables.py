"""Conversion of the provider's JSON tables, which have many shapes, to domain values.

Invalid rows are skipped. Only a value that is not a table at all is an error.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from bot.domain import ListedActivation, Offer, visible
from bot.errors import Unreadable
from bot.provider.values import cost, currency, flag, is_id, money, text

MAX_NAME: Final = 60
"""Maximum length of a name in characters; some lists contain whole sentences."""

_COUNT_KEY: Final = re.compile(r"(.+?)(?:_([01]))?")
_ACTIVE: Final = ("activeActivations", "data", "array", "rows", "activations")
"""The names of the list of active numbers."""
_NESTED: Final = frozenset({"cost", "price", "count", "prices", "providers"})


def counts(value: object) -> dict[str, int]:
    """Return service code → count of free numbers, in the provider's order (``getNumbersStatus``).

    Keys may end in ``_0`` (without call forwarding) or ``_1`` (with); those with ``_1`` are skipped.
    """
    found: dict[str, int] = {}
    for key, raw in _items(value):
        match = _COUNT_KEY.fullmatch(key)
        count = 0 if raw is None else _count(raw)
        if match and match[2] != "1" and count is not None:
            found[match[1]] = count
    return found


def offers(value: object, *, country: str | None = None, service: str | None = None) -> list[Offer]:
    """Return the offers of a price table, in the provider's order (``getPrices`` and its variants).

    Args:
        value: country → service → price and count, or service → country, or without the requested level.
        country: the requested country, or None.
        service: the requested service, or None.
    """
    if isinstance(value, list):
        return [offer for row in value if (offer := _row_offer(row, country, service))]
    found: list[Offer] = []
    inverted = _is_service_first(value, country, service)
    for outer, inner in _items(value):
        if not isinstance(inner, (dict, list)):
            if (scalar := _price_and_count(inner)) and country and service is None:
                found.append(Offer(country, outer, *scalar))
            continue
        if isinstance(inner, dict) and _NESTED & inner.keys() and (entry := _price_and_count(inner)):
            if service and outer.isdecimal() and not (country and outer == service):
                found.append(Offer(outer, service, *entry))
            elif country:
                found.append(Offer(country, outer, *entry))
            continue
        for nested, raw in _items(inner):
            pair = (nested, outer) if inverted or not outer.isdecimal() else (outer, nested)
            if (entry := _price_and_count(raw)) and pair[0].isdecimal():
                found.append(Offer(pair[0], pair[1], *entry))
    return [
        offer
        for offer in found
        if (country is None or offer.country == country) and (service is None or offer.service == service)
    ]


def _is_service_first(value: object, country: str | None, service: str | None) -> bool:
    """Return whether the outer keys are services, although both are numbers; only a filter can show it."""
    if not isinstance(value, dict) or not value:
        return False
    rows = [row for row in value.values() if isinstance(row, dict)]
    by_country = country is not None and country not in value and all(country in row for row in rows)
    return by_country or (service in value and country != service and all(service not in row for row in rows))


def _row_offer(row: object, country: str | None, service: str | None) -> Offer | None:
    """Return the offer in a row of a list, or None if it has none for the filters."""
    if not isinstance(row, dict) or not country:
        return None
    code = text(row.get("code") or row.get("id"))
    entry = _price_and_count(row)
    return Offer(country, code, *entry) if entry and code and service in (None, code) else None


def countries(value: object) -> dict[str, str]:
    """Return country id → English name of the visible countries (``getCountries``)."""
    rows = value.get("countries", value) if isinstance(value, dict) else value
    found: dict[str, str] = {}
    for key, row in _rows(rows):
        if isinstance(row, dict) and row.get("visible") not in (0, "0"):
            id_ = text(row.get("id")) or key
            name = clean_name(_first(row, "eng", "name_en", "name", "title", "rus"))
            if id_ and name:
                found[id_] = name
    return found


def services(value: object) -> dict[str, str]:
    """Return service code → name, in the provider's order (``getServicesList``)."""
    rows = value.get("services", value) if isinstance(value, dict) else value
    found: dict[str, str] = {}
    for key, row in _rows(rows):
        code = text(row.get("code") or row.get("id")) or key if isinstance(row, dict) else key
        name = clean_name(_first(row, "name", "name_en", "title") if isinstance(row, dict) else row)
        if code and name and code != "status":
            found[code] = name
    return found


def operators(value: object, country: str) -> list[str]:
    """Return the operator codes of a country without ``any``; empty if it lists none (``getOperators``)."""
    table = value.get("countryOperators", value) if isinstance(value, dict) else value
    listed = table.get(country, []) if isinstance(table, dict) else _operators_in_rows(table, country)
    if isinstance(listed, dict):
        listed = list(listed.values() if all(map(str.isdecimal, listed)) else listed)
    if not isinstance(listed, list):
        return []
    codes = (text(code) for code in listed if not isinstance(code, (dict, list)))
    return list(dict.fromkeys(code for code in codes if code and code != "any"))


def _operators_in_rows(rows: object, country: str) -> object:
    """Return the operators in the row of a country, or the same value if it is not a list of rows."""
    if isinstance(rows, list) and rows and all(isinstance(row, dict) for row in rows):
        return next((row.get("operators") for row in rows if text(row.get("id")) == country), [])
    return rows


def active(value: object) -> list[ListedActivation]:
    """Return the rows of the list of active activations (``getActiveActivations``).

    Raises:
        Unreadable: there is no list, or a row has no id; such a list may hide an activation.
    """
    rows: Any = value
    if isinstance(value, dict):
        candidates = [value.get(name) for name in _ACTIVE]
        candidates += [each.get("rows") for each in candidates if isinstance(each, dict)]
        lists = [rows for rows in candidates if isinstance(rows, list)]
        rows = next((rows for rows in lists if rows), lists[0] if lists else None)
    if not isinstance(rows, list):
        raise Unreadable("no list of activations")
    return [_listed_activation(row) for row in rows]


def clean_name(raw: object) -> str:
    """Return a name as it is shown: visible, with single spaces, and at most ``MAX_NAME`` characters."""
    name = " ".join(visible(text(raw)).split()).strip(" ,")
    return name if len(name) <= MAX_NAME else name[: MAX_NAME - 1].rstrip() + "…"


def _listed_activation(row: object) -> ListedActivation:
    if not isinstance(row, dict):
        raise Unreadable("a row is not an activation")

    def first(*names: str) -> str | None:
        return next((found for name in names if (found := text(row.get(name)))), None)

    id_ = first("activationId", "id", "activation_id", "numberid")
    if id_ is None or not is_id(id_):
        raise Unreadable("an activation without an id")
    return ListedActivation(
        id=id_,
        service=first("serviceCode", "service"),
        country=first("countryCode", "country", "countryId"),
        phone=clean_name(first("phoneNumber", "phone", "number")) or None,
        codes=_listed_codes(row),
        charged=cost(row.get("activationCost", row.get("cost"))),
        currency=currency(row.get("currency")),
        can_resend=flag(row.get("canGetAnotherSms")),
        message=next((found for raw in reversed(_flat(row.get("smsText"))) if (found := text(raw))), None),
    )


def _listed_codes(row: dict[str, Any]) -> tuple[str, ...]:
    """Return the codes of a row, or the texts of its SMS if it has no codes; each once, in order."""
    for name in ("smsCode", "smsText"):
        found = [code for raw in _flat(row.get(name)) if (code := text(raw))]
        if found:
            return tuple(dict.fromkeys(found))
    return ()


def _flat(value: object) -> list[object]:
    """Return the values of a field that may hold one value, a list, or objects with a code or a text."""
    values = value if isinstance(value, list) else [value]
    return [
        next((raw[name] for name in ("code", "smsCode", "text", "smsText") if raw.get(name)), None)
        if isinstance(raw, dict)
        else raw
        for raw in values
    ]


_Entry = tuple[Decimal | None, int | None, bool]
"""The lowest price of an offer, the count at all prices, and whether there are several prices."""


def _price_and_count(raw: object) -> _Entry | None:
    """Return the prices and the count of one offer, or None if neither can be read."""
    if not isinstance(raw, dict):
        amount = _price(raw)
        return None if amount is None else (amount, None, False)
    if isinstance(prices := raw.get("prices"), dict):
        return _summary(_from_price_map(prices))
    price = _price(raw.get("cost", raw.get("price")))
    count = _count(raw.get("physicalCount"))  # the others of "count" cannot be bought
    if count is None:
        count = _count(raw.get("count", raw.get("quantity")))
    if price is not None or count is not None or "count" in raw:
        return _with_steps(raw, price, count)
    if raw and all(isinstance(row, dict) for row in raw.values()):
        return _summary(_from_rows(raw.values()))
    if raw and all(_price(key) is not None for key in raw):
        return _summary(_from_price_map(raw))
    return None


def _with_steps(raw: Mapping[str, Any], price: Decimal | None, count: int | None) -> _Entry:
    """Return the price and the count of an offer that may list its prices one by one, too."""
    steps, suppliers = raw.get("freePriceMap"), raw.get("providers")
    listed = _from_price_map(steps) if isinstance(steps, dict) else []
    if isinstance(suppliers, dict):
        listed += _from_rows(row for row in suppliers.values() if isinstance(row, dict))
    prices = {each for each, free in listed if free}
    if price is None or not count or not prices:
        return price, count, False
    return min(price, *prices), count, len(prices | {price}) > 1


def _from_price_map(prices: Mapping[str, Any]) -> list[tuple[Decimal, int]]:
    """Return the prices and counts of a price → count map."""
    return [(price, _count(raw) or 0) for key, raw in prices.items() if (price := _price(key)) is not None]


def _from_rows(rows: Iterable[Mapping[str, Any]]) -> list[tuple[Decimal, int]]:
    """Return the prices and counts of rows of suppliers; a row may have a list of prices."""
    return [
        (price, _count(row.get("count")) or 0)
        for row in rows
        for raw in _flat(row.get("price", row.get("cost")))
        if (price := _price(raw)) is not None
    ]


def _summary(entries: list[tuple[Decimal, int]]) -> _Entry | None:
    """Return the lowest price with free numbers and the sum of the counts; None for no entries."""
    if not entries:
        return None
    available = {price for price, count in entries if count}
    lowest = min(available or {price for price, _ in entries})
    return lowest, sum(count for _, count in entries), len(available) > 1


def _first(row: Mapping[str, Any], *names: str) -> object:
    """Return the first of these fields that is not empty."""
    return next((found for name in names if (found := row.get(name))), None)


def _items(value: object) -> Iterator[tuple[str, Any]]:
    """Yield the pairs of an object. PHP encodes an empty object as a list."""
    if isinstance(value, dict):
        yield from value.items()
    elif not isinstance(value, list):
        raise Unreadable("no table")


def _rows(value: object) -> Iterator[tuple[str, Any]]:
    """Yield the rows of a list or of an object keyed by id."""
    if isinstance(value, list):
        yield from (("", row) for row in value)
    else:
        yield from _items(value)


def _price(raw: object) -> Decimal | None:
    amount = money(raw)
    return amount if amount is not None and amount >= 0 else None


def _count(raw: object) -> int | None:
    amount = money(raw)
    return None if amount is None else max(0, int(amount))
