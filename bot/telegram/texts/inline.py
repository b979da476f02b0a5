"""The words of inline mode: the results over the keyboard, and the message that a result becomes."""

from decimal import Decimal

from bot.domain import Choice
from bot.telegram.translator import MAX_NAME, Html, Translator, clipped, joined


def title(t: Translator, choice: Choice) -> str:
    """Return the first line of a result: the service, about its price, and how many there are."""
    parts = [clipped(choice.service.name, MAX_NAME)]
    if choice.offer.price is not None:
        parts.append(t.amount(choice.offer.price))
    if choice.offer.count is not None:
        parts.append(t.number(choice.offer.count) if choice.offer.count else t.plain("none"))
    return " · ".join(parts)


def description(t: Translator, country: str) -> str:
    """Return the second line of a result."""
    return t.plain("{country}: a phone number for an SMS code", country=country)


def message(t: Translator, service: str, country: str, price: Decimal | None, *, linked: bool) -> Html:
    """Return what a result says in a chat, to anybody: it stays there, so its price is of the past."""
    return joined(
        t("📱 <b>{service}</b> · {country}", service=clipped(service, MAX_NAME), country=country),
        t(
            "A phone number for an SMS code; about {amount} when this was sent.",
            amount=t.amount(price),
        )
        if price is not None
        else t("A phone number for an SMS code."),
        t("The button shows what it costs now; it buys nothing.") if linked else None,
    )


def bind_first(t: Translator) -> str:
    """Return what stands over the results of somebody without an API key."""
    return t.plain("Bind your API key first")


def choose_country_first(t: Translator) -> str:
    """Return what stands over the results of somebody who has not chosen one of several countries."""
    return t.plain("Choose a country first")


def nothing_found(t: Translator) -> str:
    """Return what stands where results would, if there are none."""
    return t.plain("No such service – see them all")


def open_chat(t: Translator) -> str:
    """Return what stands where results would, if they cannot be had."""
    return t.plain("Open the chat with me")
