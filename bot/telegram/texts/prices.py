"""Texts of prices: on labels, on confirmation pages, and when a price has changed."""

from decimal import Decimal

from bot import errors
from bot.domain import Activation, Offer, Quote, State
from bot.telegram.translator import Html, Translator


def price_rose(t: Translator, error: errors.PriceRose) -> Html:
    """Return the note that the price is higher now than on the page, with both prices."""
    return t(
        "⚠️ The price rose from about <b>{shown}</b> to about <b>{current}</b>, so nothing was bought. "
        "The new offer:",
        shown=t.amount(error.shown),
        current=t.amount(error.current),
    )


def price_unchecked(t: Translator) -> Html:
    """Return the note that the price could not be checked at the tap, so that a new offer is shown."""
    return t("⚠️ I couldn’t check the price, so nothing was bought. The new offer:")


def buy_label(t: Translator, quote: Quote) -> str:
    """Return the label of the button that buys; it names the price if there is one."""
    if quote.price is None:
        return t.plain("Buy")
    if quote.several_prices:
        return t.plain("Buy from {amount}", amount=t.short_amount(quote.price))
    return t.plain("Buy at {amount}", amount=t.short_amount(quote.price))


def price(t: Translator, offer: Offer) -> str:
    """Return the price of an offer for a label; empty if it is not known."""
    if offer.price is None:
        return ""
    amount = t.short_amount(offer.price)
    return t.plain("from {amount}", amount=amount) if offer.several_prices else amount


def short_price(t: Translator, offer: Offer) -> str:
    """Return the price of an offer for a narrow label, with "+" if it is the lowest; empty if not known."""
    if offer.price is None:
        return ""
    return f"{t.short_amount(offer.price)}{'+' if offer.several_prices else ''}"


def about(t: Translator, amount: Decimal, *, several_prices: bool, ceiling: Decimal | None = None) -> Html:
    """Return the line with an approximate price.

    Args:
        t: the reader's language.
        amount: the price.
        several_prices: it is the lowest of several.
        ceiling: the price limit that the provider gets; None if it gets none.
    """
    if not several_prices:
        return t("Price: about <b>{amount}</b>", amount=t.amount(amount))
    if ceiling is None:
        return t("Price: from about <b>{amount}</b>", amount=t.amount(amount))
    return t(
        "Price: from about <b>{amount}</b>, at most {limit} (your limit)",
        amount=t.amount(amount),
        limit=t.amount(ceiling),
    )


def paid(t: Translator, activation: Activation) -> Html | None:
    """Return what a number costs, for its card; None if that is not known, or it ended without a code."""
    given_back = activation.state in (State.REFUSED, State.CANCELLED, State.EXPIRED)
    if given_back and not activation.codes:
        return None
    if activation.charged is not None:
        return t("Price: <b>{amount}</b>", amount=t.amount(activation.charged))
    if activation.price is None:
        return None
    return about(t, activation.price, several_prices=False)


def short(t: Translator, shortage: Decimal) -> Html:
    """Return by how much the balance is below a price."""
    return t("⚠️ Your balance is <b>{amount}</b> short.", amount=t.amount(shortage))
