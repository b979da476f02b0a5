"""The tables of ``getNumbersStatus`` and ``getPrices`` in the formats of all dialects."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from bot.sandbox.provider.dialects import CountShape, Dialect, EmptyShape, PriceShape
from bot.sandbox.provider.stock import Stock, StockItem, summarise

_FORWARDED = "av"  # the only service that is also listed with call forwarding


def counts(dialect: Dialect, stock: Stock, country: str, operators: Sequence[str]) -> object:
    """Return the count of each service, as JSON in the dialect's format."""
    table: dict[str, int | str] = {}
    for service, items in stock.offers(country, operators=operators):
        count = _cap(dialect, summarise(items).count)
        match dialect.counts:
            case CountShape.SUFFIX:
                table[f"{service}_0"] = count
                if service == _FORWARDED:
                    table[f"{service}_1"] = count // 2
            case CountShape.PLAIN:
                table[service] = count
            case CountShape.STRINGS:
                table[service] = str(count)
    return table or _empty(dialect, None)


def prices(dialect: Dialect, stock: Stock, country: str | None, service: str | None) -> object:
    """Return the price and count of each service in each country, as JSON in the dialect's format."""
    countries = stock.countries() if country is None else [country]
    table = {
        each: {code: _leaf(dialect, items) for code, items in stock.offers(each, service=service)}
        for each in countries
    }
    table = {each: offers for each, offers in table.items() if offers}
    if not table:
        return _empty(dialect, country)
    if dialect.prices in (PriceShape.INVERTED, PriceShape.BARE):
        return _invert(table)
    return table


def amount(price: Decimal) -> int | float:
    """Return a price as a JSON number: an integer if it is whole."""
    return int(price) if price == price.to_integral_value() else float(price)


def _leaf(dialect: Dialect, items: Sequence[StockItem]) -> object:
    offer = summarise(items)
    count, price = _cap(dialect, offer.count), offer.price
    leaf: dict[str, Any]
    match dialect.prices:
        case PriceShape.BARE:
            return amount(price)
        case PriceShape.LADDER:
            return _ladder(items)
        case PriceShape.INVERTED:
            return {"count": count, "price": f"{price:f}"}
        case PriceShape.NESTED:
            leaf = {"price": amount(price), "count": count, "providers": _providers(items)}
        case PriceShape.STRINGS:
            leaf = {"cost": f"{price:.4f}", "count": str(count)}
        case PriceShape.NUMBERS:
            leaf = {"cost": amount(price), "count": count}
    if dialect.physical_count:
        leaf |= {"count": 2 * count, "physicalCount": count}  # half of the listed numbers cannot be bought
    return leaf


def _ladder(items: Sequence[StockItem]) -> dict[str, int]:
    steps: dict[str, int] = {}
    for item in sorted(items, key=lambda item: item.price):
        step = f"{item.price.normalize():f}"
        steps[step] = steps.get(step, 0) + item.count
    return steps


def _providers(items: Sequence[StockItem]) -> dict[str, object]:
    return {
        str(place): {"count": item.count, "price": [amount(item.price)], "provider_id": place}
        for place, item in enumerate(items, start=311)
    }


def _invert(table: Mapping[str, Mapping[str, object]]) -> dict[str, dict[str, object]]:
    inverted: dict[str, dict[str, object]] = {}
    for country, offers in table.items():
        for service, leaf in offers.items():
            inverted.setdefault(service, {})[country] = leaf
    return inverted


def _cap(dialect: Dialect, count: int) -> int:
    return count if dialect.count_cap is None else min(count, dialect.count_cap)


def _empty(dialect: Dialect, country: str | None) -> object:
    match dialect.empty:
        case EmptyShape.ARRAY:
            return []
        case EmptyShape.COUNTRY if country is not None:
            return {country: []}
    return {}
