"""Texts of availability alerts."""

from collections.abc import Callable
from decimal import Decimal

from bot.alerts.alerts import AlertMatch, MaxPrice, UserAlerts
from bot.domain import Alert, Quote
from bot.telegram.texts import prices, shop
from bot.telegram.translator import MAX_NAME, Html, Translator, clipped, escaped, joined


def tell_me(t: Translator) -> str:
    """Return the label of the button that sets an alert."""
    return t.plain("🔔 Notify me")


def ask_limit(t: Translator, quote: Quote, *, country: str, operators: str) -> Html:
    """Return the question for the highest price of an alert."""
    return joined(
        t("🔔 <b>New alert</b>"),
        _about(t, quote.service_name, country, operators),
        _ask_price(t, quote.price, several_prices=quote.several_prices) if quote.price is not None else None,
        by="\n\n",
    )


def _ask_price(t: Translator, price: Decimal, *, several_prices: bool) -> Html:
    if several_prices:
        return t("Up to which price? It is from about {amount} now.", amount=t.amount(price))
    return t("Up to which price? It is about {amount} now.", amount=t.amount(price))


def limit_label(t: Translator, max_price: MaxPrice, limit: Decimal | None) -> str:
    """Return the label of the button for a price limit."""
    if limit is None:
        return t.plain("Any price")
    amount = t.short_amount(limit)
    match max_price:
        case MaxPrice.TENTH_MORE:
            return t.plain("Up to {amount} (+{percent})", amount=amount, percent=t.percent(0.1))
        case MaxPrice.HALF_MORE:
            return t.plain("Up to {amount} (+{percent})", amount=amount, percent=t.percent(0.5))
        case _:
            return t.plain("Up to {amount}", amount=amount)


def added(t: Translator, alert: Alert, *, country: str, operators: str) -> Html:
    """Return the confirmation of a new alert: what it is for, its price limit, and its end."""
    return joined(
        t("🔔 <b>Alert set</b>"),
        joined(_about(t, alert.service_name, country, operators), _limit(t, alert)),
        t(
            "I check about once a minute until {when} and never buy on my own. Your alerts: /alerts",
            when=t.date(alert.ends_at),
        ),
        by="\n\n",
    )


def available(t: Translator, match: AlertMatch, *, country: str, operators: str) -> Html:
    """Return the message of an alert: the service, the count, the approximate price, and when it was seen."""
    return joined(
        t("🔔 <b>{service} is available again</b>", service=shop.full_name(t, match.service_name)),
        joined(
            _place(country, operators),
            t.plural("{count} number", "{count} numbers", match.count),
            prices.about(t, match.price, several_prices=match.several_prices)
            if match.price is not None
            else None,
        ),
        t("Checked at {when}.", when=t.local_time(match.seen_at)),
        by="\n\n",
    )


def none(t: Translator) -> Html:
    """Return the list of alerts when it is empty."""
    return t("No alerts yet. When something is sold out, tap <b>🔔 Notify me</b>.")


def screen(
    t: Translator,
    listed: UserAlerts,
    country: Callable[[str], str],
    operators: Callable[[tuple[str, ...]], str],
    *,
    asleep: bool,
) -> Html:
    """Return the list of alerts: the active ones and those that ended lately.

    Args:
        t: the reader's language.
        listed: at least one alert.
        country: returns a country's name by its id.
        operators: returns the names of operators by their codes.
        asleep: no API key works, so nothing is checked.
    """

    def about(alert: Alert) -> Html:
        what = _about(t, alert.service_name, country(alert.country), operators(alert.operators))
        return joined(what, _limit(t, alert))

    return joined(
        t("<b>Availability alerts</b>"),
        t("⚠️ Your alerts are paused: I have no working API key. Add one with /key.")
        if asleep and listed.running
        else None,
        *(joined(about(alert), t("until {until}", until=t.date(alert.ends_at))) for alert in listed.running),
        *(
            joined(about(alert), t("<i>ended {when}</i>", when=t.date(alert.ends_at)))
            for alert in listed.ended
        ),
        by="\n\n",
    )


def stopped(t: Translator) -> str:
    """Return the toast after an alert is stopped."""
    return t.plain("Alert stopped.")


def _about(t: Translator, service_name: str, country: str, operators: str) -> Html:
    return joined(
        t("<b>{service}</b>", service=shop.full_name(t, service_name)),
        _place(country, operators),
        by=" · ",
    )


def _place(country: str, operators: str) -> Html:
    return joined(
        escaped(clipped(country, MAX_NAME)),
        escaped(clipped(operators, 2 * MAX_NAME)),
        by=" · ",
    )


def _limit(t: Translator, alert: Alert) -> Html:
    if alert.price_limit is None:
        return t("at any price")
    return t("up to {amount}", amount=t.amount(alert.price_limit))
