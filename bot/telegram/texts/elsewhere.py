"""Texts about numbers that were bought elsewhere: the offer to take them over, and what their cards say."""

from typing import Final

from bot import errors
from bot.activations.active_list import readable_phone
from bot.activations.elsewhere import NumberElsewhere
from bot.domain import UNKNOWN_CODE, Activation
from bot.telegram.texts import shop
from bot.telegram.translator import MAX_NAME, Html, Translator, clipped, joined

MAX_SERVICE: Final = 20
MAX_PHONE: Final = 20
MAX_ID: Final = 20
"""Characters of a service, a phone number and the provider's id on a button."""


def offer(t: Translator, count: int) -> Html:
    """Return the heading above the numbers that can be taken over."""
    return joined(
        t("<b>Bought elsewhere</b>"),
        t.plural(
            "{count} number of your API key was not bought here. Tap ➕ to get its codes here too. It costs "
            "nothing.",
            "{count} numbers of your API key were not bought here. Tap ➕ to get the codes of one here too. "
            "It costs nothing.",
            count,
        ),
    )


def label(t: Translator, number: NumberElsewhere) -> str:
    """Return the label of a number that can be taken over; it may be masked, or have only an id."""
    name = clipped(shop.short_name(shop.service_name(t, number.service)), MAX_SERVICE)
    digits = readable_phone(number.row.phone)
    phone = number.row.phone if digits is None else f"+{digits}"
    shown = clipped(phone, MAX_PHONE) if phone else t.plain("id {id}", id=clipped(number.row.id, MAX_ID))
    return f"➕ {name} · {shown}"


def taking(t: Translator) -> str:
    """Return what a tap is answered with while a number is being taken over."""
    return t.plain("Taking the number over…")


def taken(t: Translator) -> str:
    """Return the confirmation that a number was taken over."""
    return t.plain("Its codes will come here from now on.")


def refused(t: Translator, error: errors.NotListed | errors.AlreadyTakenOver | errors.MayBePurchase) -> Html:
    """Return why a number was not taken over."""
    match error:
        case errors.NotListed():
            return t("The provider no longer lists this number as active.")
        case errors.MayBePurchase():
            return t(
                "This number may be from a purchase that I’m still checking. Please wait for its result."
            )
        case errors.AlreadyTakenOver(own=True):
            return t("You already had this number here. See /history.")
        case errors.AlreadyTakenOver():
            return t("Another person with the same API key already follows this number here.")


def mark(t: Translator) -> str:
    """Return what tells a number that was bought elsewhere from the others."""
    return t.plain("elsewhere")


def hidden_number(t: Translator, activation: Activation) -> Html:
    """Return that the provider's list does not show the phone number."""
    return t(
        "The provider’s list doesn’t show the full number. Its id there is <code>{id}</code>.",
        id=clipped(activation.provider_id or UNKNOWN_CODE, MAX_NAME),
    )


def on_card(t: Translator) -> Html:
    """Return what the card of such a number says about it."""
    return t("Bought elsewhere, taken over here.")


def time_left(t: Translator, ends_at: int) -> Html:
    """Return when such a number ends at the latest (UTC seconds)."""
    return t("Ends {when} or earlier: I don’t know when it was bought.", when=t.relative(ends_at))
