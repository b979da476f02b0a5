"""Texts of a number's card."""

from decimal import Decimal
from typing import Final

from bot.activations.card_notes import CancelLater, CardNote, ChooseNumber, StepFailed, StillUnclear
from bot.catalog.availability import Alternatives
from bot.domain import LAST_MINUTES, Activation, Code, Ending, State, in_last_minutes
from bot.telegram.texts import elsewhere, phones, preferences, prices, problems, shop, steps
from bot.telegram.translator import MAX_NAME, Html, Translator, clipped, escaped, joined

MAX_CODE_ON_CARD: Final = 120
MAX_CODES_ON_CARD: Final = 8
FINAL_CHECK_AFTER: Final = 60
"""Seconds after its time at which a number ends, unless the provider still waits for a code."""


def text(
    t: Translator,
    activation: Activation,
    *,
    country: str,
    operators: str,
    now: int,
    cancel_after: int,
    others: Alternatives | None = None,
    note: CardNote | None = None,
) -> Html:
    """Return a card: service, phone number, codes, state or question, and what else there is to say."""
    phone = activation.phone
    national = phones.national(phone) if phone else None
    head = joined(
        t("<b>{service}</b> · {country}", service=name(t, activation), country=country),
        escaped(operators) if activation.operators else None,
        by=" · ",
    )
    number = None
    if phone:
        number = joined(
            t("📱 <code>{phone}</code>", phone=phones.pretty(phone)),
            t("Local: <code>{phone}</code>", phone=national) if national else None,
            phones.other_country(t, phone, activation.country, country),
        )
    elif activation.taken_over and not activation.details_deleted:
        number = elsewhere.hidden_number(t, activation)
    elif activation.provider_id and not activation.details_deleted:
        number = t(
            "The provider sold a number but didn’t say which one. Its id there is <code>{id}</code>.",
            id=clipped(activation.provider_id, MAX_NAME),
        )
    return joined(
        head,
        joined(number, t("📝 {note}", note=activation.note) if activation.note else None),
        charged_more(t, activation) or prices.paid(t, activation),
        elsewhere.on_card(t) if activation.taken_over else None,
        preferences.codes_hidden(t) if activation.hides_codes(now) else _codes(t, activation),
        _state(t, activation, now, cancel_after, note),
        steps.note(t, note) if isinstance(note, StepFailed | StillUnclear) else None,
        outage(t, activation),
        shop.elsewhere(t, others) if others is not None else None,
        by="\n\n",
    )


def charged_more(t: Translator, activation: Activation) -> Html | None:
    """Return that the provider charged more than the shown price; None if it did not, as far as is known."""
    if not activation.overcharged or activation.charged is None or activation.price is None:
        return None
    return t(
        "⚠️ The provider charged <b>{charged}</b>, not {shown}.",
        charged=t.amount(activation.charged),
        shown=t.amount(activation.price),
    )


def _state(t: Translator, activation: Activation, now: int, cancel_after: int, note: CardNote | None) -> Html:
    match activation.state:
        case State.ORDERING:
            return t("⏳ Buying the number…")
        case State.UNKNOWN if isinstance(note, ChooseNumber):
            return steps.note(t, note)
        case State.UNKNOWN:
            return _unknown(t, activation.refusal or "")
        case State.REFUSED:
            return joined(t("Nothing was bought."), problems.refusal(t, activation.refusal or ""), by=" ")
        case State.WAITING:
            question = steps.note(t, note) if isinstance(note, CancelLater) else None
            return _waiting(t, activation, now, cancel_after, question)
        case State.RECEIVED:
            return joined(t("✅ Code received."), _time_left(t, activation, now))
        case State.COMPLETED:
            return _completed(t, activation)
        case State.CANCELLED | State.EXPIRED:
            return joined(ended(t, activation), balance_after(t, activation))


def _unknown(t: Translator, reason: str) -> Html:
    name, _, fact = reason.partition(":")
    match name:
        case "Charged":
            return t(
                "❓ It’s unclear whether a number was bought: the provider gave no clear answer, but your "
                "balance dropped by {amount}. Check the provider’s website: your number may be there. I’ll "
                "keep checking and tell you. I won’t buy again on my own.",
                amount=t.amount(Decimal(fact)),
            )
        case "Several":
            return t(
                "❓ The provider gave no clear answer, but your account has numbers that may be from this "
                "purchase. Tap <b>Check again</b> to choose."
            )
        case "NoList":
            return t(
                "❓ It’s unclear whether a number was bought: the provider gave no clear answer, and it has "
                "no list of your numbers that I could check. Look for the number on its website. I won’t "
                "buy again on my own."
            )
        case _:
            return t(
                "❓ It’s unclear whether a number was bought: the provider gave no clear answer. You may "
                "have been charged. I’ll keep checking and tell you. I won’t buy again on my own."
            )


def _waiting(
    t: Translator, activation: Activation, now: int, cancel_after: int, question: Html | None
) -> Html:
    if activation.ends_at is not None and now >= activation.ends_at:
        return _over(t, now - activation.ends_at)
    later = question
    if activation.cancel_scheduled and activation.cancel_from is not None:
        later = t(
            "I’ll cancel it at {when} unless a code arrives.", when=t.local_time(activation.cancel_from)
        )
    elif question is None and cancel_after and not activation.codes and now < _cancel_from(activation):
        later = t("You can cancel from {when}.", when=t.local_time(_cancel_from(activation)))
    state = joined(
        t("⏳ Waiting for another code.") if activation.codes else t("⏳ Waiting for the code."),
        _time_left(t, activation, now),
        later,
    )
    return joined(state, _running_out(t) if in_last_minutes(activation, now) else None, by="\n\n")


def _over(t: Translator, seconds: int) -> Html:
    """Return the state of a number that is still open so many seconds after its time."""
    if seconds < FINAL_CHECK_AFTER:
        return t("⌛ Time is up. I’ll check once more for a late code.")
    return t("⌛ Time is up, but I’m still checking for a code.")


def outage(t: Translator, activation: Activation) -> Html | None:
    """Return since when the provider has not answered; None while it answers, or after the end."""
    if not activation.held or activation.unanswered_since is None:
        return None
    since = t.local_time(activation.unanswered_since)
    return t("⚠️ The provider has not answered since {when}; I keep checking.", when=since)


def _cancel_from(activation: Activation) -> int:
    """Return when it can be cancelled, in UTC seconds; 0 if it ends before that."""
    at = activation.cancel_from or 0
    return at if activation.ends_at is None or at < activation.ends_at else 0


def _running_out(t: Translator) -> Html:
    return t(
        "⚠️ Less than {minutes} minutes left and no code. Ask the app to send it again, or take another "
        "number.",
        minutes=t.number(LAST_MINUTES // 60),
    )


def _time_left(t: Translator, activation: Activation, now: int) -> Html | None:
    if activation.ends_at is None or now >= activation.ends_at:
        return None
    if activation.taken_over:
        return elsewhere.time_left(t, activation.ends_at)
    return t("Ends {when}.", when=t.relative(activation.ends_at))


def _completed(t: Translator, activation: Activation) -> Html:
    match activation.ending:
        case Ending.USER:
            return t("✔️ Completed.")
        case Ending.PROVIDER:
            return t("✔️ The provider closed this number.")
        case Ending.FORGOTTEN:
            return t("✔️ Completed. The provider no longer lists this number.")
        case _:
            return t("✔️ Completed: time is up.")


def ended(t: Translator, activation: Activation) -> Html:
    """Return how a number ended that had no code then. It never claims a refund.

    It says that no code arrived only if the bot has watched the number until its end.
    """
    match activation.ending:
        case Ending.USER:
            return t("✖️ Cancelled.")
        case _ if activation.codes:
            return t("⌛ This number had ended before I found a code.")
        case Ending.PROVIDER:
            return t("✖️ The provider ended this number before a code arrived.")
        case Ending.FORGOTTEN:
            return t(
                "✖️ The provider no longer lists this number, so I don’t know whether a code arrived. Look on "
                "its website."
            )
        case Ending.UNSEEN:
            return t(
                "⌛ The provider ended this number while I couldn’t check it, so I don’t know whether a code "
                "arrived. Look on its website."
            )
        case Ending.UNCLEAR:
            return t(
                "❓ It never became clear whether a number was bought. Look for a purchase at {when} on the "
                "provider’s website.",
                when=t.date(activation.ordered_at),
            )
        case Ending.NO_ANSWER:
            return t("⌛ Time is up, and the provider gives no answer. I’ll check for a late code for a day.")
        case Ending.KEY:
            return t("⌛ Time is up. The provider refused your API key, so I couldn’t check for a code.")
        case _:
            return t("⌛ No code arrived in time.")


def moved(t: Translator) -> Html:
    """Return what replaces an old card after a new one was sent."""
    return t("This number’s card is further down.")


def balance_after(t: Translator, activation: Activation) -> Html | None:
    """Return the balance that the provider showed after the end; None if it is not known."""
    if activation.balance_after is None:
        return None
    return t("Balance afterwards: {amount}", amount=t.amount(activation.balance_after))


def _codes(t: Translator, activation: Activation) -> Html | None:
    shown = activation.codes[-MAX_CODES_ON_CARD:]
    if not shown:
        return None
    return joined(
        *(
            t("Code {number}: {code}", number=code.ordinal, code=_code_line(t, code))
            if len(activation.codes) > 1
            else t("Code: {code}", code=_code_line(t, code))
            for code in shown
        )
    )


def _code_line(t: Translator, code: Code) -> Html:
    shown = " ".join(code.shown.split())
    line = t("<code>{text}</code>", text=clipped(shown, MAX_CODE_ON_CARD)) if shown else t("<i>no text</i>")
    return joined(line, t("<i>(late)</i>") if code.late else None, by=" ")


def name(t: Translator, activation: Activation) -> str:
    """Return the service's name, clipped to fit any text."""
    return shop.full_name(t, activation.service_name)
