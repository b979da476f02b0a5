"""Texts of the messages that the bot sends on its own: codes and notices."""

from typing import Final

from bot.domain import Activation, Code, Notice, NoticeKind, picked_code
from bot.telegram.texts import api_key, card, preferences
from bot.telegram.translator import Html, Translator, clipped, joined

MAX_CODE_SHOWN: Final = 3000
"""UTF-16 units of a code in one message; a longer text is split."""
MAX_PIECES: Final = 3
"""Messages of a code without a file; a text that needs more is sent as two messages and a file."""
MAX_CODE_PLAIN: Final = 200
"""UTF-16 units of a code in the message that is sent when Telegram refuses all others."""


def code(t: Translator, activation: Activation, code: Code) -> list[Html]:
    """Return the messages for a code: one, or several if its text is long; see also `needs_file`.

    The first words, which a lock screen shows, are the code and the service.
    """
    picked = picked_code(code.text)
    head = joined(
        t("<code>{text}</code>", text=picked) if picked else None,
        t("<b>{service}</b>", service=card.name(t, activation)),
        _which(t, code),
        by=" · ",
    )
    phone = card.phone_pretty(activation.phone) if activation.phone else "–"
    head = joined(head, t("📩 {phone}", phone=phone))
    if not code.text.strip():
        return [joined(head, t("The SMS arrived without readable text."), by="\n\n")]
    if code.text.strip() == picked:
        return [head]
    messages = [t("<code>{text}</code>", text=piece) for piece in pieces(code)]
    messages[0] = joined(head, messages[0], by="\n\n")
    return messages


def _which(t: Translator, code: Code) -> Html | None:
    """Return which code of its number it is; None for the first one in time."""
    if code.earlier:
        return t("earlier code")
    if code.late:
        return t("late code")
    return t("code {number}", number=code.ordinal) if code.ordinal > 1 else None


def plain_code(t: Translator, text: str) -> str:
    """Return the message for a code, or for a piece of it, without any markup."""
    if not text.strip():
        return t.plain("The SMS arrived without readable text.")
    return t.plain("Your code: {code}", code=clipped(" ".join(text.split()), MAX_CODE_PLAIN))


def file_caption(t: Translator) -> Html:
    """Return the caption of the file with the whole text of a very long SMS."""
    return t("The whole text of the SMS.")


def undelivered(t: Translator, count: int) -> Html | None:
    """Return how many codes could not be sent; None if there are none."""
    if not count:
        return None
    return t.plural(
        "⚠️ {count} code couldn’t be sent yet. I’ll keep trying; it’s also on its card.",
        "⚠️ {count} codes couldn’t be sent yet. I’ll keep trying; they’re also on their cards.",
        count,
    )


def pieces(code: Code) -> list[str]:
    """Return the text of a code as the pieces that are sent as messages."""
    found = _split(code.text)
    return found if len(found) <= MAX_PIECES else found[: MAX_PIECES - 1]


def needs_file(code: Code) -> bool:
    """Return whether the text of a code is too long for messages, so that a file follows them."""
    return len(_split(code.text)) > MAX_PIECES


def _split(text: str) -> list[str]:
    """Return a text in pieces of at most MAX_CODE_SHOWN UTF-16 units."""
    if len(text) * 2 <= MAX_CODE_SHOWN:
        return [text] if text.strip() else []
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
        case NoticeKind.KEY_MESSAGE_STAYS:
            return api_key.not_deleted(t)
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
