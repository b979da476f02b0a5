"""Texts of inline mode: the list of results, and the message that a result sends."""

from bot.domain import Choice, Offer
from bot.telegram.texts import prices, shop
from bot.telegram.translator import Html, Translator, joined


def title(t: Translator, choice: Choice) -> str:
    """Return the first line of a result: the service, its approximate price, and how many there are."""
    parts = [shop.full_name(t, choice.service.name)]
    if price := prices.price(t, choice.offer):
        parts.append(price)
    if choice.offer.count is not None:
        parts.append(t.number(choice.offer.count) if choice.offer.count else t.plain("sold out"))
    return " · ".join(parts)


def description(t: Translator, country: str) -> str:
    """Return the second line of a result."""
    return t.plain("{country} · phone number for SMS", country=country)


def message(t: Translator, choice: Choice, country: str, *, linked: bool) -> Html:
    """Return the message that a result sends. It stays in the chat, so its price is given as a past one."""
    return joined(
        t("📱 <b>{service}</b> · {country}", service=shop.full_name(t, choice.service.name), country=country),
        _offered(t, choice.offer),
        t("Tap the button to see the current price.") if linked else None,
    )


def _offered(t: Translator, offer: Offer) -> Html:
    if offer.price is None:
        return t("Phone number for an SMS code.")
    amount = t.amount(offer.price)
    if offer.several_prices:
        return t("Phone number for an SMS code, from about {amount} when sent.", amount=amount)
    return t("Phone number for an SMS code, about {amount} when sent.", amount=amount)


def bind_first(t: Translator) -> str:
    """Return the button above the results of a user without an API key."""
    return t.plain("Add your API key first")


def choose_country_first(t: Translator) -> str:
    """Return the button above the results of a user who has not chosen a country."""
    return t.plain("Choose a country first")


def nothing_found(t: Translator) -> str:
    """Return the button that is shown when nothing was found."""
    return t.plain("Not found. See all services")


def open_chat(t: Translator) -> str:
    """Return the label of the button that opens the private chat."""
    return t.plain("Open the bot")
