"""Texts of choosing and buying."""

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from bot.activations.purchases import Terms
from bot.catalog.availability import Alternatives
from bot.domain import UNKNOWN_CODE, Offer, Outcome, Quote
from bot.telegram.texts import preferences, prices
from bot.telegram.translator import MAX_NAME, Html, Translator, clipped, joined

MAX_NAME_IN_BUTTON: Final = 26
"""UTF-16 units of a name on a button with more words."""
ANY_OTHER: Final = "Any other"
"""The providers' name of the service that takes codes of any site."""
MOST_OUTCOMES: Final = 5
_MINUTES_FROM: Final = 120
"""Seconds from which a wait is shown in minutes."""


def choose_country(t: Translator) -> Html:
    """Return the heading of the list of countries."""
    return t("Choose a country, or type what you need, such as “telegram vietnam”.")


def asking_for_all_countries(t: Translator) -> Html:
    """Return the placeholder while the countries load."""
    return t("Loading countries…")


def page(t: Translator, number: int, pages: int) -> str:
    """Return the toast of the page counter."""
    shown, last = t.number(number), t.number(pages)
    return t.plain("Page {number} of {pages}. You can also type a name.", number=shown, pages=last)


def choose_any_service(t: Translator) -> Html:
    """Return the heading of the services of all countries."""
    return t("Choose a service, or type what you need, such as “telegram vietnam”.")


def choose_service(t: Translator, country: str) -> Html:
    """Return the heading of the list of services."""
    return t(
        "<b>{country}</b>\nChoose a service or type its name. Buttons show the approximate price.",
        country=country,
    )


def no_services(t: Translator, country: str) -> Html:
    """Return the list of services when it is empty."""
    return t("No services in {country} right now. Try again later.", country=country)


def asking_for_services(t: Translator, country: str) -> Html:
    """Return the placeholder while the services load."""
    return t("<b>{country}</b>\nLoading services…", country=country)


def all_services_of(t: Translator, country: str) -> str:
    """Return the label of a country in the search results."""
    return t.plain("{country}: all services", country=clipped(country, MAX_NAME_IN_BUTTON))


def in_countries(t: Translator, service: str, *, others: bool) -> str:
    """Return the label of the button that lists the countries, or the other countries, of a service."""
    name = clipped(short_name(service_name(t, service)), MAX_NAME_IN_BUTTON)
    if others:
        return t.plain("{service}: other countries", service=name)
    return t.plain("{service}: choose a country", service=name)


def choose_country_for(t: Translator, service: str, *, available: bool) -> Html:
    """Return the heading of the countries that list a service; available in any of them or in none."""
    name = full_name(t, service)
    if not available:
        return t("<b>{service}</b>\nSold out everywhere. Choose a country to be notified.", service=name)
    return t("<b>{service}</b>\nChoose a country: your recent ones first, then the cheapest.", service=name)


def asking_for_countries(t: Translator, service: str) -> Html:
    """Return the placeholder while the countries of a service load."""
    return t("<b>{service}</b>\nLoading countries…", service=full_name(t, service))


def nowhere(t: Translator, service: str) -> Html:
    """Return the list of countries of a service when it is empty."""
    return t("{service} is not offered in any country right now.", service=full_name(t, service))


def choose_operator(
    t: Translator,
    service: str,
    country: str,
    *,
    offer: Offer | None = None,
    outcomes: Sequence[tuple[str, Outcome]] = (),
    others: Alternatives | None = None,
) -> Html:
    """Return the heading of the list of operators.

    Args:
        t: the reader's language.
        service: the service's name.
        country: the country's name.
        offer: the offer with the approximate price; None if it is not known.
        outcomes: results of the user's own purchases, by operator names; an empty name means any operator.
        others: where else it is available, if it is sold out; None if it is not.
    """
    return joined(
        t(
            "<b>{service}</b> · {country}\nChoose an operator.",
            service=full_name(t, service),
            country=country,
        ),
        prices.about(t, offer.price, several_prices=offer.several_prices)
        if offer is not None and offer.price is not None
        else None,
        _sold_out(t, country, others) if others is not None else None,
        joined(
            t("Your numbers so far:"),
            *(outcome(t, operators, facts) for operators, facts in outcomes[:MOST_OUTCOMES]),
        )
        if outcomes
        else None,
        by="\n\n",
    )


def _sold_out(t: Translator, country: str, others: Alternatives) -> Html:
    """Return that a service is sold out in a country, and whether it is available elsewhere."""
    if doubt := _doubtful(t, others):
        return doubt
    if others:
        return t("⚠️ Sold out in {country}. Available elsewhere:", country=country)
    return t("⚠️ Sold out right now. I can notify you.")


def outcome(t: Translator, operators: str, facts: Outcome) -> Html:
    """Return how many of the user's numbers at some operators got a code, and after how long."""
    values = {
        "operators": clipped(operators or t.plain("Any operator"), MAX_NAME),
        "hits": t.number(facts.with_code),
        "bought": t.number(facts.bought),
    }
    if facts.usual_wait is None:
        return t("{operators}: {hits} of {bought} got a code", **values)
    if facts.usual_wait < _MINUTES_FROM:
        seconds = t.number(facts.usual_wait)
        return t("{operators}: {hits} of {bought} got a code, usually in {count} s", **values, count=seconds)
    minutes = t.number(round(facts.usual_wait / 60))
    return t("{operators}: {hits} of {bought} got a code, usually in {count} min", **values, count=minutes)


def asking_for_operators(t: Translator, service: str, country: str) -> Html:
    """Return the placeholder while the operators load."""
    return t(
        "<b>{service}</b> · {country}\nLoading operators…",
        service=full_name(t, service),
        country=country,
    )


def choose_several(t: Translator, service: str, country: str) -> Html:
    """Return the heading of the list to choose several operators from."""
    return t(
        "<b>{service}</b> · {country}\nTap the operators you want, then <b>Continue</b>. You get one number "
        "from one of them.",
        service=full_name(t, service),
        country=country,
    )


def choose_one_first(t: Translator) -> str:
    """Return the toast when no operator is chosen."""
    return t.plain("Choose an operator first.")


def list_changed(t: Translator) -> str:
    """Return the toast when the list of operators has changed."""
    return t.plain("The list of operators has changed. Please choose again.")


def asking_for_price(t: Translator, service: str, country: str) -> Html:
    """Return the placeholder while a confirmation page loads."""
    return t(
        "<b>{service}</b> · {country}\nLoading the price…",
        service=full_name(t, service),
        country=country,
    )


def confirm(
    t: Translator,
    quote: Quote,
    *,
    country: str,
    operators: str,
    balance: Decimal | None,
    count: int | None,
    terms: Terms,
    loading: bool = False,
    others: Alternatives | None = None,
    just_refused: bool = False,
) -> Html:
    """Return the confirmation page; while asking, the balance is a placeholder."""
    refused_again = None
    if just_refused and count != 0:
        refused_again = t("⚠️ The provider has just refused this as sold out. The purchase may fail again.")
    amount = t.amount(balance) if balance is not None else "…"
    shortage = quote.shortage(balance)
    return joined(
        t("<b>Sold out right now</b>") if count == 0 else t("<b>Buy this number?</b>"),
        t(
            "Service: <b>{service}</b>\nCountry: {country}\nOperator: {operators}",
            service=full_name(t, quote.service_name),
            country=country,
            operators=operators if quote.operators else t.plain("any"),
        ),
        preferences.excluded(t, terms.prefixes) if terms.prefixes else None,
        joined(
            prices.about(t, quote.price, several_prices=quote.several_prices, ceiling=terms.ceiling)
            if quote.price is not None
            else t("Price: not shown by the provider"),
            t("Balance: {amount}", amount=amount) if balance is not None or loading else None,
            refused_again,
            prices.short(t, shortage) if shortage is not None else None,
            preferences.would_refuse(t, terms.objection) if terms.objection else None,
        ),
        elsewhere(t, others) if others else None,
        by="\n\n",
    )


def elsewhere(t: Translator, others: Alternatives) -> Html | None:
    """Return the heading of the alternatives, or that there are none; None if that is not known."""
    if others:
        return _doubtful(t, others) or t("Available elsewhere:")
    return t("Sold out everywhere.") if others.complete else None


def _doubtful(t: Translator, others: Alternatives) -> Html | None:
    """Return the heading of operators that may not have the numbers they list; None if that is not known."""
    if not others.operators or not others.doubtful:
        return None
    if others.countries:
        return t("The provider still lists numbers here, but may not have them. Other countries too:")
    return t("The provider still lists numbers here, but may not have them:")


def who_else(t: Translator, service: str, country: str, others: Alternatives | None) -> Html:
    """Return the screen of the alternatives; they are None while they load."""
    if others is None:
        words = t("Looking for available numbers…")
    else:
        unknown = t("The provider didn’t say where numbers are available. Try again in a moment.")
        words = elsewhere(t, others) or unknown
    head = t("<b>{service}</b> · {country}", service=full_name(t, service), country=country)
    return joined(head, words)


def any_operator(t: Translator) -> str:
    """Return what stands for no choice of operator."""
    return t.plain("any operator")


def buying(t: Translator) -> str:
    """Return the toast after a tap on Buy."""
    return t.plain("Buying…")


def service_name(t: Translator, name: str) -> str:
    """Return a service's name in the reader's language. Only what is no name of a site has a translation."""
    if name == UNKNOWN_CODE:
        return t.plain("Unknown service")
    return t.plain("Any other") if name == ANY_OTHER else name


def full_name(t: Translator, name: str) -> str:
    """Return a service's name in the reader's language, clipped to fit any text."""
    return clipped(service_name(t, name), MAX_NAME)


def short_name(name: str) -> str:
    """Return the first of a service's names, for a narrow button."""
    return re.split(r" / | \(|/", name, maxsplit=1)[0]
