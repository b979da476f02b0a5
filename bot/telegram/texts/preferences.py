"""The words of the user's own settings, and of what they lead to."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from bot import errors
from bot.accounts.preferences import Preference
from bot.domain import UserPreferences
from bot.telegram.translator import MAX_NAME, Html, Translator, clipped, joined

_HOUR = 3600


def name(t: Translator, preference: Preference) -> str:
    """Return the name of a setting, as on its button."""
    return {
        Preference.LANGUAGE: t.plain("Language"),
        Preference.DAY_LIMIT: t.plain("Daily limit"),
        Preference.PRICE_LIMIT: t.plain("Price limit"),
        Preference.MAX_ACTIVE: t.plain("Numbers at once"),
        Preference.PREFIXES: t.plain("Excluded prefixes"),
        Preference.COMPLETE: t.plain("Complete by itself"),
        Preference.LOW_BALANCE: t.plain("Low-balance notice"),
        Preference.DELETE_CODES: t.plain("Delete codes"),
    }[preference]


def value(t: Translator, preference: Preference, chosen: UserPreferences, language: str, most: int) -> str:
    """Return what a setting is set to.

    Args:
        t: the words.
        preference: the setting.
        chosen: what the user has chosen.
        language: their language's own name.
        most: numbers the bot lets anybody hold at once.
    """
    match preference:
        case Preference.LANGUAGE:
            return language
        case Preference.DAY_LIMIT:
            return _amount(t, chosen.day_limit)
        case Preference.PRICE_LIMIT:
            return _amount(t, chosen.price_limit)
        case Preference.LOW_BALANCE:
            return _amount(t, chosen.low_balance)
        case Preference.MAX_ACTIVE:
            return t.number(chosen.numbers_at_once(most))
        case Preference.PREFIXES:
            return ", ".join(chosen.prefixes) or t.plain("not set")
        case Preference.COMPLETE:
            return t.plain("on") if chosen.complete_after_code else t.plain("off")
        case Preference.DELETE_CODES:
            return delay(t, chosen.delete_codes_after)


def _amount(t: Translator, amount: Decimal | None) -> str:
    return t.plain("off") if amount is None else t.amount(amount)


def delay(t: Translator, seconds: int | None) -> str:
    """Return after how long messages with codes are deleted."""
    if seconds is None:
        return t.plain("off")
    if seconds >= _HOUR:
        return t.plain("after {count} h", count=t.number(seconds // _HOUR))
    return t.plain("after {count} min", count=t.number(seconds // 60))


def screen(t: Translator, chosen: UserPreferences, language: str, most: int) -> Html:
    """Show every setting with its value."""
    lines = (
        t("{name}: <b>{value}</b>", name=name(t, one), value=value(t, one, chosen, language, most))
        for one in Preference
    )
    return joined(t("<b>Settings</b>"), joined(*lines), t("Tap one to change it."), by="\n\n")


def setting(
    t: Translator,
    preference: Preference,
    chosen: UserPreferences,
    *,
    language: str,
    most: int,
    spent: Decimal,
) -> Html:
    """Show one setting: its value and what it does."""
    return joined(
        t(
            "<b>{name}</b>: {value}",
            name=name(t, preference),
            value=value(t, preference, chosen, language, most),
        ),
        t("Counted today: about <b>{amount}</b>", amount=t.amount(spent))
        if preference is Preference.DAY_LIMIT
        else None,
        _explained(t, preference, most),
        by="\n\n",
    )


def _explained(t: Translator, preference: Preference, most: int) -> Html:
    match preference:
        case Preference.LANGUAGE:
            return t("Choose the language I speak with you.")
        case Preference.DAY_LIMIT:
            return t(
                "The most you want to spend on one day (UTC). I add up the shown prices of the numbers you "
                "bought today that are active, that brought a code, or of which it is unclear whether they "
                "were bought. A purchase that would go over the limit is refused before the provider is "
                "asked. Without a shown price nothing is bought while a limit is set. What the provider "
                "charges may differ from what it shows."
            )
        case Preference.PRICE_LIMIT:
            return t(
                "The most one number may cost, by the price the provider shows. A dearer one is refused "
                "before the provider is asked. Without a shown price nothing is bought while a limit is set. "
                "What the provider charges may differ from what it shows."
            )
        case Preference.MAX_ACTIVE:
            return t(
                "How many numbers you may hold at once. I allow nobody more than {count}.",
                count=t.number(most),
            )
        case Preference.PREFIXES:
            return t(
                "The provider is asked for numbers that begin with none of these. Each prefix is a country "
                "code with 3 to 6 digits behind it, for example <code>7918, 7900111</code>. They go along "
                "with purchases in the countries whose code they begin with, and the page before buying says "
                "so. Not every provider heeds them."
            )
        case Preference.COMPLETE:
            return t(
                "As soon as the first code of a number is in this chat, I complete the number. I try once; "
                "if the provider refuses, the card keeps its buttons. After <b>Resend</b> I leave it to you. "
                "A completed number gets no further codes."
            )
        case Preference.LOW_BALANCE:
            return t(
                "I tell you once when I see your balance under this amount, and then not again before I have "
                "seen it at or above it. I see it whenever I read it anyway: on the home screen, with "
                "/balance, and before and after a purchase."
            )
        case Preference.DELETE_CODES:
            return t(
                "I delete the messages that bring codes some time after they came. The card of a number "
                "still shows its codes until the number has ended; when the messages are gone too, the codes "
                "disappear from the card. A change counts for codes that come after it. If Telegram does not "
                "let me delete a message, it stays."
            )


def prompt(t: Translator, preference: Preference) -> Html:
    """Ask for a value; a reply to a message that ends with this text is taken for one."""
    match preference:
        case Preference.DAY_LIMIT:
            return t("Reply to this message with the most you want to spend on one day, such as 2.50.")
        case Preference.PRICE_LIMIT:
            return t("Reply to this message with the most one number may cost, such as 0.50.")
        case Preference.LOW_BALANCE:
            return t("Reply to this message with the balance under which I shall tell you, such as 1.50.")
        case _:
            return t(
                "Reply to this message with the prefixes to leave out, with commas between them, for example "
                "7918, 7900111."
            )


def placeholder(t: Translator, preference: Preference) -> str:
    """Return what stands in the empty input field."""
    return t.plain("Prefixes") if preference is Preference.PREFIXES else t.plain("Amount")


def bad_value(t: Translator, error: errors.BadPreference) -> Html:
    """Say what is wrong with a value."""
    match error:
        case errors.NotAnAmount():
            return t(
                "That is not an amount I can take. Send a number greater than 0, with at most 4 decimals, "
                "such as 5 or 2.50. Nothing was changed."
            )
        case errors.NotAPrefix(wrong):
            return t(
                "I cannot take “{wrong}”. Send up to 20 prefixes with commas between them: each a country "
                "code with 3 to 6 digits, such as 7918. Nothing was changed.",
                wrong=clipped(wrong, MAX_NAME // 2),
            )
        case _:
            return t("This choice is out of date. Open /settings again.")


def changed(t: Translator) -> str:
    """Confirm a change."""
    return t.plain("Done.")


def refused(t: Translator, error: errors.RuleError) -> Html:
    """Say which limit of the user's own has refused a purchase."""
    return joined(_limit(t, error), t("Nothing was bought. Limits: /settings"), by=" ")


def would_refuse(t: Translator, error: errors.RuleError) -> Html:
    """Warn of a limit of the user's own that would refuse the purchase."""
    return t("⚠️ {reason} I would refuse this purchase. Limits: /settings", reason=_limit(t, error))


def _limit(t: Translator, error: errors.RuleError) -> Html:
    match error:
        case errors.OverPriceLimit(price, limit):
            return t(
                "It costs about {price}; your price limit is {limit}.",
                price=t.amount(price),
                limit=t.amount(limit),
            )
        case errors.OverDayLimit(price, spent, limit):
            return t(
                "Today’s {spent} and about {price} for it exceed your daily limit of {limit}.",
                spent=t.amount(spent),
                price=t.amount(price),
                limit=t.amount(limit),
            )
        case _:
            return t("The provider shows no price for it, so I cannot hold it to your limit.")


def excluded(t: Translator, prefixes: Iterable[str]) -> Html:
    """Say which prefixes the provider is asked to leave out."""
    return t("Excluded prefixes: {prefixes}", prefixes=", ".join(prefixes))


def low_balance(t: Translator, details: Mapping[str, str]) -> Html:
    """Tell that the balance has fallen under the user's threshold."""
    return t(
        "⚠️ Your balance is <b>{balance}</b>, under the {threshold} you set.",
        balance=t.amount(Decimal(details["balance"])),
        threshold=t.amount(Decimal(details["threshold"])),
    )


def codes_hidden(t: Translator) -> Html:
    """Stand in for the codes of an ended number whose messages are deleted."""
    return t("Codes: hidden, as you chose in /settings.")
