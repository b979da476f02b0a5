"""Texts of choosing and buying."""

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from bot.activations.purchases import Terms
from bot.catalog.availability import Alternatives
from bot.domain import Offer, Outcome, Quote
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


def choose_service(t: Translator, country: str) -> Html:
    """Return the heading of the list of services."""
    return t(
        "<b>{country}</b>\nChoose a service or type its name. Buttons show the approximate price and how "
        "many numbers are left.",
        country=country,
    )


def no_services(t: Translator, country: str) -> Html:
    """Return the list of services when it is empty."""
    return t("No services in {country} right now. Try again later.", country=country)


def asking_for_services(t: Translator, country: str) -> Html:
    """Return the placeholder while the services load."""
    return t("<b>{country}</b>\nLoading services…", country=country)


def looking_for(t: Translator, query: str) -> Html:
    """Return the placeholder while a search runs."""
    return t("Searching for “{query}”…", query=clipped(query, MAX_NAME))


def found(t: Translator, query: str, country: str | None = None) -> Html:
    """Return the heading of search results; the country is named if one is given."""
    if country is None:
        return t("Results for “{query}”:", query=clipped(query, MAX_NAME))
    return t("Results for “{query}” in {country}:", query=clipped(query, MAX_NAME), country=country)


def nothing_found(t: Translator, query: str, *, guesses: bool = False) -> Html:
    """Return the answer to a search without results; with guesses, similar names follow."""
    if guesses:
        return t("No service called “{query}”. Did you mean:", query=clipped(query, MAX_NAME))
    return t(
        "No service called “{query}”. Try another name or browse the list.",
        query=clipped(query, MAX_NAME),
    )


def all_services_of(t: Translator, country: str) -> str:
    """Return the label of a country in the search results."""
    return t.plain("{country}: all services", country=clipped(country, MAX_NAME_IN_BUTTON))


def in_countries(t: Translator, service: str, *, others: bool) -> str:
    """Return the label of the button that lists the countries, or the other countries, of a service."""
    name = clipped(short_name(service_name(t, service)), MAX_NAME_IN_BUTTON)
    if others:
        return t.plain("{service}: other countries", service=name)
    return t.plain("{service}: choose a country", service=name)


def choose_country_for(t: Translator, service: str) -> Html:
    """Return the heading of the countries that offer a service."""
    return t(
        "<b>{service}</b>\nChoose a country: available ones first, cheapest on top.",
        service=full_name(t, service),
    )


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
) -> Html:
    """Return the heading of the list of operators.

    Args:
        t: the reader's language.
        service: the service's name.
        country: the country's name.
        offer: the offer with the approximate price; None if it is not known.
        outcomes: results of the user's own purchases, by operator names; an empty name means any operator.
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
        joined(
            t("Your numbers so far:"),
            *(outcome(t, operators, facts) for operators, facts in outcomes[:MOST_OUTCOMES]),
        )
        if outcomes
        else None,
        by="\n\n",
    )


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
    sold_out = t("⚠️ Shown as sold out. The purchase may fail.") if count == 0 else None
    if just_refused:
        sold_out = t("⚠️ The provider has just refused this as sold out. The purchase may fail again.")
    amount = t.amount(balance) if balance is not None else "…"
    shortage = quote.shortage(balance)
    return joined(
        t("<b>Buy this number?</b>"),
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
            prices.short(t, shortage) if shortage is not None else None,
            sold_out,
            preferences.would_refuse(t, terms.objection) if terms.objection else None,
        ),
        elsewhere(t, others) if others is not None else None,
        by="\n\n",
    )


def elsewhere(t: Translator, others: Alternatives) -> Html | None:
    """Return the heading of the alternatives, or that there are none; None if that is not known."""
    if others.operators and others.doubtful:
        if others.countries:
            return t("The provider still lists numbers here, but may not have them. Other countries too:")
        return t("The provider still lists numbers here, but may not have them:")
    if others:
        return t("Available elsewhere:")
    return t("Sold out everywhere.") if others.complete else None


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
    """Return a service's name in the reader's language. Only the service for any site has a translation."""
    return t.plain("Any other") if name == ANY_OTHER else name


def full_name(t: Translator, name: str) -> str:
    """Return a service's name in the reader's language, clipped to fit any text."""
    return clipped(service_name(t, name), MAX_NAME)


def short_name(name: str) -> str:
    """Return the first of a service's names, for a narrow button."""
    return re.split(r" / | \(|/", name, maxsplit=1)[0]
