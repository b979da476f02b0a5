"""The words about the API key."""

from decimal import Decimal

from bot import errors
from bot.telegram.texts import problems
from bot.telegram.translator import Html, Translator, joined


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


def prompt(t: Translator) -> Html:
    """Ask for a key; a reply to exactly this text is taken for one."""
    return t("Send me the new API key as a reply to this message. I delete your message at once.")


def placeholder(t: Translator) -> str:
    """Return what stands in the empty input field."""
    return t.plain("API key")


def screen(t: Translator, *, plain_http: bool) -> Html:
    """Show that a key is bound; the key itself is never shown."""
    return joined(
        t("Your API key is bound. It is sealed in the database, and I never show it."),
        plain_http_note(t) if plain_http else None,
        by="\n\n",
    )


def bound(t: Translator, balance: Decimal, *, deleted: bool, taken_over: int) -> Html:
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


def failed(t: Translator, error: errors.ProviderError, *, deleted: bool) -> Html:
    """Say why a key was not bound, and what happened to the message."""
    if isinstance(error, errors.KeyRefused):
        reason = t(
            "The provider does not accept this key, so nothing was stored. Check that you copied all of it, "
            "and that it is a key of this provider."
        )
    else:
        reason = joined(
            problems.problem(t, error),
            t("The key could not be checked, so nothing was stored. Send it again."),
            by=" ",
        )
    return joined(reason, None if deleted else not_deleted(t), by="\n\n")


def not_deleted(t: Translator) -> Html:
    """Ask the user to delete what the bot could not."""
    return t("⚠️ I could not delete your message with the key. Please delete it yourself.")


def not_a_key(t: Translator, *, deleted: bool = False) -> Html:
    """Say that a text does not look like a key, and whether it was deleted all the same."""
    return joined(
        t(
            "That does not look like an API key. Send me the key from the provider’s website, in one piece "
            "and without spaces."
        ),
        t("Your message is deleted.") if deleted else None,
        by=" ",
    )


def out_of_place(t: Translator, *, deleted: bool) -> Html:
    """Say what was done with something that looked like a key."""
    return joined(
        t("That looked like an API key, so I did not search for it. To replace your key, use /key."),
        t("Your message is deleted.") if deleted else not_deleted(t),
        by=" ",
    )


def unbind_question(t: Translator, active: int, *, alerts: bool) -> Html:
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
        t("Without a key I cannot look for what you watch.") if alerts else None,
        by="\n",
    )


def unbound(t: Translator) -> Html:
    """Say that the key is gone."""
    return t("The key is unbound. Send me a key whenever you want to go on.")
