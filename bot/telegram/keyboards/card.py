"""The keyboards under a number's card and its messages."""

from collections.abc import Iterable

from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from bot import errors
from bot.domain import Activation, Code, State, Step
from bot.provider.tables import Listed
from bot.telegram import callbacks, texts
from bot.telegram.keyboards.buttons import button, copy, home_button, markup
from bot.telegram.keyboards.favourites import star
from bot.telegram.keyboards.watches import tell_me
from bot.telegram.translator import Translator


def actions(t: Translator, activation: Activation) -> InlineKeyboardMarkup:
    """Return the keyboard of a card: only what is possible in its state."""

    def take(text: str, step: Step, style: str | None = None) -> InlineKeyboardButton:
        return button(text, callbacks.Take(step=step, id=activation.id), style)

    number = copy(t.plain("Copy number"), f"+{activation.phone}") if activation.phone else []
    starring = [star(t, callbacks.StarActivation(id=activation.id, wanted=not activation.favourite))]
    last = activation.last_code
    code = copy(t.plain("Copy code"), last.text) if last else []
    match activation.state:
        case State.ORDERING:
            return markup([])  # the second tap of two on Buy must not meet another button in its place
        case State.UNKNOWN:
            return markup([[button(t.plain("Check again"), callbacks.Check(id=activation.id))], starring])
        case State.WAITING if activation.codes:
            return markup([number, code, [take(t.plain("Complete"), Step.COMPLETE, "success")], starring])
        case State.WAITING if activation.cancel_wanted:
            keep = callbacks.CancelLater(id=activation.id, wanted=False)
            return markup(
                [
                    number,
                    [take(t.plain("SMS sent"), Step.SMS_SENT), button(t.plain("Do not cancel"), keep)],
                    starring,
                ]
            )
        case State.WAITING:
            return markup(
                [
                    number,
                    [
                        take(t.plain("SMS sent"), Step.SMS_SENT),
                        take(t.plain("Cancel"), Step.CANCEL, "danger"),
                    ],
                    starring,
                ]
            )
        case State.RECEIVED:
            return markup(
                [
                    code,
                    number,
                    [
                        take(t.plain("Resend"), Step.RESEND),
                        take(t.plain("Complete"), Step.COMPLETE, "success"),
                    ],
                    starring,
                ]
            )
        case _:
            again = button(t.plain("Buy again"), callbacks.Again(id=activation.id))
            none = activation.refusal == errors.NoNumbers.__name__
            tell = tell_me(t, callbacks.Watch(token=activation.token)) if none else []
            return markup([code, tell, [again, home_button(t)], starring])


def code(t: Translator, code: Code) -> InlineKeyboardMarkup | None:
    """Return the keyboard under a code; None if it is too long to be copied by a button."""
    row = copy(t.plain("Copy code"), code.text)
    return markup([row]) if row else None


def too_early(t: Translator, activation_id: int) -> InlineKeyboardMarkup:
    """Return the offer to cancel later."""
    return markup(
        [
            [
                button(
                    t.plain("Cancel then"), callbacks.CancelLater(id=activation_id, wanted=True), "danger"
                ),
                button(t.plain("Keep it"), callbacks.CancelLater(id=activation_id, wanted=False)),
            ]
        ]
    )


def candidates(activation_id: int, rows: Iterable[Listed]) -> InlineKeyboardMarkup:
    """Return a button for each of the provider's numbers that an unclear purchase may have bought."""
    return markup(
        [
            [
                button(
                    texts.steps.candidate_label(row.id, row.phone),
                    callbacks.Adopt(id=activation_id, provider_id=row.id),
                )
            ]
            for row in rows
        ]
    )


def again(t: Translator, activation: Activation) -> InlineKeyboardMarkup:
    """Return the keyboard under the end of a number."""
    return markup([[button(t.plain("Buy again"), callbacks.Again(id=activation.id)), home_button(t)]])
