"""Every word a user reads, as functions of what they are about; other languages are in the catalogs."""

import re
from decimal import Decimal
from typing import Final

import phonenumbers

from bot import errors
from bot.domain import Activation, Code, Ending, NoticeKind, Page, State, Step
from bot.telegram.translator import Html, Translator, clipped, escaped, joined

MAX_CODE_SHOWN: Final = 3000
"""UTF-16 units of a code in one message; what is longer follows in further messages."""
MAX_CODE_ON_CARD: Final = 120
MAX_CODES_ON_CARD: Final = 8
MAX_NAME: Final = 60

COMMANDS: Final = ("start", "buy", "active", "balance", "key", "help")


def command(t: Translator, name: str) -> str:
    """Return what a command does, for the menu."""
    return {
        "start": t.plain("Home"),
        "buy": t.plain("Buy a number"),
        "active": t.plain("Your active numbers"),
        "balance": t.plain("Your balance"),
        "key": t.plain("Your API key: bind, replace, unbind"),
        "help": t.plain("How it works"),
    }[name]


def description(t: Translator) -> str:
    """Return what an empty chat says about the bot."""
    return t.plain(
        "Rent a phone number with your own account at an SMS-activation provider, and get the SMS code here "
        "the moment it arrives.\n\nYou need the provider’s API key. One tap buys one number."
    )


def short_description(t: Translator) -> str:
    """Return what the bot's profile says about it."""
    return t.plain("Phone numbers for SMS codes, with your own account at the provider.")


# --- the key ---------------------------------------------------------------------------------------------


def welcome(t: Translator, provider: str | None, *, plain_http: bool) -> Html:
    """Greet somebody without a key and ask for it; a provider on this machine has no name to show."""
    return joined(
        t(
            "<b>Hello!</b> I rent phone numbers through your own account at {provider} and send you the SMS "
            "codes.",
            provider=provider or t("the provider"),
        ),
        t(
            "To begin, send me your <b>API key</b>. You find it in your profile on the provider’s website. "
            "I delete your message, check the key, and store it encrypted."
        ),
        plain_http_note(t) if plain_http else None,
        by="\n\n",
    )


def plain_http_note(t: Translator) -> Html:
    """Say that the key travels in clear."""
    return t(
        "⚠️ This provider is reached over plain http: your key travels to it unencrypted, so whoever sits on "
        "the way could read it."
    )


def key_prompt(t: Translator) -> Html:
    """Ask for a key; a reply to exactly this text is taken for one."""
    return t("Send me the new API key as a reply to this message. I delete your message at once.")


def key_placeholder(t: Translator) -> str:
    """Return what stands in the empty input field."""
    return t.plain("API key")


def key_screen(t: Translator, *, plain_http: bool) -> Html:
    """Show that a key is bound; the key itself is never shown."""
    return joined(
        t("Your API key is bound. It is sealed in the database, and I never show it."),
        plain_http_note(t) if plain_http else None,
        by="\n\n",
    )


def key_bound(t: Translator, balance: Decimal, *, deleted: bool, taken_over: int) -> Html:
    """Say that the key works and what happened to the message."""
    return joined(
        t("✅ The key works and is stored encrypted. Balance: <b>{amount}</b>", amount=t.amount(balance)),
        t.plural(
            "I also look after {count} number with it whose old key was refused.",
            "I also look after {count} numbers with it whose old key was refused.",
            taken_over,
        )
        if taken_over
        else None,
        None if deleted else not_deleted(t),
        by="\n\n",
    )


def key_failed(t: Translator, error: errors.ProviderError, *, deleted: bool) -> Html:
    """Say why a key was not bound, and what happened to the message."""
    if isinstance(error, errors.KeyRefused):
        reason = t(
            "The provider does not accept this key, so nothing was stored. Check that you copied all of it, "
            "and that it is a key of this provider."
        )
    else:
        reason = joined(
            problem(t, error),
            t("The key could not be checked, so nothing was stored. Send it again."),
            by=" ",
        )
    return joined(reason, None if deleted else not_deleted(t), by="\n\n")


def not_deleted(t: Translator) -> Html:
    """Ask the user to delete what the bot could not."""
    return t("⚠️ I could not delete your message with the key. Please delete it yourself.")


def not_a_key(t: Translator) -> Html:
    """Say that a text does not look like a key."""
    return t(
        "That does not look like an API key. Send me the key from the provider’s website, in one piece and "
        "without spaces; until then I cannot do anything else for you."
    )


def key_out_of_place(t: Translator, *, deleted: bool) -> Html:
    """Say what was done with something that looked like a key."""
    return joined(
        t("That looked like an API key, so I did not search for it. To replace your key, use /key."),
        t("Your message is deleted.") if deleted else not_deleted(t),
        by=" ",
    )


def unbind_question(t: Translator, active: int) -> Html:
    """Ask whether the key shall really be unbound."""
    return joined(
        t("Unbind the API key?"),
        t.plural(
            "{count} number is still active: its key stays sealed with it until it ends, and its code will "
            "still arrive.",
            "{count} numbers are still active: their key stays sealed with them until they end, and their "
            "codes will still arrive.",
            active,
        )
        if active
        else t("It is deleted from the database."),
        by="\n",
    )


def unbound(t: Translator) -> Html:
    """Say that the key is gone."""
    return t("The key is unbound. Send me a key whenever you want to go on.")


# --- home, help, balance -----------------------------------------------------------------------------------


def home(t: Translator, balance: Decimal | None, active: int) -> Html:
    """Show the balance and how many numbers are active."""
    return joined(
        t("Balance: <b>{amount}</b>", amount=t.amount(balance))
        if balance is not None
        else t("I cannot read the balance right now."),
        t.plural("{count} active number", "{count} active numbers", active) if active else None,
        t("Tap a button, or just type the name of a service."),
        by="\n",
    )


def balance_line(t: Translator, balance: Decimal) -> Html:
    """Show the balance."""
    return t("Balance: <b>{amount}</b>", amount=t.amount(balance))


def help_text(t: Translator, *, lifetime: int, cancel_after: int) -> Html:
    """Explain the bot."""
    return joined(
        t("<b>How it works</b>"),
        t(
            "1. Choose a service, an operator, and tap <b>Buy</b>. One tap buys one number, paid from your "
            "own account.\n"
            "2. Enter the number where you sign up. The code comes here by itself.\n"
            "3. <b>Resend</b> asks for another code, <b>Complete</b> closes the number, <b>Cancel</b> gives "
            "it back if no code has arrived."
        ),
        t.plural(
            "A number is active for about {count} minute.",
            "A number is active for about {count} minutes.",
            lifetime // 60,
        )
        if lifetime >= 60  # noqa: PLR2004  # a minute
        else None,
        t.plural(
            "You can cancel {count} second after buying at the earliest.",
            "You can cancel {count} seconds after buying at the earliest.",
            cancel_after,
        )
        if cancel_after
        else None,
        t(
            "/buy – buy a number\n/active – your active numbers\n/balance – your balance\n"
            "/key – bind, replace or unbind the API key\n/help – this text"
        ),
        t("Not for bulk sign-ups, resale, or breaking a service’s terms."),
        by="\n\n",
    )


# --- choosing ----------------------------------------------------------------------------------------------


def choose_country(t: Translator) -> Html:
    """Ask for the country."""
    return t("Choose a country.")


def choose_service(t: Translator, country: str) -> Html:
    """Ask for the service."""
    return t(
        "<b>{country}</b>\nChoose a service, or just type its name. Each button shows the approximate price "
        "and how many numbers are left.",
        country=country,
    )


def no_services(t: Translator, country: str) -> Html:
    """Say that the provider lists nothing."""
    return t("The provider lists no services for {country} now. Try again later.", country=country)


def found(t: Translator, query: str) -> Html:
    """Introduce what a search found."""
    return t("Found for “{query}”:", query=clipped(query, MAX_NAME))


def nothing_found(t: Translator, query: str) -> Html:
    """Say that a search found nothing."""
    return t(
        "I found no service like “{query}”. Try another name, or look through the list.",
        query=clipped(query, MAX_NAME),
    )


def choose_operator(t: Translator, service: str, country: str) -> Html:
    """Ask for the operator."""
    return t(
        "<b>{service}</b> · {country}\nChoose an operator. The counts are the provider’s, right now.",
        service=clipped(service, MAX_NAME),
        country=country,
    )


def choose_several(t: Translator, service: str, country: str) -> Html:
    """Ask for several operators."""
    return t(
        "<b>{service}</b> · {country}\nTap the operators you want, then <b>Continue</b>. You get one number, "
        "from one of them.",
        service=clipped(service, MAX_NAME),
        country=country,
    )


def choose_one_first(t: Translator) -> str:
    """Say that no operator is checked."""
    return t.plain("Tap at least one operator first.")


def list_changed(t: Translator) -> str:
    """Say that the provider's list is another one now."""
    return t.plain("The provider’s list of operators has changed. Please choose again.")


def confirm(
    t: Translator, page: Page, *, country: str, operators: str, balance: Decimal | None, count: int | None
) -> Html:
    """Show what a tap on Buy would buy."""
    return joined(
        t("<b>Buy this number?</b>"),
        t(
            "Service: <b>{service}</b>\nCountry: {country}\nOperator: {operators}",
            service=clipped(page.service_name, MAX_NAME),
            country=country,
            operators=operators,
        ),
        joined(
            t("Price: about <b>{amount}</b>", amount=t.amount(page.price))
            if page.price is not None
            else t("Price: not given by the provider"),
            t("Balance: {amount}", amount=t.amount(balance)) if balance is not None else None,
            t("⚠️ The provider shows no numbers for this now; the purchase may be refused.")
            if count == 0
            else None,
        ),
        by="\n\n",
    )


def price_rose(t: Translator, error: errors.PriceRose) -> Html:
    """Say that the price is higher than on the page, with both."""
    return t(
        "⚠️ The price rose from about <b>{shown}</b> to about <b>{current}</b>, so nothing was bought. "
        "Here is a new page:",
        shown=t.amount(error.shown),
        current=t.amount(error.current),
    )


def any_operator(t: Translator) -> str:
    """Return the name of no choice of operator."""
    return t.plain("any")


# --- the card ----------------------------------------------------------------------------------------------


def phone_pretty(phone: str) -> str:
    """Return a phone number in groups, as people write it."""
    parsed = _parsed(phone)
    if parsed is None:
        return f"+{phone}"
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def phone_without_country(phone: str) -> str | None:
    """Return the digits of a phone number without its country code; None if that cannot be told."""
    parsed = _parsed(phone)
    return None if parsed is None else phonenumbers.national_significant_number(parsed)


def _parsed(phone: str) -> phonenumbers.PhoneNumber | None:
    try:
        parsed = phonenumbers.parse(f"+{phone}")
    except phonenumbers.NumberParseException:
        return None
    return parsed if phonenumbers.is_possible_number(parsed) else None


def card(
    t: Translator, activation: Activation, *, country: str, operators: str, now: int, cancel_after: int
) -> Html:
    """Show one number: itself, what it is for, how it stands, and its codes."""
    phone = activation.phone
    national = phone_without_country(phone) if phone else None
    head = joined(
        t("<b>{service}</b> · {country}", service=_name(activation), country=country),
        escaped(operators) if activation.operators else None,
        by=" · ",
    )
    number = None
    if phone:
        number = joined(
            t("📱 <code>+{phone}</code>", phone=phone),
            t("without country code: <code>{phone}</code>", phone=national) if national else None,
        )
    elif activation.provider_id:
        number = t(
            "The provider sold a number but its answer did not show it. Its id there is <code>{id}</code>; "
            "you can cancel it.",
            id=clipped(activation.provider_id, MAX_NAME),
        )
    return joined(head, number, _codes(t, activation), _state(t, activation, now, cancel_after), by="\n\n")


def _state(t: Translator, activation: Activation, now: int, cancel_after: int) -> Html:
    match activation.state:
        case State.ORDERING:
            return t("⏳ Buying the number…")
        case State.UNKNOWN:
            return _unknown(t, activation.refusal or "")
        case State.REFUSED:
            return joined(t("Nothing was bought."), refusal(t, activation.refusal or ""), by=" ")
        case State.WAITING:
            return _waiting(t, activation, now, cancel_after)
        case State.RECEIVED:
            return joined(t("✅ The code is here."), _time_left(t, activation, now))
        case State.COMPLETED:
            return _completed(t, activation)
        case State.CANCELLED:
            return ended(t, activation)
        case State.EXPIRED:
            return ended(t, activation)


def _unknown(t: Translator, reason: str) -> Html:
    name, _, fact = reason.partition(":")
    match name:
        case "Charged":
            return t(
                "❓ It is unknown whether a number was bought: the provider gave no clear answer, but your "
                "balance has fallen by {amount}. Look at the provider’s website, where a number may wait for "
                "you. I keep checking and tell you; I will not buy again by myself.",
                amount=t.amount(Decimal(fact)),
            )
        case "Several":
            return t(
                "❓ The provider gave no clear answer, and lists several new numbers that this purchase may "
                "have bought. Tap <b>Check again</b> to say which one it is."
            )
        case _:
            return t(
                "❓ It is unknown whether a number was bought: the provider gave no clear answer. You may "
                "have been charged. I keep checking and tell you; I will not buy again by myself."
            )


def _waiting(t: Translator, activation: Activation, now: int, cancel_after: int) -> Html:
    if activation.ends_at is not None and now >= activation.ends_at:
        return t("⌛ The time is over. I will check once more for a late code.")
    later = None
    if activation.cancel_wanted and activation.cancel_from is not None:
        later = t(
            "I will cancel it at {when} unless a code arrives.", when=t.local_time(activation.cancel_from)
        )
    elif cancel_after and not activation.codes and activation.cancel_from and now < activation.cancel_from:
        later = t("You can cancel from {when}.", when=t.local_time(activation.cancel_from))
    return joined(
        t("⏳ Waiting for another code.") if activation.codes else t("⏳ Waiting for the code."),
        _time_left(t, activation, now),
        later,
    )


def _time_left(t: Translator, activation: Activation, now: int) -> Html | None:
    if activation.ends_at is None or now >= activation.ends_at:
        return None
    return t("Ends {when}.", when=t.relative(activation.ends_at))


def _completed(t: Translator, activation: Activation) -> Html:
    match activation.ending:
        case Ending.USER:
            return t("✔️ Completed.")
        case Ending.PROVIDER:
            return t("✔️ The provider closed this number.")
        case Ending.FORGOTTEN:
            return t("✔️ Completed: the provider no longer knows this number.")
        case _:
            return t("✔️ Completed: the time is over.")


def ended(t: Translator, activation: Activation) -> Html:
    """Say how a number without a code ended, by what is known; never that money came back."""
    match activation.ending:
        case Ending.USER:
            return t("✖️ Cancelled.")
        case Ending.PROVIDER:
            return t("✖️ The provider ended this number. No code came.")
        case Ending.FORGOTTEN:
            return t("✖️ The provider no longer knows this number. No code came.")
        case Ending.UNCLEAR:
            return t(
                "❓ It never became clear whether a number was bought. Look at the provider’s website for a "
                "purchase at {when}.",
                when=t.date(activation.ordered_at),
            )
        case Ending.KEY:
            return t("⌛ The time is over. The provider refused the API key, so I could not look for a code.")
        case _:
            return t("⌛ The time is over. No code came.")


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
    line = (
        t("<code>{text}</code>", text=clipped(" ".join(code.text.split()), MAX_CODE_ON_CARD))
        if code.text.strip()
        else t("<i>no text</i>")
    )
    return joined(line, t("<i>(late)</i>") if code.late else None, by=" ")


def code_messages(t: Translator, activation: Activation, code: Code) -> list[Html]:
    """Return the messages that bring a code: one, or more where the text is very long."""
    if code.earlier:
        head = t("📩 An earlier code for <b>{service}</b>", service=_name(activation))
    elif code.late:
        head = t("📩 A late code for <b>{service}</b>", service=_name(activation))
    elif code.ordinal > 1:
        head = t("📩 Code {number} for <b>{service}</b>", number=code.ordinal, service=_name(activation))
    else:
        head = t("📩 Code for <b>{service}</b>", service=_name(activation))
    number = t("Number: +{phone}", phone=activation.phone) if activation.phone else None
    if not code.text.strip():
        return [joined(head, t("The SMS came without a readable text."), number, by="\n\n")]
    messages = [t("<code>{text}</code>", text=piece) for piece in _pieces(code.text)]
    messages[0] = joined(head, messages[0], by="\n\n")
    messages[-1] = joined(messages[-1], number, by="\n\n")
    return messages


def _name(activation: Activation) -> str:
    return clipped(activation.service_name, MAX_NAME)


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


def notice(t: Translator, activation: Activation | None, kind: NoticeKind) -> Html:
    """Return a message that tells something besides a code."""
    if activation is None or kind is NoticeKind.KEY_REFUSED:
        return t(
            "⚠️ The provider no longer accepts your API key, so I cannot ask for codes with it. Your "
            "numbers are kept. Bind a key of the same account with /key and I go on with them."
        )
    return joined(
        t(
            "<b>{service}</b> · {phone}",
            service=_name(activation),
            phone=phone_pretty(activation.phone) if activation.phone else "–",
        ),
        _notice(t, activation, kind),
    )


def _notice(t: Translator, activation: Activation, kind: NoticeKind) -> Html:
    match kind:
        case NoticeKind.CANCELLED:
            return t("✖️ Cancelled, as you asked.")
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
            return ended(t, activation)


# --- steps and their answers --------------------------------------------------------------------------------


def buying(t: Translator) -> str:
    """Answer the tap on Buy."""
    return t.plain("Buying…")


def step_done(
    t: Translator, step: Step, before: Activation, after: Activation, balance: Decimal | None = None
) -> str:
    """Return the toast after a step, by what really happened; of the money only the balance is said."""
    if len(after.codes) > len(before.codes):
        return t.plain("A new code has just come.")
    match step, after.state:
        case Step.CANCEL, State.CANCELLED if balance is not None:
            return t.plain("Cancelled. Your balance: {amount}", amount=t.amount(balance))
        case Step.CANCEL, State.CANCELLED:
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
    return t.plain("I will cancel it as soon as the provider allows it.")


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


def short_name(name: str) -> str:
    """Return the first of several names of a service, for a narrow button."""
    return re.split(r" / | \(|/", name, maxsplit=1)[0]


def candidate_label(provider_id: str, phone: str | None) -> str:
    """Return the button of a candidate."""
    return f"{phone or '–'} · {provider_id}"


def no_active(t: Translator) -> Html:
    """Say that no number is active."""
    return t("You have no active numbers.")


def active_list(t: Translator, count: int) -> Html:
    """Introduce the active numbers."""
    return t.plural(
        "You have {count} active number. Tap it for its card.",
        "You have {count} active numbers. Tap one for its card.",
        count,
    )


def active_label(t: Translator, activation: Activation) -> str:
    """Return the button of an active number."""
    sign = {State.ORDERING: "⏳", State.UNKNOWN: "❓", State.RECEIVED: "✅"}.get(activation.state, "⏳")
    number = phone_pretty(activation.phone) if activation.phone else t.plain("no number yet")
    return clipped(f"{sign} {activation.service_name} · {number}", MAX_NAME)


# --- what cannot be done ------------------------------------------------------------------------------------


def private_only(t: Translator) -> str:
    """Answer in a group."""
    return t.plain("I work in a private chat only: a number and its codes are nobody else’s business.")


def not_allowed(t: Translator) -> str:
    """Answer somebody who may not use the bot."""
    return t.plain("This bot is private. Ask the person who runs it to let you in.")


def too_fast(t: Translator) -> str:
    """Answer somebody who taps faster than the bot can follow."""
    return t.plain("One thing at a time, please.")


def stale_button(t: Translator) -> str:
    """Answer a button that is no longer good."""
    return t.plain("This button is out of date. Open the screen again with /start.")


def text_only(t: Translator) -> Html:
    """Answer a photo, a sticker, and the like."""
    return t("I can only read text. Type the name of a service, or use /help.")


def edited(t: Translator) -> Html:
    """Answer an edited message."""
    return t("I do not read edited messages. Please send it as a new one.")


def unknown_command(t: Translator) -> Html:
    """Answer a command that is none."""
    return t("I do not know this command. /help shows what there is.")


def unexpected(t: Translator) -> Html:
    """Say that something went wrong inside."""
    return t("Something went wrong and has been logged. Please look at /active before you try again.")


def refusal(t: Translator, word: str) -> Html:
    """Return why nothing was bought, by the word in the journal."""
    name, _, fact = word.partition(":")
    if name == "NothingBought":
        return t("The provider’s answer was unclear, and a check showed that no number was bought.")
    if name == "Banned":
        return problem(t, errors.Banned(fact or None))
    if name == "PriceTooLow":
        return problem(t, errors.PriceTooLow(Decimal(fact) if fact else None))
    error = getattr(errors, name, None)
    if isinstance(error, type) and issubclass(error, errors.ProviderError):
        return problem(t, error())
    return t("The provider refused.")


def step_refused(t: Translator, step: Step, error: errors.ProviderError) -> Html:
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
            problem(t, error), t("As far as I know nothing has changed; I keep checking it."), by=" "
        )
    return problem(t, error)


def problem(t: Translator, error: errors.BotError) -> Html:  # noqa: C901, PLR0912  # one case a class
    """Return the sentence for an error: what happened and what to do. Every class of the tree has one."""
    match error:
        case errors.KeyMissing():
            return t("No API key is bound. Send me your key first.")
        case errors.PageGone():
            return t("This page is out of date. Choose again with /buy.")
        case errors.AlreadyOrdered():
            return t("This button has already bought its number. For another one, use /buy.")
        case errors.TooManyActive(limit):
            return t.plural(
                "You hold {count} number, which is the limit. Complete or cancel it first.",
                "You hold {count} numbers, which is the limit. Complete or cancel one of them first.",
                limit,
            )
        case errors.PriceRose():
            return price_rose(t, error)
        case errors.ActivationGone():
            return t("This number is not yours, or it is long gone.")
        case errors.CancelTooEarly(allowed_at):
            return t("This number cannot be cancelled before {when}.", when=t.local_time(allowed_at))
        case errors.WrongMoment():
            return t("That is not possible for this number now.")
        case errors.KeyRefused():
            return t("The provider does not accept your API key. Bind another one with /key.")
        case errors.NoNumbers():
            return t("There are no numbers for this now. Try another operator, or later.")
        case errors.NoBalance():
            return t("Your balance at the provider is too small for this.")
        case errors.BadService():
            return t("The provider does not offer this service now. Choose again with /buy.")
        case errors.BadCountry():
            return t("The provider does not offer this country now.")
        case errors.BadOperator():
            return t("The provider does not offer this operator now. Choose another one.")
        case errors.BadPrefixes():
            return t("The provider does not accept the list of excluded prefixes.")
        case errors.PriceTooLow(minimum) if minimum is not None:
            return t("The provider wants at least {amount} now.", amount=t.amount(minimum))
        case errors.PriceTooLow():
            return t("The provider wants more for it now.")
        case errors.Banned(until) if until:
            return t("The provider has blocked your account until {until}.", until=until)
        case errors.Banned():
            return t("The provider has blocked your account. Look at its website.")
        case errors.LimitReached():
            return t("Your account holds as many numbers as the provider allows.")
        case errors.NotForSale():
            return t("The provider does not sell this to your account.")
        case errors.Throttled() | errors.Blocked():
            return t("Too many requests: the provider asks us to wait. Try again in a minute.")
        case errors.AlreadyBought():
            return t("The provider says that this was bought before.")
        case errors.UnknownActivation():
            return t("The provider does not know this number.")
        case errors.TooEarly():
            return t("The provider takes no cancel for this number yet.")
        case errors.CodeCameFirst():
            return t("A code has come, so the number can no longer be cancelled.")
        case errors.AlreadyEnded():
            return t("The provider has closed this number, or its time to cancel is over.")
        case errors.StepRefused():
            return t("The provider does not allow this now.")
        case errors.Refused():
            return t("The provider refused the request.")
        case errors.NotSent():
            return t("The provider cannot be reached now, so nothing was done. Try again in a moment.")
        case errors.NoAnswer():
            return t("The provider did not answer in time. Try again in a moment.")
        case errors.UnsupportedAction():
            return t("The provider does not know this request, or is having trouble.")
        case errors.Unavailable():
            return t("The provider is having trouble now. Try again in a moment.")
        case errors.StorageError():
            return t("I cannot write to my database now, so nothing was done. Try again in a moment.")
        case errors.SealError():
            return t("Your API key cannot be opened any more. Bind it again with /key.")
        case _:
            return unexpected(t)
