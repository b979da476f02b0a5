"""The words for what cannot be done."""

from decimal import Decimal

from bot import errors
from bot.telegram.texts import history, preferences, shop
from bot.telegram.translator import Html, Translator


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
    if isinstance(error, type) and issubclass(error, errors.ProviderError | errors.StorageError):
        return problem(t, error())
    return t("The provider refused.")


def problem(t: Translator, error: errors.BotError) -> Html:  # noqa: C901, PLR0912  # one case a class
    """Return the sentence for an error: what happened and what to do. Every class of the tree has one."""
    match error:
        case errors.KeyMissing():
            return t("No API key is bound. Send me your key first.")
        case errors.QuoteExpired():
            return t("This page is out of date. Choose again with /buy.")
        case errors.AlreadyOrdered():
            return t("This button has been used already. For another number, use /buy.")
        case errors.TooManyActive(held, limit):
            return t.plural(
                "You hold {count} number; the limit is {limit}. Complete or cancel it first.",
                "You hold {count} numbers; the limit is {limit}. Complete or cancel one of them first.",
                held,
                limit=t.number(limit),
            )
        case errors.PriceRose():
            return shop.price_rose(t, error)
        case errors.OverPriceLimit() | errors.OverDayLimit() | errors.PriceUnknown():
            return preferences.refused(t, error)
        case errors.BadPreference():
            return preferences.bad_value(t, error)
        case errors.ActivationGone():
            return t("This number is not yours, or it is long gone.")
        case errors.FavouritesFull(limit):
            return t.plural(
                "You keep {count} favourite, which is the limit. Remove it first, with /favourites.",
                "You keep {count} favourites, which is the limit. Remove one first, with /favourites.",
                limit,
            )
        case errors.FavouriteGone():
            return t("This is no longer among your favourites.")
        case errors.TooManyAlerts(limit):
            return t.plural(
                "You have {count} watch, which is the limit. Stop it first, with /watches.",
                "You have {count} watches, which is the limit. Stop one first, with /watches.",
                limit,
            )
        case errors.AlertGone():
            return t("This watch is long over. Choose again with /buy.")
        case errors.CancelTooEarly(allowed_at):
            return t("This number cannot be cancelled before {when}.", when=t.local_time(allowed_at))
        case errors.InvalidState():
            return t("That is not possible for this number now.")
        case errors.NumbersOpen(count):
            return t.plural(
                "{count} number is still open, so nothing was deleted. /active shows it.",
                "{count} numbers are still open, so nothing was deleted. /active shows them.",
                count,
            )
        case errors.CodesOnTheWay(count):
            return history.codes_on_the_way(t, count)
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
            return t("I cannot use my database now. Please look at /active before you try again.")
        case errors.SealError():
            return t("Your API key cannot be opened any more. Bind it again with /key.")
        case _:
            return unexpected(t)
