"""Texts of errors and refusals."""

import math
from decimal import Decimal
from typing import Final

from bot import errors
from bot.telegram.texts import elsewhere, history, preferences, prices
from bot.telegram.translator import Html, Translator, clipped

MAX_HOST: Final = 50
"""UTF-16 units of the name of a host in a sentence."""


def private_only(t: Translator) -> str:
    """Return the answer in a group."""
    return t.plain("Please use me in a private chat.")


def not_allowed(t: Translator) -> str:
    """Return the answer to a user who is not allowed."""
    return t.plain("This bot is private. Ask its owner for access.")


def too_fast(t: Translator) -> str:
    """Return the answer to a tap that was dropped because too many are queued."""
    return t.plain("Too fast. Please wait a second.")


def skipped(t: Translator) -> Html:
    """Return the answer to messages that were dropped because too many are queued."""
    return t("You sent too many messages at once, so I skipped some. Please send them again in a moment.")


def too_old(t: Translator) -> Html:
    """Return the answer to a tap that Telegram delivered too late to act on it."""
    return t("Your tap reached me too late, so I did nothing. If you still want it, tap again.")


def too_soon(t: Translator) -> str:
    """Return the answer to a tap on a button that had just appeared."""
    return t.plain("Please check the details first.")


def telegram_slow(t: Translator) -> str:
    """Return the answer to a tap whose screen is delayed by Telegram."""
    return t.plain("Telegram is slow right now. The answer follows.")


def telegram_failed(t: Translator) -> str:
    """Return the answer to a tap whose screen Telegram did not take."""
    return t.plain("Telegram didn’t take my answer. Please try again in a minute.")


def stale_button(t: Translator) -> str:
    """Return the answer to a button that no longer works."""
    return t.plain("This button is out of date. Start again with /start.")


def text_only(t: Translator) -> Html:
    """Return the answer to a photo, a sticker and the like."""
    return t("I can only read text. Type a service name, or see /help.")


def edited(t: Translator) -> Html:
    """Return the answer to an edited message."""
    return t("I don’t read edited messages. Please send a new one.")


def unknown_command(t: Translator) -> Html:
    """Return the answer to an unknown command."""
    return t("I don’t know this command. See /help.")


def unexpected(t: Translator) -> Html:
    """Return the answer to an unexpected error."""
    return t("Something went wrong. Please check /active before you try again.")


def refusal(t: Translator, word: str) -> Html:
    """Return why nothing was bought, by the stored name of the refusal."""
    name, _, fact = word.partition(":")
    if name == "NothingBought":
        return t(
            "The provider gave no clear answer, and I could not find a new number in your account. If one "
            "turns up, I’ll tell you."
        )
    if name == "AlreadyHeld":
        return t("The provider answered with a number that your account already holds. See /active.")
    if name == "Banned":
        return problem(t, errors.Banned(fact or None))
    if name == "ServiceBanned":
        return problem(t, errors.ServiceBanned(fact or None))
    if name == "Throttled" and fact.isdecimal():
        return problem(t, errors.Throttled(int(fact)))
    if name == "BlockedAtEdge" and fact.isdecimal():
        return problem(t, errors.BlockedAtEdge(int(fact)))
    if name == "NoNumbers" and fact:
        return t(
            "No number is left within your price limit of {limit}. Change it: /settings",
            limit=t.amount(Decimal(fact)),
        )
    if name == "PriceTooLow":
        return _price_too_low(t, *fact.partition(":")[::2])
    error = getattr(errors, name, None)
    if isinstance(error, type) and issubclass(error, errors.ProviderError | errors.StorageError):
        return problem(t, error())
    return t("The provider refused.")


def _price_too_low(t: Translator, minimum: str, limit: str) -> Html:
    """Return that the price is too low; a limit is the user's price limit that was sent."""
    if not limit:
        return problem(t, errors.PriceTooLow(Decimal(minimum) if minimum else None))
    if not minimum:
        return t(
            "The provider asks for more than your price limit of {limit}. Change it: /settings",
            limit=t.amount(Decimal(limit)),
        )
    return t(
        "The provider now asks for at least {amount}, and your price limit is {limit}. Change it: /settings",
        amount=t.amount(Decimal(minimum)),
        limit=t.amount(Decimal(limit)),
    )


def problem(t: Translator, error: errors.BotError) -> Html:  # noqa: C901, PLR0912, PLR0915  # one case a class
    """Return the sentence for an error: what happened and what to do next. Every error class has one."""
    match error:
        case errors.KeyOfOtherProvider(bound_for, needed_for):
            return t(
                "Your API key is for {old}. Please send me your key for {new}.",
                old=clipped(bound_for, MAX_HOST),
                new=clipped(needed_for, MAX_HOST),
            )
        case errors.KeyMissing():
            return t("I need your API key first. Please send it to me.")
        case errors.TooManyBindings(allowed_at):
            return t(
                "Too many API keys were sent just now, so I didn’t check this one. Send it again after "
                "{when}.",
                when=t.local_time(-(-allowed_at // 60) * 60),  # minutes are shown, so they are rounded up
            )
        case errors.QuoteExpired():
            return t("This page is out of date. Start again with /buy.")
        case errors.AlreadyOrdered():
            return t("This button was already used. For another number, use /buy.")
        case errors.PriceUnchecked():
            return prices.price_unchecked(t)
        case errors.TooManyActive(held, limit):
            return t.plural(
                "You have {count} active number; the limit is {limit}. Complete or cancel it first.",
                "You have {count} active numbers; the limit is {limit}. Complete or cancel one first.",
                held,
                limit=t.number(limit),
            )
        case errors.PriceRose():
            return prices.price_rose(t, error)
        case errors.OverPriceLimit() | errors.OverDayLimit() | errors.PriceUnknown():
            return preferences.refused(t, error)
        case errors.BadPreference():
            return preferences.bad_value(t, error)
        case errors.ActivationGone():
            return t("I can’t find this number among yours.")
        case errors.NotListed() | errors.AlreadyTakenOver() | errors.MayBePurchase():
            return elsewhere.refused(t, error)
        case errors.FavouritesFull(limit):
            return t.plural(
                "You have {count} favourite, the maximum. Remove it first: /favourites",
                "You have {count} favourites, the maximum. Remove one first: /favourites",
                limit,
            )
        case errors.FavouriteGone():
            return t("This is no longer in your favourites.")
        case errors.TooManyAlerts(limit):
            return t.plural(
                "You have {count} alert, the maximum. Stop it first: /alerts",
                "You have {count} alerts, the maximum. Stop one first: /alerts",
                limit,
            )
        case errors.AlertGone():
            return t("This alert is over. Choose again with /buy.")
        case errors.CancelTooEarly(allowed_at):
            return t("You can cancel this number from {when}.", when=t.local_time(allowed_at))
        case errors.InvalidState():
            return t("This is not possible for the number right now.")
        case errors.NumbersOpen(count):
            return t.plural(
                "{count} number is still open, so nothing was deleted. See /active.",
                "{count} numbers are still open, so nothing was deleted. See /active.",
                count,
            )
        case errors.CodesOnTheWay(count):
            return history.codes_on_the_way(t, count)
        case errors.KeyRefused():
            return t("The provider doesn’t accept your API key. Add another one with /key.")
        case errors.NoNumbers():
            return t("It’s sold out right now.")
        case errors.NoBalance():
            return t("Your balance at the provider is too low.")
        case errors.BadService():
            return t("The provider doesn’t offer this service right now. Choose again with /buy.")
        case errors.BadCountry():
            return t("The provider doesn’t offer this country right now.")
        case errors.BadOperator():
            return t("The provider doesn’t offer this operator right now. Choose another one.")
        case errors.BadPrefixes():
            return t("The provider doesn’t accept your skipped prefixes. Change them in /settings.")
        case errors.PriceTooLow(minimum) if minimum is not None:
            return t("The provider now asks for at least {amount}.", amount=t.amount(minimum))
        case errors.PriceTooLow():
            return t("The provider now asks for a higher price.")
        case errors.Banned(until) if until:
            return t("The provider has blocked your account until {until}.", until=until)
        case errors.Banned():
            return t("The provider has blocked your account. See its website.")
        case errors.LimitReached():
            return t("Your account has as many numbers as the provider allows.")
        case errors.ServiceBanned(until) if until:
            return t(
                "The provider has barred your account from this service here until {until}.", until=until
            )
        case errors.ServiceBanned():
            return t("The provider has barred your account from this service here for a while.")
        case errors.RegionRefused():
            return t(
                "The provider refuses requests from the address of this bot’s server. Please tell the bot’s "
                "owner; it isn’t about your account."
            )
        case errors.PurchaseUnsupported():
            return t("The provider refused my kind of request. Tap again, and I’ll ask in another way.")
        case errors.NotForSale():
            return t("The provider doesn’t sell this to your account.")
        case errors.Blocked(seconds):
            return t.plural(
                "The provider’s protection is blocking my requests. Try again in {count} minute.",
                "The provider’s protection is blocking my requests. Try again in {count} minutes.",
                math.ceil(seconds / 60) or 1,
            )
        case errors.Throttled(seconds):
            return t.plural(
                "Too many requests at the provider. Try again in {count} minute.",
                "Too many requests at the provider. Try again in {count} minutes.",
                math.ceil(seconds / 60) or 1,
            )
        case errors.AlreadyBought():
            return t("The provider says this was already bought.")
        case errors.UnknownActivation():
            return t("The provider doesn’t know this number.")
        case errors.TooEarly():
            return t("This number can’t be cancelled yet.")
        case errors.CodeCameFirst():
            return t("A code has arrived, so the number can’t be cancelled any more.")
        case errors.AlreadyEnded():
            return t("Too late: the number has ended or can’t be cancelled any more.")
        case errors.StepRefused():
            return t("The provider doesn’t allow this right now.")
        case errors.Refused():
            return t("The provider refused the request.")
        case errors.NotSent():
            return t("I can’t reach the provider, so nothing was done. Try again in a moment.")
        case errors.NoAnswer():
            return t("The provider didn’t answer in time. Try again in a moment.")
        case errors.UnsupportedAction():
            return t("The provider doesn’t support this, or has a problem right now.")
        case errors.Unavailable():
            return t("The provider has a problem right now. Try again in a moment.")
        case errors.StorageError():
            return t("I can’t use my database right now. Please check /active before you try again.")
        case errors.SealError():
            return t("I can’t read your stored API key any more. Add it again with /key.")
        case _:
            return unexpected(t)
