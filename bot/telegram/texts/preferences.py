"""Texts of the user's settings, and of the limits they set."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from bot import errors
from bot.accounts.preferences import Preference
from bot.domain import PriceSum, UserPreferences
from bot.telegram.texts import time_zones
from bot.telegram.translator import MAX_NAME, Html, Translator, clipped, joined

_HOUR = 3600


def name(t: Translator, preference: Preference) -> str:
    """Return the name of a setting, which is also its button's label."""
    return {
        Preference.LANGUAGE: t.plain("Language"),
        Preference.TIME_ZONE: t.plain("Time zone"),
        Preference.DAY_LIMIT: t.plain("Daily limit"),
        Preference.PRICE_LIMIT: t.plain("Price limit"),
        Preference.MAX_ACTIVE: t.plain("Numbers at once"),
        Preference.PREFIXES: t.plain("Skipped prefixes"),
        Preference.COMPLETE: t.plain("Auto-complete"),
        Preference.LOW_BALANCE: t.plain("Balance warning"),
        Preference.DELETE_CODES: t.plain("Delete codes"),
    }[preference]


def value(t: Translator, preference: Preference, chosen: UserPreferences, language: str, most: int) -> str:
    """Return the value of a setting.

    Args:
        t: the reader's language.
        preference: the setting.
        chosen: the user's settings.
        language: the name of the user's language, in that language.
        most: how many numbers the bot allows at once.
    """
    match preference:
        case Preference.LANGUAGE:
            return language
        case Preference.TIME_ZONE:
            return time_zones.city(t, t.zone.key)
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
    """Return the delay after which messages with codes are deleted; None means never."""
    if seconds is None:
        return t.plain("off")
    if seconds >= _HOUR:
        return t.plain("after {count} h", count=t.number(seconds // _HOUR))
    return t.plain("after {count} min", count=t.number(seconds // 60))


def screen(t: Translator, chosen: UserPreferences, language: str, most: int) -> Html:
    """Return the list of all settings with their values."""
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
    spent: PriceSum,
    now: int,
) -> Html:
    """Return the screen of one setting: its value, and in one sentence what it does."""
    return joined(
        t(
            "<b>{name}</b>: {value}",
            name=name(t, preference),
            value=value(t, preference, chosen, language, most),
        ),
        _spent(t, spent) if preference is Preference.DAY_LIMIT else None,
        _explained(t, preference, most, now),
    )


def _spent(t: Translator, spent: PriceSum) -> Html:
    if spent.estimated:
        return t("Today so far: about <b>{amount}</b>", amount=t.amount(spent.amount))
    return t("Today so far: <b>{amount}</b>", amount=t.amount(spent.amount))


def _explained(t: Translator, preference: Preference, most: int, now: int) -> Html | None:
    match preference:
        case Preference.LANGUAGE:
            return t("Choose a language.")
        case Preference.TIME_ZONE:
            return t(
                "Your time now: <b>{time}</b>. Choose a place with the same time as yours.", time=t.hour(now)
            )
        case Preference.DAY_LIMIT:
            return None
        case Preference.PRICE_LIMIT:
            return t("More expensive numbers are not bought.")
        case Preference.MAX_ACTIVE:
            return t("The maximum is {count}.", count=t.number(most))
        case Preference.PREFIXES:
            return t("I ask the provider to skip numbers that start with these.")
        case Preference.COMPLETE:
            return t("I complete a number as soon as its first code is in this chat.")
        case Preference.LOW_BALANCE:
            return t("I warn you when I see your balance below this amount.")
        case Preference.DELETE_CODES:
            return t("I delete new messages with codes after this time.")


def details_label(t: Translator, preference: Preference) -> str | None:
    """Return the label of the button that explains a setting; None for a setting that needs no details."""
    match preference:
        case Preference.DAY_LIMIT:
            return t.plain("How is it counted?")
        case Preference.LANGUAGE | Preference.TIME_ZONE | Preference.MAX_ACTIVE:
            return None
        case _:
            return t.plain("How does it work?")


def details(t: Translator, preference: Preference) -> Html:
    """Return how a setting works."""
    match preference:
        case Preference.DAY_LIMIT:
            sentences = t(
                "A day begins at midnight in your time zone ({zone}); after a change of the zone it goes on "
                "for 24 hours at least.\n\n"
                "Numbers with a code and open numbers count, with what was charged or, if that is not known, "
                "the shown price.\n\n"
                "Purchases above the limit, or without a shown price, are refused.",
                zone=time_zones.city(t, t.zone.key),
            )
        case Preference.PRICE_LIMIT:
            sentences = t(
                "The limit is for one number, by its shown price. Numbers without a shown price are not "
                "bought either."
            )
        case Preference.PREFIXES:
            sentences = t(
                "A prefix is a country code and 3 to 6 more digits, for example <code>7918, 7900111</code>. "
                "Some providers ignore this."
            )
        case Preference.COMPLETE:
            sentences = t("A completed number gets no more codes.")
        case Preference.LOW_BALANCE:
            sentences = t("I check it on the home screen, with /balance, and around each purchase.")
        case _:
            sentences = t("Once the number has ended, its card hides the codes too.")
    return joined(t("<b>{name}</b>", name=name(t, preference)), sentences, by="\n\n")


def saved(t: Translator, preference: Preference, chosen: UserPreferences, language: str, most: int) -> str:
    """Return that a setting was changed, with its value; for the arguments see `value`."""
    new_value = value(t, preference, chosen, language, most)
    if preference is Preference.DAY_LIMIT and chosen.day_limit is not None:
        return t.plain("✓ Saved: {amount} a day", amount=new_value)
    if preference is Preference.PRICE_LIMIT and chosen.price_limit is not None:
        return t.plain("✓ Saved: {amount} a number", amount=new_value)
    return t.plain("✓ Saved: {value}", value=new_value)


def prompt(t: Translator, preference: Preference) -> Html:
    """Return the prompt for a value. A reply to a message that ends with this text is taken as the value."""
    match preference:
        case Preference.DAY_LIMIT:
            return t("Reply to this message with your maximum per day, such as 2.50.")
        case Preference.PRICE_LIMIT:
            return t("Reply to this message with your maximum for one number, such as 0.50.")
        case Preference.LOW_BALANCE:
            return t("Reply to this message with the balance below which to warn you, such as 1.50.")
        case _:
            return t("Reply to this message with the prefixes to skip, such as 7918, 7900111.")


def placeholder(t: Translator, preference: Preference) -> str:
    """Return the placeholder of the empty input field."""
    return t.plain("Prefixes") if preference is Preference.PREFIXES else t.plain("Amount")


def bad_value(t: Translator, error: errors.BadPreference) -> Html:
    """Return what is wrong with a value."""
    match error:
        case errors.NotAnAmount():
            return t("That amount doesn’t work. Use a number above 0, such as 5 or 2.50.")
        case errors.NotAPrefix(wrong):
            return t(
                "“{wrong}” doesn’t work. Use up to 20 prefixes with commas between them; each is a country "
                "code and 3 to 6 more digits, such as 7918.",
                wrong=clipped(wrong, MAX_NAME // 2),
            )
        case _:
            return t("This choice is out of date. Open /settings again.")


def refused(t: Translator, error: errors.RuleError) -> Html:
    """Return which of the user's limits refused a purchase."""
    return joined(_limit(t, error), t("Nothing was bought. Change limits: /settings"), by=" ")


def would_refuse(t: Translator, error: errors.RuleError) -> Html:
    """Return the warning that one of the user's limits would refuse a purchase."""
    return t("⚠️ {reason} I won’t buy it.", reason=_limit(t, error))


def _limit(t: Translator, error: errors.RuleError) -> Html:
    match error:
        case errors.OverPriceLimit(price, limit):
            return t(
                "It costs about {price}, and your price limit is {limit}.",
                price=t.amount(price),
                limit=t.amount(limit),
            )
        case errors.OverDayLimit(price, spent, limit):
            return t(
                "It costs about {price}. With today’s {spent} that is over your daily limit of {limit}.",
                spent=t.amount(spent),
                price=t.amount(price),
                limit=t.amount(limit),
            )
        case _:
            return t("The provider shows no price, so I can’t check it against your limit.")


def excluded(t: Translator, prefixes: Iterable[str]) -> Html:
    """Return which prefixes the provider is asked to skip."""
    return t("Skipped prefixes: {prefixes}", prefixes=", ".join(prefixes))


def low_balance(t: Translator, details: Mapping[str, str]) -> Html:
    """Return the notice that the balance is below the user's threshold."""
    return t(
        "⚠️ Your balance is <b>{balance}</b>, below your limit of {threshold}.",
        balance=t.amount(Decimal(details["balance"])),
        threshold=t.amount(Decimal(details["threshold"])),
    )


def codes_hidden(t: Translator) -> Html:
    """Return what a card shows instead of its codes after they were deleted from the chat."""
    return t("Codes are hidden, as set in /settings.")
