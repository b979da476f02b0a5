"""The words of the history, the statistics, the export and of being forgotten."""

from collections.abc import Sequence
from typing import Final

from bot.domain import (
    Ending,
    HistoryEntry,
    HistoryPage,
    Outcome,
    PriceSum,
    Result,
    Spending,
    State,
    StoredData,
    SuccessFigures,
)
from bot.history.charts import Bar, Chart
from bot.history.export import ExportFormat
from bot.telegram.texts import shop
from bot.telegram.translator import Html, Translator, clipped, escaped, joined

MAX_SERVICE: Final = 20
MAX_OPERATORS: Final = 16
SHOWN_DIGITS: Final = 4

Line = tuple[str, SuccessFigures]
"""What figures are about, and the figures."""


def empty(t: Translator) -> Html:
    """Say that nothing was bought yet."""
    return t("You have not bought a number yet. What you buy will stand here, with its codes.")


def screen(t: Translator, listing: HistoryPage, spending: Spending) -> Html:
    """Introduce a page of the history by what was spent."""
    still_open = spending.still_open
    return joined(
        t("<b>History</b>"),
        joined(
            t("Spent today: {sum}", sum=_sum(t, spending.day)),
            t("Spent this month: {sum}", sum=_sum(t, spending.month)),
            t("Still open, without a code: {sum}", sum=_sum(t, still_open)) if still_open.count else None,
        ),
        t(
            "<i>Counted as spent: the prices shown for numbers that brought a code. The provider does not "
            "tell what it charged. Days and months are those of UTC.</i>"
        ),
        t.plural(
            "{count} number. Tap it for its card.",
            "{count} numbers, newest first. Tap one for its card.",
            listing.count,
        )
        if listing.count
        else t("No number fits this choice."),
        by="\n\n",
    )


def _sum(t: Translator, numbers: PriceSum) -> Html:
    """Return what numbers come to; those without a known price stand apart."""
    priced = numbers.count - numbers.unpriced
    if not numbers.count:
        return t("nothing")
    return joined(
        t.plural(
            "about <b>{amount}</b> for {count} number",
            "about <b>{amount}</b> for {count} numbers",
            priced,
            amount=t.amount(numbers.amount),
        )
        if priced
        else None,
        t.plural(
            "{count} number without a known price",
            "{count} numbers without a known price",
            numbers.unpriced,
        )
        if numbers.unpriced
        else None,
        by=" + ",
    )


def entry_label(t: Translator, entry: HistoryEntry) -> str:
    """Return the button of a number: a sign for what it brought, the service, its last digits, the day."""
    end = f"…{entry.phone[-SHOWN_DIGITS:]}" if entry.phone else None
    name = clipped(shop.short_name(entry.service_name), MAX_SERVICE)
    return " · ".join(part for part in (f"{_sign(entry)} {name}", end, t.day(entry.ordered_at)) if part)


def _sign(entry: HistoryEntry) -> str:
    if entry.with_code:
        return "✅"
    if entry.state is State.UNKNOWN or entry.ending is Ending.UNCLEAR:
        return "❓"
    if entry.state in (State.ORDERING, State.WAITING, State.RECEIVED):
        return "⏳"
    return "🚫" if entry.state is State.REFUSED else "✖️"


def result(t: Translator, result: Result) -> str:
    """Return the name of what numbers have brought, for a button."""
    match result:
        case Result.ALL:
            return t.plain("All outcomes")
        case Result.CODE:
            return t.plain("✅ Got a code")
        case Result.NO_CODE:
            return t.plain("✖️ No code")
        case Result.NOT_BOUGHT:
            return t.plain("🚫 Not bought")


def choose_result(t: Translator) -> Html:
    """Ask which outcome is to be shown."""
    return t("Show numbers with which outcome?")


def choose_service(t: Translator) -> Html:
    """Ask which service is to be shown."""
    return t("Show the numbers of which service? The counts are your purchases.")


def file_caption(t: Translator, export_format: ExportFormat) -> Html:
    """Say what is in a file."""
    match export_format:
        case ExportFormat.TABLE:
            return t(
                "Your numbers and their codes, one number a row, for a spreadsheet. Times are UTC. An "
                "apostrophe in front keeps a spreadsheet from changing what follows."
            )
        case ExportFormat.EVERYTHING:
            return t("Everything I keep about you, except for your API key. Times are UTC.")


def no_statistics(t: Translator) -> Html:
    """Say that there is nothing to sum up."""
    return t("There is nothing to sum up yet: no number of yours has brought a code or ended without one.")


def outcome_name(t: Translator, outcome: Outcome, *, operators: str, country: str | None) -> str:
    """Return what figures are about, of a length that fits a line of a picture."""
    service = clipped(shop.short_name(outcome.service_name), MAX_SERVICE)
    by = clipped(operators, MAX_OPERATORS) if outcome.operators else shop.any_operator(t)
    return " · ".join(part for part in (service, country and clipped(country, MAX_OPERATORS), by) if part)


def others(t: Translator) -> str:
    """Return the name of what is not listed one by one."""
    return t.plain("All others together")


def statistics(t: Translator, lines: Sequence[Line], total: SuccessFigures) -> Html:
    """Show what became of the user's numbers."""
    return joined(
        t("<b>Statistics</b>"),
        joined(escaped(f"{t.percent(total.hit_rate)} {_meaning(t, total)}"), escaped(_summary(t, total))),
        *(
            joined(
                t("<b>{name}</b> {percent}", name=name, percent=t.percent(figures.hit_rate)),
                escaped(_details(t, figures)),
            )
            for name, figures in lines
        ),
        t("<i>{footer}</i>", footer=_footer(t, total)),
        by="\n\n",
    )


def chart(t: Translator, lines: Sequence[Line], total: SuccessFigures) -> Chart:
    """Return the same as a picture."""
    return Chart(
        title=t.plain("Statistics"),
        headline=(t.percent(total.hit_rate), _meaning(t, total)),
        summary=_summary(t, total),
        bars=[
            Bar(name, figures.hit_rate, t.percent(figures.hit_rate), _details(t, figures))
            for name, figures in lines
        ],
        footer=_footer(t, total),
    )


def _meaning(t: Translator, total: SuccessFigures) -> str:
    return t.plural("of {count} number brought a code", "of {count} numbers brought a code", total.bought)


def _summary(t: Translator, figures: SuccessFigures) -> str:
    return " · ".join(_wait_and_amount(t, figures)) or t.plain("no code yet")


def _details(t: Translator, figures: SuccessFigures) -> str:
    counts = t.plain(
        "{bought} bought, {with_code} with a code",
        bought=t.number(figures.bought),
        with_code=t.number(figures.with_code),
    )
    return " · ".join([counts, *_wait_and_amount(t, figures)])


def _wait_and_amount(t: Translator, figures: SuccessFigures) -> list[str]:
    parts = []
    if figures.usual_wait is not None:
        parts.append(t.plain("wait {duration}", duration=t.duration(figures.usual_wait)))
    if figures.with_code > figures.unpriced:
        parts.append(t.plain("about {amount}", amount=t.amount(figures.spent)))
    return parts


def _footer(t: Translator, total: SuccessFigures) -> str:
    parts = [t.plain("Wait: the median. Amounts: the prices shown for numbers with a code.")]
    if total.unpriced:
        parts.append(t.plain("Unknown prices are left out."))
    return " ".join(parts)


def forget_question(t: Translator, kept: StoredData) -> Html:
    """Say exactly what would be deleted, and ask."""
    return joined(
        t("<b>Delete everything about you?</b>"),
        joined(
            t("These go from my database at once, and nobody can bring them back:"),
            t("• your API key") if kept.key else None,
            t.plural(
                "• the history of {count} number, with its codes",
                "• the history of {count} numbers, with their codes",
                kept.activations,
            )
            if kept.activations
            else None,
            t.plural("• {count} favourite", "• {count} favourites", kept.favourites)
            if kept.favourites
            else None,
            t.plural("• {count} watch", "• {count} watches", kept.alerts) if kept.alerts else None,
            t("• your language, country and settings, and confirmation pages not used yet"),
        ),
        t(
            "The messages in this chat stay until you delete the chat, and the provider keeps what it knows "
            "of your account. /export gives you a copy first."
        ),
        by="\n\n",
    )


def forget_blocked(t: Translator, count: int) -> Html:
    """Say that a number is in the way."""
    return t.plural(
        "I cannot delete everything while {count} number is open: a code for it could not reach you. "
        "Complete or cancel it, or wait for its end.",
        "I cannot delete everything while {count} numbers are open: codes for them could not reach "
        "you. Complete or cancel them, or wait for their end.",
        count,
    )


def codes_on_the_way(t: Translator, count: int) -> Html:
    """Say that codes are in the way."""
    return t.plural(
        "{count} code is not in this chat yet, so nothing was deleted. Try again when it is here.",
        "{count} codes are not in this chat yet, so nothing was deleted. Try again when they are here.",
        count,
    )


def forgotten(t: Translator) -> Html:
    """Say that nothing is kept any more."""
    return t("Everything about you is deleted. If you ever come back, /start begins anew.")
