"""The words of choosing and buying."""

import re
from decimal import Decimal

from bot import errors
from bot.domain import Page
from bot.purchases import Terms
from bot.telegram.texts import preferences
from bot.telegram.translator import MAX_NAME, Html, Translator, clipped, joined


def choose_country(t: Translator) -> Html:
    """Ask for the country."""
    return t("Choose a country.")


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


def found(t: Translator, query: str) -> Html:
    """Introduce what a search found."""
    return t("Found for “{query}”:", query=clipped(query, MAX_NAME))


def nothing_found(t: Translator, query: str) -> Html:
    """Say that a search found nothing."""
    return t(
        "I found no service like “{query}”. Try another name, or look through the list.",
        query=clipped(query, MAX_NAME),
    )


def choose_operator(t: Translator, service: str, country: str) -> Html:
    """Ask for the operator."""
    return t(
        "<b>{service}</b> · {country}\nChoose an operator. The counts are the provider’s, right now.",
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


def confirm(
    t: Translator,
    page: Page,
    *,
    country: str,
    operators: str,
    balance: Decimal | None,
    count: int | None,
    terms: Terms,
) -> Html:
    """Show what a tap on Buy would buy."""
    return joined(
        t("<b>Buy this number?</b>"),
        t(
            "Service: <b>{service}</b>\nCountry: {country}\nOperator: {operators}",
            service=clipped(page.service_name, MAX_NAME),
            country=country,
            operators=operators,
        ),
        preferences.excluded(t, terms.prefixes) if terms.prefixes else None,
        joined(
            t("Price: about <b>{amount}</b>", amount=t.amount(page.price))
            if page.price is not None
            else t("Price: not given by the provider"),
            t("Balance: {amount}", amount=t.amount(balance)) if balance is not None else None,
            t("⚠️ The provider shows no numbers for this now; the purchase may be refused.")
            if count == 0
            else None,
            preferences.would_refuse(t, terms.objection) if terms.objection else None,
        ),
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


def any_operator(t: Translator) -> str:
    """Return the name of no choice of operator."""
    return t.plain("any")


def buying(t: Translator) -> str:
    """Answer the tap on Buy."""
    return t.plain("Buying…")


def short_name(name: str) -> str:
    """Return the first of several names of a service, for a narrow button."""
    return re.split(r" / | \(|/", name, maxsplit=1)[0]
