"""Texts of the messages that the bot sends on its own: codes and notices."""

from typing import Final

from bot.domain import Activation, Code, Notice, NoticeKind
from bot.telegram.texts import card, preferences
from bot.telegram.translator import Html, Translator, joined

MAX_CODE_SHOWN: Final = 3000
"""UTF-16 units of a code in one message; a longer text is split."""


def code(t: Translator, activation: Activation, code: Code) -> list[Html]:
    """Return the messages for a code: one, or several if its text is very long."""
    if code.earlier:
        head = t("📩 Earlier code for <b>{service}</b>", service=card.name(t, activation))
    elif code.late:
        head = t("📩 Late code for <b>{service}</b>", service=card.name(t, activation))
    elif code.ordinal > 1:
        head = t(
            "📩 Code {number} for <b>{service}</b>", number=code.ordinal, service=card.name(t, activation)
        )
    else:
        head = t("📩 Code for <b>{service}</b>", service=card.name(t, activation))
    number = t("Number: +{phone}", phone=activation.phone) if activation.phone else None
    if not code.text.strip():
        return [joined(head, t("The SMS arrived without readable text."), number, by="\n\n")]
    messages = [t("<code>{text}</code>", text=piece) for piece in _pieces(code.text)]
    messages[0] = joined(head, messages[0], by="\n\n")
    messages[-1] = joined(messages[-1], number, by="\n\n")
    return messages


def _pieces(text: str) -> list[str]:
    """Return a text in pieces of at most MAX_CODE_SHOWN UTF-16 units."""
    pieces, piece, length = [], "", 0
    for character in text:
        units = 2 if ord(character) > 0xFFFF else 1  # noqa: PLR2004  # characters beyond this take two units
        if length + units > MAX_CODE_SHOWN:
            pieces.append(piece)
            piece, length = "", 0
        piece += character
        length += units
    return [piece for piece in (*pieces, piece) if piece.strip()]


def notice(t: Translator, activation: Activation | None, notice: Notice) -> Html:
    """Return the message for a notice.

    Raises:
        ValueError: the notice is about a number, and none is given.
    """
    match notice.kind:
        case NoticeKind.LOW_BALANCE:
            return preferences.low_balance(t, notice.details)
        case NoticeKind.KEY_REFUSED:
            return t(
                "⚠️ The provider no longer accepts your API key, so I can’t get your codes. Add a new key of "
                "the same account with /key, and I’ll continue."
            )
        case _:
            if activation is None:
                raise ValueError(f"{notice.kind} is about a number")
    return joined(
        t(
            "<b>{service}</b> · {phone}",
            service=card.name(t, activation),
            phone=card.phone_pretty(activation.phone) if activation.phone else "–",
        ),
        _notice(t, activation, notice.kind),
    )


def _notice(t: Translator, activation: Activation, kind: NoticeKind) -> Html:
    match kind:
        case NoticeKind.CANCELLED:
            return joined(t("✖️ Cancelled, as you asked."), card.balance_after(t, activation))
        case NoticeKind.CANCEL_REFUSED:
            return t("I couldn’t cancel this number as you asked. It’s still active; you can try again.")
        case NoticeKind.FOUND:
            return t("✅ The purchase went through. Here is your number.")
        case NoticeKind.NOT_BOUGHT:
            return t(
                "I could not find a number from this purchase in your account. If one turns up, I’ll tell "
                "you."
            )
        case _:
            return joined(card.ended(t, activation), card.balance_after(t, activation))
