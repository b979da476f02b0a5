"""Texts about a number that is given up for another one, on the confirmation page of that one."""

from bot.domain import Activation
from bot.telegram.texts import card, phones
from bot.telegram.translator import Html, Translator


def planned(t: Translator, activation: Activation) -> Html | None:
    """Return that a cancel is planned; None if its time is not known. This stays true whatever happens."""
    if activation.cancel_from is None:
        return None
    return t(
        "You asked me to cancel <b>{number}</b> at {when}, unless a code arrives or you tap <b>Don’t "
        "cancel</b> on its card.",
        number=_name(t, activation),
        when=t.local_time(activation.cancel_from),
    )


def cancelled(t: Translator, activation: Activation) -> Html:
    """Return that a number is cancelled."""
    return t("✖️ <b>{number}</b> is cancelled.", number=_name(t, activation))


def _name(t: Translator, activation: Activation) -> str:
    """Return the service and the phone number."""
    name = card.name(t, activation)
    return f"{name} · {phones.pretty(activation.phone)}" if activation.phone else name
