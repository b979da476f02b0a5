"""Texts of the home screen, the help, and the list of active numbers."""

from decimal import Decimal
from typing import Final

from bot import errors
from bot.domain import Activation, State
from bot.telegram.texts import problems, profile, shop
from bot.telegram.translator import Html, Translator, clipped, escaped, joined

MAX_SERVICE: Final = 18
"""UTF-16 units of a service's name before the last digits of a number and its time."""
MAX_NOTE: Final = 20
SHOWN_DIGITS: Final = 4


def screen(
    t: Translator,
    balance: Decimal | None,
    active: int,
    problem: errors.ProviderError | None = None,
    *,
    loading: bool = False,
) -> Html:
    """Return the home screen: the balance (a placeholder while asking) and how many numbers are active."""
    amount = t.amount(balance) if balance is not None else "…"
    if isinstance(problem, errors.KeyRefused):
        first = problems.problem(t, problem)
    elif balance is None and not loading:
        first = t("I can’t get your balance right now.")
    else:
        first = t("Balance: <b>{amount}</b>", amount=amount)
    return joined(
        first,
        t.plural("{count} active number", "{count} active numbers", active) if active else None,
        t("Tap a button or type a service name."),
        by="\n",
    )


def balance_line(t: Translator, balance: Decimal) -> Html:
    """Return the balance."""
    return t("Balance: <b>{amount}</b>", amount=t.amount(balance))


def help_text(t: Translator, *, lifetime: int, cancel_after: int) -> Html:
    """Return the help.

    Args:
        t: the reader's language.
        lifetime: seconds for which a number is active; 0 if that is not known.
        cancel_after: seconds after which a number can be cancelled.
    """
    return joined(
        t("<b>How it works</b>"),
        t(
            "1. Choose a service and an operator, then tap <b>Buy</b>. One tap buys one number from your "
            "account.\n"
            "2. Enter the number where you sign up. The code arrives here.\n"
            "3. <b>Get another code</b> requests a new code, <b>Complete</b> closes the number, "
            "<b>Cancel</b> gives it back if no code has arrived."
        ),
        t.plural(
            "A number is active for about {count} minute.",
            "A number is active for about {count} minutes.",
            lifetime // 60,
        )
        if lifetime >= 60  # noqa: PLR2004  # a minute
        else None,
        t.plural(
            "You can cancel it after {count} second.",
            "You can cancel it after {count} seconds.",
            cancel_after,
        )
        if cancel_after
        else None,
        Html("\n".join(f"/{name} – {escaped(profile.command(t, name))}" for name in profile.COMMANDS[1:])),
        t("Please don’t use me for bulk sign-ups, resale, or anything a service forbids."),
        by="\n\n",
    )


def no_active(t: Translator) -> Html:
    """Return the list of active numbers when it is empty."""
    return t("No active numbers.")


def active_list(t: Translator, count: int) -> Html:
    """Return the heading of the list of active numbers."""
    return t.plural(
        "{count} active number. Tap it for details.",
        "{count} active numbers. Tap one for details.",
        count,
    )


def number_label(t: Translator, activation: Activation, now: int) -> str:
    """Return the label of an active number with the minutes left.

    Args:
        t: the reader's language.
        activation: the number.
        now: UTC seconds.
    """
    left = (activation.ends_at or 0) - now
    time = f" · {t.duration(max(left // 60, 1) * 60)}" if left > 0 else ""
    return f"{active_label(t, activation)}{time}"


def all_active(t: Translator, count: int) -> str:
    """Return the label of the button to all active numbers, if there are more than home shows."""
    return t.plain("All active ({count})", count=t.number(count))


def active_label(t: Translator, activation: Activation) -> str:
    """Return the label of an active number: a sign, the service, its last digits, and its note."""
    name = clipped(shop.short_name(shop.service_name(t, activation.service_name)), MAX_SERVICE)
    no_number = t.plain("no number yet")
    number = f" …{activation.phone[-SHOWN_DIGITS:]}" if activation.phone else f" · {no_number}"
    note = f" · {clipped(activation.note, MAX_NOTE)}" if activation.note else ""
    return f"{_sign(activation)} {name}{number}{note}"


def _sign(activation: Activation) -> str:
    return {State.UNKNOWN: "❓", State.RECEIVED: "✅"}.get(activation.state, "⏳")
