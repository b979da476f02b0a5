"""Keyboards under a number's card and its messages."""

from collections.abc import Iterable

from aiogram.types import ForceReply, InlineKeyboardButton, InlineKeyboardMarkup

from bot.catalog.availability import Alternatives
from bot.domain import Activation, Code, ListedActivation, State, Step, in_last_minutes
from bot.telegram import callbacks, texts
from bot.telegram.keyboards import quotes
from bot.telegram.keyboards.alerts import tell_me
from bot.telegram.keyboards.buttons import Row, button, copy, home_button, markup
from bot.telegram.keyboards.favourites import star
from bot.telegram.translator import Translator


def actions(
    t: Translator, activation: Activation, now: int, others: Alternatives | None = None
) -> InlineKeyboardMarkup:
    """Return the keyboard of a card: the actions that are possible in its state.

    Args:
        t: the reader's language.
        activation: the number.
        now: UTC seconds.
        others: the alternatives if it was sold out; None if they are not known.
    """

    def take(text: str, step: Step, style: str | None = None) -> InlineKeyboardButton:
        return button(text, callbacks.TakeStep(step=step, id=activation.id), style)

    number = copy(t.plain("Copy number"), f"+{activation.phone}") if activation.phone else []
    note = [button(t.plain("📝 Note"), callbacks.AskNote(id=activation.id))] if activation.phone else []
    kept = callbacks.StarActivation(id=activation.id, starred=not activation.favourite)
    below = [star(t, kept), home_button(t)]
    requested = [take(t.plain("I’ve requested the code"), Step.SMS_SENT)]
    last = None if activation.hides_codes(now) else activation.last_code
    code = copy(t.plain("Copy code"), last.text) if last else []
    match activation.state:
        case State.ORDERING:
            return markup([])  # a double tap on Buy must not hit another button in its place
        case State.UNKNOWN:
            return markup(
                [[button(t.plain("Check again"), callbacks.CheckPurchase(id=activation.id))], below]
            )
        case State.WAITING if activation.codes:
            # Where "Get another code" was, a second tap must not hit Complete.
            return markup([code, [*number, take(t.plain("Complete"), Step.COMPLETE, "success")], below])
        case State.WAITING if activation.cancel_scheduled:
            keep = callbacks.ScheduleCancel(id=activation.id, scheduled=False)
            return markup(
                [
                    [*number, *note],
                    requested,
                    # Cancel comes back on the right, where a second tap on the left button must not hit it.
                    [button(t.plain("Don’t cancel"), keep), star(t, kept)],
                    [home_button(t)],
                ]
            )
        case State.WAITING:
            elsewhere = callbacks.CancelAndChooseOperator(id=activation.id)
            return markup(
                [
                    # The row appears by itself, so it stands where it moves no other button.
                    [button(t.plain("Cancel, get another"), elsewhere)]
                    if in_last_minutes(activation, now)
                    else [],
                    [*number, *note],
                    requested,
                    [star(t, kept), take(t.plain("Cancel"), Step.CANCEL, "danger")],
                    [home_button(t), button(t.plain("Cancel, get another"), elsewhere)]
                    if in_last_minutes(activation, now)
                    else [home_button(t)],
                ]
            )
        case State.RECEIVED:
            return markup(
                [
                    code,
                    [*number, *note],
                    [
                        take(t.plain("Get another code"), Step.RESEND),
                        take(t.plain("Complete"), Step.COMPLETE, "success"),
                    ],
                    below,
                ]
            )
        case State.REFUSED if activation.sold_out:
            return markup([*_no_numbers(t, activation, others), [_again(t, activation)], below])
        case _:
            return markup([code, [_again(t, activation), *note], below])


def _again(t: Translator, activation: Activation) -> InlineKeyboardButton:
    label = t.plain("Try again") if activation.state is State.REFUSED else t.plain("Buy again")
    return button(label, callbacks.BuyAgain(id=activation.id))


def _no_numbers(t: Translator, activation: Activation, others: Alternatives | None) -> list[Row]:
    """Return the rows for a purchase that was refused because it was sold out."""
    tell = tell_me(t, callbacks.CreateAlert(token=activation.token))
    if others is None:
        return [[button(t.plain("Find elsewhere"), callbacks.ShowAlternatives(id=activation.id))], tell]
    return [*quotes.alternatives(t, activation.country, activation.service, others), tell]


def code(t: Translator, code: Code) -> InlineKeyboardMarkup | None:
    """Return the keyboard under a code; None if it is too long for a copy button."""
    row = copy(t.plain("Copy code"), code.text)
    return markup([row]) if row else None


def too_early(t: Translator, activation_id: int, allowed_at: int) -> InlineKeyboardMarkup:
    """Return the offer to cancel at the earliest time (UTC seconds)."""
    at = t.plain("Cancel at {time}", time=t.clock(allowed_at))
    return markup(
        [
            [
                button(at, callbacks.ScheduleCancel(id=activation_id, scheduled=True), "danger"),
                button(t.plain("Keep it"), callbacks.ScheduleCancel(id=activation_id, scheduled=False)),
            ]
        ]
    )


def candidates(activation_id: int, rows: Iterable[ListedActivation]) -> InlineKeyboardMarkup:
    """Return a button for each of the provider's numbers that may come from an unclear purchase."""
    return markup(
        [
            [
                button(
                    texts.steps.candidate_label(row.id, row.phone),
                    callbacks.AdoptNumber(id=activation_id, provider_id=row.id),
                )
            ]
            for row in rows
        ]
    )


def again(t: Translator, activation: Activation) -> InlineKeyboardMarkup:
    """Return the keyboard under the message that a number has ended."""
    return markup([[_again(t, activation), home_button(t)]])


def note_prompt(t: Translator) -> ForceReply:
    """Return the markup that opens a reply to the question for a note."""
    return ForceReply(input_field_placeholder=texts.notes.placeholder(t))
