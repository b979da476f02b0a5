"""The words of the messages that come by themselves: codes and notices."""

from typing import Final

from bot.domain import Activation, Code, Notice, NoticeKind
from bot.telegram.texts import card, preferences
from bot.telegram.translator import Html, Translator, joined

MAX_CODE_SHOWN: Final = 3000
"""UTF-16 units of a code in one message; what is longer follows in further messages."""


def code(t: Translator, activation: Activation, code: Code) -> list[Html]:
    """Return the messages that bring a code: one, or more where the text is very long."""
    if code.earlier:
        head = t("📩 An earlier code for <b>{service}</b>", service=card.name(activation))
    elif code.late:
        head = t("📩 A late code for <b>{service}</b>", service=card.name(activation))
    elif code.ordinal > 1:
        head = t("📩 Code {number} for <b>{service}</b>", number=code.ordinal, service=card.name(activation))
    else:
        head = t("📩 Code for <b>{service}</b>", service=card.name(activation))
    number = t("Number: +{phone}", phone=activation.phone) if activation.phone else None
    if not code.text.strip():
        return [joined(head, t("The SMS came without a readable text."), number, by="\n\n")]
    messages = [t("<code>{text}</code>", text=piece) for piece in _pieces(code.text)]
    messages[0] = joined(head, messages[0], by="\n\n")
    messages[-1] = joined(messages[-1], number, by="\n\n")
    return messages


def _pieces(text: str) -> list[str]:
    """Return a text in pieces of at most MAX_CODE_SHOWN UTF-16 units."""
    pieces, piece, length = [], "", 0
    for character in text:
        units = 2 if ord(character) > 0xFFFF else 1  # noqa: PLR2004  # beyond the first plane a pair is used
        if length + units > MAX_CODE_SHOWN:
            pieces.append(piece)
            piece, length = "", 0
        piece += character
        length += units
    return [piece for piece in (*pieces, piece) if piece.strip()]


def notice(t: Translator, activation: Activation | None, notice: Notice) -> Html:
    """Return a message that tells something besides a code."""
    match notice.kind:
        case NoticeKind.LOW_BALANCE:
            return preferences.low_balance(t, notice.details)
        case NoticeKind.KEY_REFUSED:
            return t(
                "⚠️ The provider no longer accepts your API key, so I cannot ask for codes with it. Your "
                "numbers are kept. Bind a key of the same account with /key and I go on with them."
            )
        case _:
            if activation is None:
                raise ValueError(f"{notice.kind} is about a number")
    return joined(
        t(
            "<b>{service}</b> · {phone}",
            service=card.name(activation),
            phone=card.phone_pretty(activation.phone) if activation.phone else "–",
        ),
        _notice(t, activation, notice.kind),
    )


def _notice(t: Translator, activation: Activation, kind: NoticeKind) -> Html:
    match kind:
        case NoticeKind.CANCELLED:
            return joined(t("✖️ Cancelled, as you asked."), card.balance_after(t, activation))
        case NoticeKind.CANCEL_REFUSED:
            return t(
                "I could not cancel it as you asked. The number is still active; you can try again with its "
                "Cancel button."
            )
        case NoticeKind.FOUND:
            return t("✅ The purchase went through after all. This is your number.")
        case NoticeKind.NOT_BOUGHT:
            return t("The purchase did not go through; no number was bought.")
        case _:
            return joined(card.ended(t, activation), card.balance_after(t, activation))
