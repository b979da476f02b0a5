"""The words that answer a step taken with a number."""

from bot import errors
from bot.domain import Activation, Ending, State, Step
from bot.telegram.texts import problems
from bot.telegram.translator import Html, Translator, joined


def done(t: Translator, step: Step, before: Activation, after: Activation) -> str:
    """Return the toast after a step, by what really happened."""
    if len(after.codes) > len(before.codes):
        return t.plain("A new code has just come.")
    match step, after.state:
        case Step.CANCEL, State.CANCELLED if after.ending is Ending.USER:
            return t.plain("Cancelled.")
        case Step.COMPLETE, State.COMPLETED:
            return t.plain("Completed.")
        case Step.RESEND, State.WAITING:
            return t.plain("Asked for another code.")
        case Step.SMS_SENT, State.WAITING:
            return t.plain("OK, checking more often now.")
        case _:
            return t.plain("The number has ended at the provider.")


def cancel_too_early(t: Translator, allowed_at: int) -> Html:
    """Say from when a cancel works, and offer to do it then."""
    return t(
        "This number cannot be cancelled before {when}. Shall I cancel it then if no code has arrived?",
        when=t.local_time(allowed_at),
    )


def will_cancel(t: Translator) -> str:
    """Confirm the wish for a later cancel."""
    return t.plain("I will cancel it as soon as the provider allows it, unless a code arrives.")


def will_keep(t: Translator) -> str:
    """Confirm that the number stays."""
    return t.plain("The number stays active.")


def checked(t: Translator, activation: Activation) -> str:
    """Return the toast after another look at an unclear purchase."""
    match activation.state:
        case State.UNKNOWN:
            return t.plain("Still unclear. I keep checking.")
        case State.REFUSED:
            return t.plain("Nothing was bought.")
        case State.WAITING | State.RECEIVED:
            return t.plain("The number was bought.")
        case _:
            return t.plain("This is settled by now.")


def choose_candidate(t: Translator) -> Html:
    """Ask which of the provider's numbers an unclear purchase has bought."""
    return t(
        "The provider lists these new numbers. Which one is this purchase? If you cannot tell, the time of "
        "purchase on the provider’s website can."
    )


def candidate_label(provider_id: str, phone: str | None) -> str:
    """Return the button of a candidate."""
    return f"{phone or '–'} · {provider_id}"


def refused(t: Translator, step: Step, error: errors.ProviderError) -> Html:
    """Say why a step could not be taken."""
    if isinstance(error, errors.StepRefused | errors.BadRequest | errors.UnsupportedAction):
        match step:
            case Step.RESEND:
                return t("The provider gives no further code for this number now. You can still complete it.")
            case Step.CANCEL:
                return t("The provider refused to cancel this number. It is still active.")
            case Step.SMS_SENT:
                return t("Noted. The provider does not need to be told.")
            case Step.COMPLETE:
                return t("The provider refused to complete this number now. Try again in a moment.")
    if isinstance(error, errors.Unavailable) and not isinstance(error, errors.NotSent):
        return joined(
            problems.problem(t, error), t("As far as I know nothing has changed; I keep checking it."), by=" "
        )
    return problems.problem(t, error)
