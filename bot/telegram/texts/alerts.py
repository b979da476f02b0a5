"""Texts of availability alerts."""

from collections.abc import Callable
from decimal import Decimal

from bot.alerts.alerts import Listed, Ring, UpTo
from bot.domain import Page
from bot.storage.alerts import Watch
from bot.telegram.texts import shop
from bot.telegram.translator import MAX_NAME, Html, Translator, clipped, escaped, joined


def tell_me(t: Translator) -> str:
    """Return the label of the button that sets an alert."""
    return t.plain("🔔 Notify me")


def ask_limit(t: Translator, page: Page, *, country: str, operators: str) -> Html:
    """Return the question for the highest price of an alert."""
    return joined(
        t("🔔 <b>New alert</b>"),
        _about(t, page.service_name, country, operators),
        t("Up to which price? It is about {amount} now.", amount=t.amount(page.price))
        if page.price is not None
        else None,
        by="\n\n",
    )


def limit_label(t: Translator, up_to: UpTo, limit: Decimal | None) -> str:
    """Return the label of the button for a price limit."""
    if limit is None:
        return t.plain("Any price")
    amount = t.amount(limit)
    match up_to:
        case UpTo.TENTH_MORE:
            return t.plain("Up to {amount} (+{percent})", amount=amount, percent=t.percent(0.1))
        case UpTo.HALF_MORE:
            return t.plain("Up to {amount} (+{percent})", amount=amount, percent=t.percent(0.5))
        case _:
            return t.plain("Up to {amount}", amount=amount)


def added(t: Translator, watch: Watch, *, country: str, operators: str) -> Html:
    """Return the confirmation of a new alert: what it is for, its price limit, and its end."""
    return joined(
        t("🔔 <b>Alert set</b>"),
        joined(_about(t, watch.service_name, country, operators), _limit(t, watch)),
        t(
            "I check about once a minute until {when} and never buy on my own. Your alerts: /alerts",
            when=t.date(watch.ends_at),
        ),
        by="\n\n",
    )


def rang(t: Translator, ring: Ring, *, country: str, operators: str) -> Html:
    """Return the message of an alert: the service, the count, the approximate price, and when it was seen."""
    return joined(
        t("🔔 <b>{service} is available again</b>", service=shop.full_name(t, ring.service_name)),
        joined(
            _place(country, operators),
            t.plural("{count} number", "{count} numbers", ring.count),
            t("Price: about <b>{amount}</b>", amount=t.amount(ring.price))
            if ring.price is not None
            else None,
        ),
        t("Checked at {when}.", when=t.local_time(ring.seen_at)),
        by="\n\n",
    )


def none(t: Translator) -> Html:
    """Return the list of alerts when it is empty."""
    return t("No alerts yet. When something is sold out, tap <b>🔔 Notify me</b>.")


def screen(
    t: Translator,
    listed: Listed,
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

    def about(watch: Watch) -> Html:
        what = _about(t, watch.service_name, country(watch.country), operators(watch.operators))
        return joined(what, _limit(t, watch))

    return joined(
        t("<b>Availability alerts</b>"),
        t("⚠️ Your alerts are paused: I have no working API key. Add one with /key.")
        if asleep and listed.running
        else None,
        *(joined(about(watch), t("until {until}", until=t.date(watch.ends_at))) for watch in listed.running),
        *(
            joined(about(watch), t("<i>ended {when}</i>", when=t.date(watch.ends_at)))
            for watch in listed.ended
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


def _limit(t: Translator, watch: Watch) -> Html:
    if watch.price_limit is None:
        return t("at any price")
    return t("up to {amount}", amount=t.amount(watch.price_limit))
