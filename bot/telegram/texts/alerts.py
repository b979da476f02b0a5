"""The words of watching for numbers."""

from collections.abc import Callable
from decimal import Decimal

from bot.alerts.alerts import AlertMatch, MaxPrice, UserAlerts
from bot.domain import Alert, Quote
from bot.telegram.translator import MAX_NAME, Html, Translator, clipped, escaped, joined


def tell_me(t: Translator) -> str:
    """Return the button that sets a watch."""
    return t.plain("🔔 Tell me when there are some")


def ask_limit(t: Translator, quote: Quote, *, country: str, operators: str) -> Html:
    """Ask up to which price there is to be told of numbers."""
    return joined(
        t("<b>Shall I tell you when there are numbers?</b>"),
        _about(t, quote.service_name, country, operators),
        t("At what price? It is about {amount} now.", amount=t.amount(quote.price))
        if quote.price is not None
        else None,
        by="\n\n",
    )


def limit_label(t: Translator, max_price: MaxPrice, limit: Decimal | None) -> str:
    """Return the button of a price limit."""
    if limit is None:
        return t.plain("Any price")
    amount = t.amount(limit)
    match max_price:
        case MaxPrice.TENTH_MORE:
            return t.plain("Up to {amount} (+{percent})", amount=amount, percent=t.percent(0.1))
        case MaxPrice.HALF_MORE:
            return t.plain("Up to {amount} (+{percent})", amount=amount, percent=t.percent(0.5))
        case _:
            return t.plain("Up to {amount}", amount=amount)


def added(t: Translator, alert: Alert, *, country: str, operators: str) -> Html:
    """Say what is watched now, for how long, and that nothing is bought by that."""
    return joined(
        t("🔔 <b>I will tell you when there are numbers.</b>"),
        joined(_about(t, alert.service_name, country, operators), _limit(t, alert)),
        t(
            "I look about once a minute until {when}, and never buy by myself. /watches shows what I watch.",
            when=t.date(alert.ends_at),
        ),
        by="\n\n",
    )


def available(t: Translator, match: AlertMatch, *, country: str, operators: str) -> Html:
    """Say that there are numbers, how many and at about which price, and when that was seen."""
    return joined(
        t("🔔 <b>There are numbers.</b>"),
        joined(
            _about(t, match.service_name, country, operators),
            t.plural("{count} number", "{count} numbers", match.count),
            t("Price: about <b>{amount}</b>", amount=t.amount(match.price))
            if match.price is not None
            else None,
        ),
        t("Seen {when}. Nothing is bought yet.", when=t.relative(match.seen_at)),
        by="\n\n",
    )


def none(t: Translator) -> Html:
    """Say that nothing is watched, and where to begin."""
    return t(
        "I watch nothing for you. Where there are no numbers, tap <b>🔔 Tell me when there are some</b>."
    )


def screen(
    t: Translator,
    listed: UserAlerts,
    country: Callable[[str], str],
    operators: Callable[[tuple[str, ...]], str],
    *,
    asleep: bool,
) -> Html:
    """Show what is watched: up to which price, since when, until when; and what has ended lately.

    Args:
        t: the language.
        listed: at least one watch.
        country: returns a country's name by its id.
        operators: returns the names of operators by their codes.
        asleep: there is no key to look with.
    """

    def about(alert: Alert) -> Html:
        what = _about(t, alert.service_name, country(alert.country), operators(alert.operators))
        return joined(what, _limit(t, alert))

    return joined(
        t("<b>What I watch for you</b>"),
        t("⚠️ I cannot look now: there is no API key that works. Bind one with /key.")
        if asleep and listed.running
        else None,
        *(
            joined(
                about(alert),
                t(
                    "since {since}, until {until}",
                    since=t.date(alert.created_at),
                    until=t.date(alert.ends_at),
                ),
            )
            for alert in listed.running
        ),
        *(
            joined(about(alert), t("<i>ended {when}</i>", when=t.date(alert.ends_at)))
            for alert in listed.ended
        ),
        by="\n\n",
    )


def stopped(t: Translator) -> str:
    """Answer the tap on Stop."""
    return t.plain("I no longer watch this.")


def _about(t: Translator, service_name: str, country: str, operators: str) -> Html:
    return joined(
        t("<b>{service}</b>", service=clipped(service_name, MAX_NAME)),
        escaped(clipped(country, MAX_NAME)),
        escaped(clipped(operators, 2 * MAX_NAME)),
        by=" · ",
    )


def _limit(t: Translator, alert: Alert) -> Html:
    if alert.price_limit is None:
        return t("at any price")
    return t("up to {amount}", amount=t.amount(alert.price_limit))
