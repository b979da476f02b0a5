"""Texts of the history, the export and the deletion of all data."""

from typing import Final

from bot.domain import (
    Ending,
    HistoryEntry,
    HistoryPage,
    PriceSum,
    Result,
    Spending,
    State,
    StoredData,
    picked_code,
    visible,
)
from bot.history.export import ExportFormat
from bot.telegram.texts import elsewhere, shop, time_zones
from bot.telegram.translator import Html, Translator, clipped, joined

MAX_SERVICE: Final = 20
SHOWN_DIGITS: Final = 4


def empty(t: Translator) -> Html:
    """Return the history when it is empty."""
    return t("Your numbers and codes will appear here.")


def screen(t: Translator, listing: HistoryPage, spending: Spending) -> Html:
    """Return the text above a page of the history: what was spent, and how many numbers there are."""
    still_open = spending.still_open
    return joined(
        t("<b>History</b>"),
        joined(
            t("Spent today: {sum}", sum=_sum(t, spending.day)),
            t("Spent this month: {sum}", sum=_sum(t, spending.month)),
            t("Open, no code yet: {sum}", sum=_sum(t, still_open)) if still_open.count else None,
        ),
        t.plural(
            "{count} number. Tap it for details.",
            "{count} numbers, newest first. Tap one for details.",
            listing.count,
        )
        if listing.count
        else t("No numbers match."),
        by="\n\n",
    )


def _sum(t: Translator, numbers: PriceSum) -> Html:
    """Return the total of some numbers; those without a known price are counted separately."""
    priced = numbers.count - numbers.unpriced
    if not numbers.count:
        return t("nothing")
    return joined(
        _amount_for(t, priced, numbers) if priced else None,
        t.plural("{count} number without a price", "{count} numbers without a price", numbers.unpriced)
        if numbers.unpriced
        else None,
        by=" + ",
    )


def _amount_for(t: Translator, count: int, numbers: PriceSum) -> Html:
    """Return the amount of the numbers with a price; it is called approximate if a shown price is in it."""
    amount = t.amount(numbers.amount)
    if numbers.estimated:
        return t.plural(
            "about <b>{amount}</b> for {count} number",
            "about <b>{amount}</b> for {count} numbers",
            count,
            amount=amount,
        )
    return t.plural(
        "<b>{amount}</b> for {count} number", "<b>{amount}</b> for {count} numbers", count, amount=amount
    )


def entry_label(t: Translator, entry: HistoryEntry) -> str:
    """Return the label of a number under its day: the result, the service, the code, the time, the price.

    A number without a clear code has its last digits instead; one that cost nothing has no price.
    """
    code = picked_code(visible(entry.last_text)) if entry.last_text else None
    is_open = entry.state in (State.ORDERING, State.WAITING, State.RECEIVED)
    price = (
        t.at(entry.provider).short_amount(entry.cost)
        if entry.cost is not None and (entry.with_code or is_open)
        else None
    )
    return _label(t, entry, code or _end(entry), t.hour(entry.ordered_at), price)


def found_label(t: Translator, entry: HistoryEntry) -> str:
    """Return the label of a number that was found by its digits or its note: these, and the service."""
    return _label(t, entry, _end(entry), t.day(entry.ordered_at))


def _label(t: Translator, entry: HistoryEntry, which: str | None, when: str, price: str | None = None) -> str:
    """Return the label of a number; its note, if it has one, tells more than the time."""
    name = clipped(shop.short_name(shop.service_name(t, entry.service_name)), MAX_SERVICE)
    by = elsewhere.mark(t) if entry.taken_over else None
    note = clipped(entry.note, MAX_SERVICE) if entry.note else None
    parts = (f"{_sign(entry)} {name}", which, by, note or when, price)
    return " · ".join(part for part in parts if part)


def _end(entry: HistoryEntry) -> str | None:
    return f"…{entry.phone[-SHOWN_DIGITS:]}" if entry.phone else None


def day_label(t: Translator, entry: HistoryEntry, now: int) -> str:
    """Return the label above the numbers of a day; the year is in it if it is not that of `now`."""
    return f"— {t.day(entry.ordered_at, now)} —"


def counting(t: Translator) -> Html:
    """Return how the sums of the history are counted."""
    return t(
        "<b>How is it counted?</b>\n\n"
        "• Only numbers with a code count.\n"
        "• They count with what the provider charged. Where that is not known, the shown price counts "
        "(“about”).\n"
        "• A day begins at midnight in your time zone ({zone}). After a change of the zone the day of your "
        "limit goes on for 24 hours at least.\n"
        "• Exported files have all times in UTC.",
        zone=time_zones.city(t, t.zone.key),
    )


def _sign(entry: HistoryEntry) -> str:
    if entry.with_code:
        return "✅"
    if entry.state is State.UNKNOWN or entry.ending is Ending.UNCLEAR:
        return "❓"
    if entry.state in (State.ORDERING, State.WAITING, State.RECEIVED):
        return "⏳"
    return "🚫" if entry.state is State.REFUSED else "✖️"


def result(t: Translator, result: Result) -> str:
    """Return the label of a filter by result."""
    match result:
        case Result.ALL:
            return t.plain("All results")
        case Result.CODE:
            return t.plain("✅ Got a code")
        case Result.NO_CODE:
            return t.plain("✖️ No code")
        case Result.NOT_BOUGHT:
            return t.plain("🚫 Not bought")


def choose_result(t: Translator) -> Html:
    """Return the question for the result to filter by."""
    return t("Show which numbers?")


def choose_service(t: Translator) -> Html:
    """Return the question for the service to filter by."""
    return t("Show which service?")


def file_caption(t: Translator, export_format: ExportFormat) -> Html:
    """Return the caption of an exported file."""
    match export_format:
        case ExportFormat.TABLE:
            return t(
                "Your numbers and codes as a table. Times are in UTC. Apostrophes keep spreadsheets from "
                "changing the values."
            )
        case ExportFormat.EVERYTHING:
            return t("All your data except your API key. Times are in UTC.")


def forget_question(t: Translator, kept: StoredData) -> Html:
    """Return the question whether to delete everything, with a list of what would be deleted."""
    return joined(
        t("<b>Delete all your data?</b>"),
        joined(
            t("This will be gone for good:"),
            t("• your API key") if kept.key else None,
            t.plural(
                "• {count} number with its codes",
                "• {count} numbers with their codes",
                kept.activations,
            )
            if kept.activations
            else None,
            t.plural("• {count} favourite", "• {count} favourites", kept.favourites)
            if kept.favourites
            else None,
            t.plural("• {count} alert", "• {count} alerts", kept.alerts) if kept.alerts else None,
            t("• your language, country, settings and unused confirmation pages"),
        ),
        t(
            "The messages here stay until you delete the chat, and the provider keeps its own records. Want "
            "a copy first? /export"
        ),
        by="\n\n",
    )


def forget_blocked(t: Translator, count: int) -> Html:
    """Return why nothing can be deleted while numbers are open."""
    return t.plural(
        "{count} number is still open, and its code could not reach you any more. Complete or cancel it, or "
        "wait until it ends.",
        "{count} numbers are still open, and their codes could not reach you any more. Complete or cancel "
        "them, or wait until they end.",
        count,
    )


def codes_on_the_way(t: Translator, count: int) -> Html:
    """Return why nothing was deleted while codes are not delivered."""
    return t.plural(
        "{count} code has not arrived in this chat yet, so nothing was deleted. Try again when it is here.",
        "{count} codes have not arrived in this chat yet, so nothing was deleted. Try again when they are "
        "here.",
        count,
    )


def forgotten(t: Translator) -> Html:
    """Return the confirmation that everything was deleted."""
    return t("All your data is deleted. To come back, use /start.")
