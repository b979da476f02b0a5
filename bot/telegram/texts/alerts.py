"""The words of watching for numbers."""

from collections.abc import Callable
from decimal import Decimal

from bot.alerts.alerts import Listed, Ring, UpTo
from bot.domain import Page, Watch
from bot.telegram.translator import MAX_NAME, Html, Translator, clipped, escaped, joined


def tell_me(t: Translator) -> str:
    """Return the button that sets a watch."""
    return t.plain("🔔 Tell me when there are some")


def ask_limit(t: Translator, page: Page, *, country: str, operators: str) -> Html:
    """Ask up to which price there is to be told of numbers."""
    return joined(
        t("<b>Shall I tell you when there are numbers?</b>"),
        _about(t, page.service_name, country, operators),
        t("At what price? It is about {amount} now.", amount=t.amount(page.price))
        if page.price is not None
        else None,
        by="\n\n",
    )


def limit_label(t: Translator, up_to: UpTo, limit: Decimal | None) -> str:
    """Return the button of a price limit."""
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
    """Say what is watched now, for how long, and that nothing is bought by that."""
    return joined(
        t("🔔 <b>I will tell you when there are numbers.</b>"),
        joined(_about(t, watch.service_name, country, operators), _limit(t, watch)),
        t(
            "I look about once a minute until {when}, and never buy by myself. /watches shows what I watch.",
            when=t.date(watch.ends_at),
        ),
        by="\n\n",
    )


def rang(t: Translator, ring: Ring, *, country: str, operators: str) -> Html:
    """Say that there are numbers, how many and at about which price, and when that was seen."""
    return joined(
        t("🔔 <b>There are numbers.</b>"),
        joined(
            _about(t, ring.service_name, country, operators),
            t.plural("{count} number", "{count} numbers", ring.count),
            t("Price: about <b>{amount}</b>", amount=t.amount(ring.price))
            if ring.price is not None
            else None,
        ),
        t("Seen {when}. Nothing is bought yet.", when=t.relative(ring.seen_at)),
        by="\n\n",
    )


def none(t: Translator) -> Html:
    """Say that nothing is watched, and where to begin."""
    return t(
        "I watch nothing for you. Where there are no numbers, tap <b>🔔 Tell me when there are some</b>."
    )


def screen(
    t: Translator,
    listed: Listed,
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

    def about(watch: Watch) -> Html:
        what = _about(t, watch.service_name, country(watch.country), operators(watch.operators))
        return joined(what, _limit(t, watch))

    return joined(
        t("<b>What I watch for you</b>"),
        t("⚠️ I cannot look now: there is no API key that works. Bind one with /key.")
        if asleep and listed.running
        else None,
        *(
            joined(
                about(watch),
                t(
                    "since {since}, until {until}",
                    since=t.date(watch.created_at),
                    until=t.date(watch.ends_at),
                ),
            )
            for watch in listed.running
        ),
        *(
            joined(about(watch), t("<i>ended {when}</i>", when=t.date(watch.ends_at)))
            for watch in listed.ended
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


def _limit(t: Translator, watch: Watch) -> Html:
    if watch.price_limit is None:
        return t("at any price")
    return t("up to {amount}", amount=t.amount(watch.price_limit))
