"""The words of the home screen, the help, and the list of active numbers."""

from decimal import Decimal

from bot.domain import Activation, State
from bot.telegram.texts import card, profile
from bot.telegram.translator import MAX_NAME, Html, Translator, clipped, escaped, joined


def screen(t: Translator, balance: Decimal | None, active: int, *, loading: bool = False) -> Html:
    """Show the balance and how many numbers are active; while asking, the balance is still open."""
    amount = t.amount(balance) if balance is not None else "…"
    return joined(
        t("Balance: <b>{amount}</b>", amount=amount)
        if balance is not None or loading
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
        Html("\n".join(f"/{name} – {escaped(profile.command(t, name))}" for name in profile.COMMANDS[1:])),
        t("Not for bulk sign-ups, resale, or breaking a service’s terms."),
        by="\n\n",
    )


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
    number = card.phone_pretty(activation.phone) if activation.phone else t.plain("no number yet")
    return clipped(f"{sign} {activation.service_name} · {number}", MAX_NAME)
