"""Keyboards under a number's card and its messages."""

from dataclasses import dataclass
from typing import Final

from aiogram.types import ForceReply, InlineKeyboardButton, InlineKeyboardMarkup

from bot.activations.card_notes import CancelLater, CardNote, ChooseNumber
from bot.activations.reconciliation import candidate_mark
from bot.catalog.availability import Alternatives
from bot.domain import REOPENS, Activation, Code, State, Step, picked_code
from bot.telegram import callbacks, texts
from bot.telegram.keyboards import quotes
from bot.telegram.keyboards.alerts import tell_me
from bot.telegram.keyboards.buttons import Row, button, copy, home_button, markup
from bot.telegram.keyboards.favourites import star
from bot.telegram.translator import Translator


@dataclass(frozen=True, slots=True)
class Offered:
    """The requests with an effect at the provider that it takes.

    Attributes:
        resend: whether another code can be requested.
        sms_sent: whether it wants to know that a code was requested.
    """

    resend: bool = True
    sms_sent: bool = True


ALL_OFFERED: Final = Offered()


def actions(
    t: Translator,
    activation: Activation,
    now: int,
    others: Alternatives | None = None,
    note: CardNote | None = None,
    offered: Offered = ALL_OFFERED,
) -> InlineKeyboardMarkup:
    """Return the keyboard of a card: the actions that its state allows, or the answers to its question.

    Args:
        t: the reader's language.
        activation: the number.
        now: UTC seconds.
        others: the alternatives if it was sold out; None if they are not known.
        note: what the card asks, or None.
        offered: what the provider takes.
    """

    def take(text: str, step: Step, style: str | None = None) -> InlineKeyboardButton:
        return button(text, callbacks.TakeStep(step=step, id=activation.id), style)

    number = _copy_number(activation.phone) if activation.phone else []
    about = [button(t.plain("📝 Note"), callbacks.AskNote(id=activation.id))] if activation.phone else []
    kept = callbacks.StarActivation(id=activation.id, starred=not activation.favourite)
    stars = [star(t, kept)] if activation.offer_known else []
    below = [*stars, home_button(t)]
    requested = [take(t.plain("I’ve requested the code"), Step.SMS_SENT)] if offered.sms_sent else []
    another_code = [take(t.plain("Get another code"), Step.RESEND)] if offered.resend else []
    another = callbacks.AnotherNumber(id=activation.id)
    another_one = [button(t.plain("Another number"), another)] if activation.offer_known else []
    last = None if activation.hides_codes(now) else activation.last_code
    is_old = activation.state is State.WAITING  # another one is awaited
    code = _copy_code(t, last, is_old=is_old) if last else []
    match activation.state:
        case State.ORDERING:
            return markup([])  # a double tap on Buy must not hit another button in its place
        case State.UNKNOWN:
            check = [button(t.plain("Check again"), callbacks.CheckPurchase(id=activation.id))]
            return markup([*_candidates(activation, note), check, below])
        case State.WAITING if activation.codes:
            # Where "Get another code" was, a second tap must not hit Complete.
            complete = take(t.plain("Complete"), Step.COMPLETE, "success")
            return markup([code, number, [*stars, complete], [*about, home_button(t)]])
        case State.WAITING if activation.cancel_scheduled:
            keep = callbacks.ScheduleCancel(id=activation.id, scheduled=False)
            return markup(
                [
                    number,
                    requested,
                    # Cancel comes back on the right, where a second tap on the left button must not hit it.
                    [button(t.plain("Don’t cancel"), keep), *stars],
                    # Its place is another one than before the tap, so that a second tap is refused.
                    [*another_one, home_button(t)],
                ]
            )
        case State.WAITING if isinstance(note, CancelLater):
            later = _when_to_cancel(t, activation.id, note.allowed_at)
            return markup([number, requested, another_one, later, below])
        case State.WAITING:
            return markup(
                [
                    number,
                    requested,
                    another_one,
                    [*stars, take(t.plain("Cancel"), Step.CANCEL, "danger")],
                    [*about, home_button(t)],
                ]
            )
        case State.RECEIVED:
            return markup(
                [
                    code,
                    number,
                    [*another_code, take(t.plain("Complete"), Step.COMPLETE, "success")],
                    [*stars, *about],
                    [home_button(t)],
                ]
            )
        case State.REFUSED if activation.sold_out:
            return markup([*_no_numbers(t, activation, others), _again(t, activation), below])
        case _:
            return markup([code, _other_operators(t, activation), [*_again(t, activation), *about], below])


def _again(t: Translator, activation: Activation) -> Row:
    """Return the button to buy the same again; none if it is not known what that is."""
    if not activation.offer_known:
        return []
    label = t.plain("Try again") if activation.state is State.REFUSED else t.plain("Buy again")
    return [button(label, callbacks.BuyAgain(id=activation.id))]


def _other_operators(t: Translator, activation: Activation) -> Row:
    """Return the row with the other operators for a number that ended without a code, else an empty one."""
    if activation.state not in REOPENS or activation.codes or not activation.offer_known:
        return []
    return [button(t.plain("Other operators"), callbacks.ShowOtherOperators(id=activation.id))]


def _no_numbers(t: Translator, activation: Activation, others: Alternatives | None) -> list[Row]:
    """Return the rows for a purchase that was refused because it was sold out."""
    tell = tell_me(t, callbacks.CreateAlert(token=activation.token))
    if others is None:
        return [[button(t.plain("Find elsewhere"), callbacks.ShowAlternatives(id=activation.id))], tell]
    return [*quotes.alternatives(t, activation.country, activation.service, others), tell]


def _copy_number(phone: str) -> Row:
    """Return the buttons that copy a phone number: with a plus sign, and without."""
    return [*copy(f"+{phone}", f"+{phone}"), *copy(phone, phone)]


def _copy_code(t: Translator, code: Code, *, is_old: bool) -> Row:
    """Return the button that copies a code, or the whole text if it is not clear which part is the code."""
    picked = picked_code(code.shown)
    label = f"📋 {picked}" if picked else t.plain("Copy text")
    return copy(t.plain("{label} (old)", label=label) if is_old else label, picked or code.shown)


def code(
    t: Translator, activation: Activation, code: Code, offered: Offered = ALL_OFFERED
) -> InlineKeyboardMarkup:
    """Return the keyboard under a code: it copies the code, and does what is possible after it."""
    is_old = activation.last_code is not None and code.ordinal < activation.last_code.ordinal
    resend, complete = (
        callbacks.TakeStep(step=step, id=activation.id) for step in (Step.RESEND, Step.COMPLETE)
    )
    another = [button(t.plain("Get another code"), resend)] if offered.resend else []
    actions = [*another, button(t.plain("Complete"), complete, "success")]
    if not activation.held:
        actions = [button(t.plain("Another number"), callbacks.BuyAgain(id=activation.id))]
    return markup([_copy_code(t, code, is_old=is_old), [] if is_old else actions])


def _when_to_cancel(t: Translator, activation_id: int, allowed_at: int) -> Row:
    """Return the offer to cancel at the earliest time (UTC seconds), and the button that declines it."""
    return [
        button(
            t.plain("Cancel at {time}", time=t.clock(allowed_at)),
            callbacks.ScheduleCancel(id=activation_id, scheduled=True),
            "danger",
        ),
        button(t.plain("Keep it"), callbacks.ScheduleCancel(id=activation_id, scheduled=False)),
    ]


def _candidates(activation: Activation, note: CardNote | None) -> list[Row]:
    """Return a button for each of the provider's numbers that may come from an unclear purchase."""
    rows = note.candidates if isinstance(note, ChooseNumber) else ()
    return [
        [
            button(
                texts.steps.candidate_label(row.id, row.phone),
                callbacks.AdoptNumber(id=activation.id, mark=candidate_mark(activation, row.id)),
            )
        ]
        for row in rows
    ]


def charged_more(t: Translator, activation: Activation) -> InlineKeyboardMarkup:
    """Return the keyboard under the message that an open number cost more; its card has the other buttons."""
    cancel = button(t.plain("Cancel"), callbacks.TakeStep(step=Step.CANCEL, id=activation.id), "danger")
    may_cancel = (
        activation.state is State.WAITING and not activation.codes and not activation.cancel_scheduled
    )
    return markup([[home_button(t), *([cancel] if may_cancel else [])]])


def again(t: Translator, activation: Activation) -> InlineKeyboardMarkup:
    """Return the keyboard under the message that a number has ended."""
    return markup([_other_operators(t, activation), [*_again(t, activation), home_button(t)]])


def note_prompt(t: Translator) -> ForceReply:
    """Return the markup that opens a reply to the question for a note."""
    return ForceReply(input_field_placeholder=texts.notes.placeholder(t))
