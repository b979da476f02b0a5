"""Texts about the API key, the welcome included."""

from decimal import Decimal

from bot import errors
from bot.domain import DeletionState
from bot.provider.profiles import Profile
from bot.telegram.texts import problems
from bot.telegram.translator import Html, Translator, joined


def welcome(t: Translator, provider: str | None, *, plain_http: bool) -> Html:
    """Return the greeting for a user without a key.

    Args:
        t: the reader's language.
        provider: the provider's name; None if it has none to show.
        plain_http: requests to the provider are not encrypted.
    """
    return joined(
        t(
            "<b>Hello!</b> I rent phone numbers through your account at {provider} and send you the SMS "
            "codes here.",
            provider=provider or t("the provider"),
        ),
        t(
            "To start, send me your <b>API key</b>. You’ll find it in your profile on the provider’s "
            "website. I’ll delete your message and store the key encrypted."
        ),
        plain_http_note(t) if plain_http else None,
        by="\n\n",
    )


def welcome_to_several(t: Translator) -> Html:
    """Return the greeting for a user without a key who has to choose a provider first."""
    return joined(
        t(
            "<b>Hello!</b> I rent phone numbers through your account at {provider} and send you the SMS "
            "codes here.",
            provider=t("your provider"),
        ),
        which_provider(t),
        by="\n\n",
    )


def which_provider(t: Translator) -> Html:
    """Return the question for the provider of the next key."""
    return t("Which provider is your API key from?")


def choose_first(t: Translator, deletion: DeletionState) -> Html:
    """Return the answer to a key whose provider was not chosen."""
    return joined(
        t("I sent this key to no provider, and didn’t save it. Choose its provider, then send it again."),
        deletion_result(t, deletion),
        by="\n\n",
    )


def provider_label(t: Translator, profile: Profile) -> str:
    """Return the label of a provider's button: its name and host, and a word if it works over plain http."""
    host = profile.host if profile.host not in (None, profile.name) else None
    plain_http = t.plain("plain http") if profile.unencrypted else None
    return " · ".join(part for part in (profile.name, host, plain_http) if part)


def only_to(t: Translator, host: str) -> Html:
    """Return where the next key will be sent."""
    return t("I’ll send the key to <b>{host}</b> only.", host=host)


def open_site(t: Translator, site: str) -> str:
    """Return the label of the button to the provider's page with the API key."""
    return t.plain("Open {site}", site=site)


def plain_http_note(t: Translator) -> Html:
    """Return the warning that the key is sent unencrypted."""
    return t(
        "⚠️ This provider works over plain http, without encryption: anyone on the network could read your "
        "key."
    )


def prompt(t: Translator, provider: str | None = None) -> Html:
    """Return the prompt for a new key. A reply to a message with this text is taken as a key.

    Args:
        t: the reader's language.
        provider: where the key will be sent, if several providers are on offer.
    """
    if provider is not None:
        return t(
            "Reply to this message with your new API key. I’ll send it to {provider} only, and delete your "
            "message right away.",
            provider=provider,
        )
    return t("Reply to this message with your new API key. I’ll delete your message right away.")


def prompt_for(t: Translator, profile: Profile) -> Html:
    """Return the prompt for a new key of one of several providers."""
    return prompt(
        t, profile.name if profile.host in (None, profile.name) else f"{profile.name} ({profile.host})"
    )


def placeholder(t: Translator) -> str:
    """Return the placeholder of the empty input field."""
    return t.plain("API key")


def screen(t: Translator, provider: str | None, *, plain_http: bool) -> Html:
    """Return the screen of a bound key. The key itself is never shown.

    Args:
        t: the reader's language.
        provider: the provider of the key, if several are on offer.
        plain_http: requests to the provider are not encrypted.
    """
    return joined(
        t("Your API key is saved. It is stored encrypted, and I never show it."),
        t("Provider: <b>{provider}</b>", provider=provider) if provider else None,
        plain_http_note(t) if plain_http else None,
        by="\n\n",
    )


def bound(t: Translator, balance: Decimal, deletion: DeletionState, *, taken_over: int) -> Html:
    """Return the confirmation of a new key.

    Args:
        t: the reader's language.
        balance: the balance of the key's account.
        deletion: the first attempt to delete the message with the key.
        taken_over: how many open numbers use this key from now on.
    """
    return joined(
        t("✅ Your key works and is saved. Balance: <b>{amount}</b>", amount=t.amount(balance)),
        t.plural(
            "This key now serves {count} number whose old key stopped working.",
            "This key now serves {count} numbers whose old key stopped working.",
            taken_over,
        )
        if taken_over
        else None,
        will_be_deleted(t) if deletion is DeletionState.PENDING else None,
        by="\n\n",
    )


def failed(
    t: Translator, error: errors.ProviderError | errors.TooManyBindings, deletion: DeletionState
) -> Html:
    """Return why a key was not saved."""
    if isinstance(error, errors.KeyRefused):
        reason = t(
            "The provider doesn’t accept this key, so I didn’t save it. Check that you copied all of it, and "
            "that it is from this provider."
        )
    elif isinstance(error, errors.TooManyBindings):
        reason = problems.problem(t, error)
    else:
        reason = joined(
            problems.problem(t, error),
            t("I couldn’t check the key, so I didn’t save it. Please send it again."),
            by=" ",
        )
    pending = deletion is DeletionState.PENDING
    return joined(reason, will_be_deleted(t) if pending else None, by="\n\n")


def will_be_deleted(t: Translator) -> Html:
    """Return the promise to delete a message that is not deleted yet; it stays true afterwards."""
    return t("I’ll delete your message with the key as soon as Telegram lets me, or tell you if I can’t.")


def deletion_result(t: Translator, deletion: DeletionState) -> Html | None:
    """Return what becomes of the message with the key; None if a notice tells it."""
    match deletion:
        case DeletionState.DELETED:
            return t("I deleted your message.")
        case DeletionState.PENDING:
            return will_be_deleted(t)
        case DeletionState.REFUSED:
            return None


def not_deleted(t: Translator) -> Html:
    """Return the request to delete a message that the bot could not delete."""
    return t("⚠️ I couldn’t delete your message with the key. Please delete it yourself.")


def several_keys(t: Translator, deletion: DeletionState) -> Html:
    """Return the answer to a message with several texts that look like keys."""
    return joined(
        t("I found more than one text that looks like an API key. Please send me the key alone."),
        deletion_result(t, deletion),
        by=" ",
    )


def not_a_key(t: Translator, deletion: DeletionState | None = None, *, stays: bool = False) -> Html:
    """Return the answer to a text that does not look like a key.

    Args:
        t: the reader's language.
        deletion: the first attempt to delete the message; None if it is not deleted.
        stays: say that the message is not deleted.
    """
    return joined(
        t(
            "That doesn’t look like an API key. Copy the key from your profile on the provider’s website and "
            "send it here."
        ),
        deletion_result(t, deletion) if deletion else None,
        t("I didn’t delete your message.") if stays else None,
        by=" ",
    )


def out_of_place(t: Translator, deletion: DeletionState) -> Html:
    """Return the answer to a key that was sent where a search was expected."""
    return joined(
        t("That looks like an API key, so I didn’t search for it. To replace your key, use /key."),
        deletion_result(t, deletion),
        by=" ",
    )


def perhaps_a_key(t: Translator) -> Html:
    """Return what to do if a text that was searched for was an API key; it is not known to be one."""
    return t("If that was an API key, please delete your message. To replace your key, use /key.")


def unbind_question(t: Translator, active: int, *, alerts: bool) -> Html:
    """Return the question whether to remove the key.

    Args:
        t: the reader's language.
        active: how many numbers are open.
        alerts: whether the user has active alerts.
    """
    return joined(
        t("Remove your API key?"),
        t.plural(
            "{count} number is still active. I’ll keep its key until it ends, so its code will still arrive.",
            "{count} numbers are still active. I’ll keep their key until they end, so their codes will still "
            "arrive.",
            active,
        )
        if active
        else t("I’ll delete it from my database."),
        t("Your alerts will be paused.") if alerts else None,
        by="\n",
    )


def unbound(t: Translator) -> Html:
    """Return the confirmation that the key was removed."""
    return t("API key removed. To continue, just send me a key.")
