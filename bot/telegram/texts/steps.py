"""Texts that answer a step of a number: cancel, complete, resend and the like."""

from typing import Final

from bot import errors
from bot.activations.card_notes import CancelLater, CardNote, ChooseNumber, StepFailed
from bot.domain import Activation, Ending, State, Step
from bot.telegram.texts import problems
from bot.telegram.translator import Html, Translator, clipped, escaped, joined

MAX_PHONE_SHOWN: Final = 20
MAX_ID_SHOWN: Final = 20
"""Characters of a phone number and of the provider's id on a button."""


def done(t: Translator, step: Step, before: Activation, after: Activation) -> str:
    """Return the toast after a step, by the state before and after it."""
    if len(after.codes) > len(before.codes):
        return t.plain("A new code has just arrived.")
    match step, after.state:
        case Step.CANCEL, State.CANCELLED if after.ending is Ending.USER:
            return t.plain("Cancelled.")
        case Step.COMPLETE, State.COMPLETED:
            return t.plain("Completed.")
        case Step.RESEND, State.WAITING:
            return t.plain("Requested another code.")
        case Step.SMS_SENT, State.WAITING:
            return t.plain("Checking more often now.")
        case _:
            return t.plain("The number has already ended at the provider.")


def doing(t: Translator, step: Step) -> str:
    """Return what a tap on a step is answered with while the provider has not answered yet."""
    return {
        Step.CANCEL: t.plain("Cancelling…"),
        Step.COMPLETE: t.plain("Completing…"),
        Step.RESEND: t.plain("Requesting another code…"),
        Step.SMS_SENT: t.plain("Checking more often now."),
    }[step]


def one_moment(t: Translator) -> str:
    """Return what a tap is answered with while its screen is not there yet."""
    return t.plain("One moment…")


def checking(t: Translator) -> str:
    """Return what a tap is answered with while an unclear purchase is being checked."""
    return t.plain("Checking…")


def note(t: Translator, note: CardNote) -> Html:
    """Return the question of a card, or why a step failed."""
    match note:
        case CancelLater(allowed_at):
            return cancel_too_early(t, allowed_at)
        case ChooseNumber():
            return choose_candidate(t)
        case StepFailed(step, error):
            return refused(t, step, error)
        case _:
            return escaped(still_unclear(t))


def still_unclear(t: Translator) -> str:
    """Return that a check of an unclear purchase has shown nothing new."""
    return t.plain("Still unclear. I’ll keep checking.")


def impossible(t: Translator, step: Step, activation: Activation) -> Html:
    """Return why a step is not possible in the state of its number."""
    if not activation.open:
        return t("This number has already ended.")
    if step is Step.RESEND and activation.codes:
        return t("Another code is already requested.")
    return problems.problem(t, errors.InvalidState())


def cancel_too_early(t: Translator, allowed_at: int) -> Html:
    """Return when a number can be cancelled, and the question whether to cancel it then."""
    return t(
        "You can cancel this number from {when}. Shall I cancel it then if no code arrives?",
        when=t.local_time(allowed_at),
    )


def will_cancel(t: Translator) -> str:
    """Return the confirmation of a later cancel."""
    return t.plain("I’ll cancel it as soon as the provider allows it, unless a code arrives.")


def will_keep(t: Translator) -> str:
    """Return the confirmation that the number is kept."""
    return t.plain("OK, I won’t cancel it on my own.")


def checked(t: Translator, activation: Activation) -> str:
    """Return the toast after an unclear purchase was checked again."""
    match activation.state:
        case State.UNKNOWN:
            return still_unclear(t)
        case State.REFUSED:
            return t.plain("Nothing was bought.")
        case State.WAITING | State.RECEIVED:
            return t.plain("The number was bought.")
        case _:
            return t.plain("Already resolved.")


def choose_candidate(t: Translator) -> Html:
    """Return the question which of the provider's numbers an unclear purchase bought."""
    return t(
        "Which of these numbers in your account is from this purchase? If you’re not sure, compare the "
        "purchase times on the provider’s website."
    )


def candidate_label(provider_id: str, phone: str | None) -> str:
    """Return the label of a candidate; a long id is cut in the middle."""
    if len(provider_id) > MAX_ID_SHOWN:
        provider_id = f"{provider_id[: MAX_ID_SHOWN // 2]}…{provider_id[-MAX_ID_SHOWN // 2 :]}"
    return f"{clipped(phone or '–', MAX_PHONE_SHOWN)} · {provider_id}"


def refused(t: Translator, step: Step, error: errors.ProviderError) -> Html:
    """Return why a step was refused or failed."""
    if isinstance(error, errors.StepRefused | errors.BadRequest | errors.UnsupportedAction):
        match step:
            case Step.RESEND:
                return t("No further code is possible right now. You can still complete the number.")
            case Step.CANCEL:
                return t("The provider refused to cancel this number. It’s still active.")
            case Step.SMS_SENT:
                return t("Noted. This provider doesn’t need to know.")
            case Step.COMPLETE:
                return t("The provider refused to complete this number. Try again in a moment.")
    if isinstance(error, errors.Unavailable) and not isinstance(error, errors.NotSent):
        return joined(
            problems.problem(t, error),
            t("As far as I know, nothing has changed. I’ll keep checking."),
            by=" ",
        )
    return problems.problem(t, error)
