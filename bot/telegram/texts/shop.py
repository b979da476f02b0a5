"""The words of choosing and buying."""

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from bot import errors
from bot.activations.purchases import Terms
from bot.catalog.availability import Alternatives
from bot.domain import Outcome, Quote
from bot.telegram.texts import preferences
from bot.telegram.translator import MAX_NAME, Html, Translator, clipped, joined

MAX_NAME_IN_BUTTON: Final = 26
"""UTF-16 units of a name that a button says something about."""
MOST_OUTCOMES: Final = 5
_MINUTES_FROM: Final = 120
"""Seconds from which a wait is said in minutes."""


def choose_country(t: Translator) -> Html:
    """Ask for the country."""
    return t("Choose a country.")


def asking_for_all_countries(t: Translator) -> Html:
    """Say that the list of countries is on its way."""
    return t("Asking the provider for its countries…")


def choose_service(t: Translator, country: str) -> Html:
    """Ask for the service."""
    return t(
        "<b>{country}</b>\nChoose a service, or just type its name. Each button shows the approximate price "
        "and how many numbers are left.",
        country=country,
    )


def no_services(t: Translator, country: str) -> Html:
    """Say that the provider lists nothing."""
    return t("The provider lists no services for {country} now. Try again later.", country=country)


def asking_for_services(t: Translator, country: str) -> Html:
    """Say that the list of services is on its way."""
    return t("<b>{country}</b>\nAsking the provider for its services…", country=country)


def looking_for(t: Translator, query: str) -> Html:
    """Say that a search is under way."""
    return t("Looking for “{query}”…", query=clipped(query, MAX_NAME))


def found(t: Translator, query: str, country: str | None = None) -> Html:
    """Introduce what a search found, in a country if that is to be said."""
    if country is None:
        return t("Found for “{query}”:", query=clipped(query, MAX_NAME))
    return t("Found for “{query}” in {country}:", query=clipped(query, MAX_NAME), country=country)


def nothing_found(t: Translator, query: str, *, guesses: bool = False) -> Html:
    """Say that a search found nothing, and introduce the nearest names if there are any."""
    if guesses:
        return t(
            "I found no service like “{query}”. These names come nearest:", query=clipped(query, MAX_NAME)
        )
    return t(
        "I found no service like “{query}”. Try another name, or look through the list.",
        query=clipped(query, MAX_NAME),
    )


def all_services_of(t: Translator, country: str) -> str:
    """Return the button of a country that a search found."""
    return t.plain("{country}: all services", country=clipped(country, MAX_NAME_IN_BUTTON))


def in_countries(t: Translator, service: str, *, others: bool) -> str:
    """Return the button that leads to the countries, or the other countries, which list a service."""
    name = clipped(short_name(service), MAX_NAME_IN_BUTTON)
    if others:
        return t.plain("{service}: other countries", service=name)
    return t.plain("{service}: choose a country", service=name)


def choose_country_for(t: Translator, service: str) -> Html:
    """Ask for the country in which to get a service."""
    return t(
        "<b>{service}</b>\nChoose a country; those with numbers come first, the cheapest on top.",
        service=clipped(service, MAX_NAME),
    )


def asking_for_countries(t: Translator, service: str) -> Html:
    """Say that the list of countries for a service is on its way."""
    return t("<b>{service}</b>\nAsking the provider for its countries…", service=clipped(service, MAX_NAME))


def nowhere(t: Translator, service: str) -> Html:
    """Say that no country lists a service."""
    return t("The provider lists {service} in no country now.", service=clipped(service, MAX_NAME))


def choose_operator(
    t: Translator,
    service: str,
    country: str,
    *,
    price: Decimal | None = None,
    outcomes: Sequence[tuple[str, Outcome]] = (),
) -> Html:
    """Ask for the operator.

    Args:
        t: the reader's language.
        service: its name.
        country: its name.
        price: about what a number costs, if that is known.
        outcomes: what became of the reader's own purchases, by the names of the operators; none means any.
    """
    return joined(
        t(
            "<b>{service}</b> · {country}\nChoose an operator. The counts are the provider’s, "
            "at most a minute old.",
            service=clipped(service, MAX_NAME),
            country=country,
        ),
        t("Price: about <b>{amount}</b>", amount=t.amount(price)) if price is not None else None,
        joined(
            t("Your numbers so far:"),
            *(outcome(t, operators, facts) for operators, facts in outcomes[:MOST_OUTCOMES]),
        )
        if outcomes
        else None,
        by="\n\n",
    )


def outcome(t: Translator, operators: str, facts: Outcome) -> Html:
    """Return how many of the reader's numbers of some operators got a code, and how soon."""
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
    """Say that the list of operators is on its way."""
    return t(
        "<b>{service}</b> · {country}\nAsking the provider for its operators…",
        service=clipped(service, MAX_NAME),
        country=country,
    )


def choose_several(t: Translator, service: str, country: str) -> Html:
    """Ask for several operators."""
    return t(
        "<b>{service}</b> · {country}\nTap the operators you want, then <b>Continue</b>. You get one number, "
        "from one of them.",
        service=clipped(service, MAX_NAME),
        country=country,
    )


def choose_one_first(t: Translator) -> str:
    """Say that no operator is checked."""
    return t.plain("Tap at least one operator first.")


def list_changed(t: Translator) -> str:
    """Say that the provider's list is another one now."""
    return t.plain("The provider’s list of operators has changed. Please choose again.")


def asking_for_price(t: Translator, service: str, country: str) -> Html:
    """Say that a confirmation page is on its way."""
    return t(
        "<b>{service}</b> · {country}\nAsking the provider for the price…",
        service=clipped(service, MAX_NAME),
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
) -> Html:
    """Show what a tap on Buy would buy; while asking, the balance and the count are still open."""
    amount = t.amount(balance) if balance is not None else "…"
    return joined(
        t("<b>Buy this number?</b>"),
        t(
            "Service: <b>{service}</b>\nCountry: {country}\nOperator: {operators}",
            service=clipped(quote.service_name, MAX_NAME),
            country=country,
            operators=operators,
        ),
        preferences.excluded(t, terms.prefixes) if terms.prefixes else None,
        joined(
            t("Price: about <b>{amount}</b>", amount=t.amount(quote.price))
            if quote.price is not None
            else t("Price: not given by the provider"),
            t("Balance: {amount}", amount=amount) if balance is not None or loading else None,
            t("⚠️ The provider shows no numbers for this now; the purchase may be refused.")
            if count == 0
            else None,
            preferences.would_refuse(t, terms.objection) if terms.objection else None,
        ),
        elsewhere(t, others) if others is not None else None,
        by="\n\n",
    )


def price_rose(t: Translator, error: errors.PriceRose) -> Html:
    """Say that the price is higher than on the page, with both."""
    return t(
        "⚠️ The price rose from about <b>{shown}</b> to about <b>{current}</b>, so nothing was bought. "
        "Here is a new page:",
        shown=t.amount(error.shown),
        current=t.amount(error.current),
    )


def elsewhere(t: Translator, others: Alternatives) -> Html | None:
    """Introduce what has numbers where something else has none, or say that nothing has."""
    if others:
        return t("The provider shows numbers here. A tap shows the price and buys nothing yet:")
    return t("I looked: the provider shows none elsewhere either.") if others.complete else None


def who_else(t: Translator, service: str, country: str, others: Alternatives | None) -> Html:
    """Say what a look for numbers elsewhere has found; None while it goes on."""
    if others is None:
        words = t("Looking where there are numbers…")
    else:
        unknown = t("The provider did not say where there are numbers. Try again in a moment.")
        words = elsewhere(t, others) or unknown
    head = t("<b>{service}</b> · {country}", service=clipped(service, MAX_NAME), country=country)
    return joined(head, words)


def any_operator(t: Translator) -> str:
    """Return the name of no choice of operator."""
    return t.plain("any operator")


def buying(t: Translator) -> str:
    """Answer the tap on Buy."""
    return t.plain("Buying…")


def short_name(name: str) -> str:
    """Return the first of several names of a service, for a narrow button."""
    return re.split(r" / | \(|/", name, maxsplit=1)[0]
