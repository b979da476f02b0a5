"""Keyboards of the history, the statistics, the export and the deletion of all data."""

from collections.abc import Iterator, Sequence
from typing import Final

from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from bot.domain import Activation, HistoryPage, PurchasedService, Result
from bot.history.export import ExportFormat
from bot.telegram import callbacks, texts
from bot.telegram.callbacks import FilterHistory, HistoryFilter, Screen
from bot.telegram.keyboards.buttons import Row, button, home_button, in_pairs, markup, paged, turning
from bot.telegram.keyboards.offer_labels import fitted
from bot.telegram.translator import Translator, clipped

MAX_SERVICE: Final = 20


def empty(t: Translator) -> InlineKeyboardMarkup:
    """Return the keyboard of an empty history."""
    return markup(
        [
            [button(t.plain("Buy a number"), callbacks.OpenScreen(screen=Screen.BUY), "primary")],
            [home_button(t)],
        ]
    )


def screen(
    t: Translator, listing: HistoryPage, service: str, result: Result, now: int
) -> InlineKeyboardMarkup:
    """Return a page of the history: a button for each number under its day, the filters, and the exports."""

    def turn(page: int) -> callbacks.ShowHistory:
        return callbacks.ShowHistory(page=page, service=service, result=result)

    def narrow(text: str, by: HistoryFilter) -> InlineKeyboardButton:
        return button(f"{text} ▾", FilterHistory(by=by, service=service, result=result))

    chosen = texts.shop.service_name(t, listing.service_name or service)
    name = clipped(chosen, MAX_SERVICE) if service else t.plain("All services")
    return markup(
        [
            *_entries(t, listing, turn(listing.page), now),
            turning(listing.page, listing.pages, turn),
            *in_pairs(
                [
                    narrow(texts.history.result(t, result), HistoryFilter.RESULT),
                    narrow(name, HistoryFilter.SERVICE),
                ]
            ),
            [
                button(t.plain("Statistics"), callbacks.OpenScreen(screen=Screen.STATISTICS)),
                button("CSV", callbacks.ExportData(export_format=ExportFormat.TABLE)),
                button("JSON", callbacks.ExportData(export_format=ExportFormat.EVERYTHING)),
            ],
            [button("?", callbacks.OpenScreen(screen=Screen.COUNTING)), home_button(t)],
        ]
    )


def _entries(t: Translator, listing: HistoryPage, again: callbacks.ShowHistory, now: int) -> Iterator[Row]:
    """Yield a row for each number, and one above the first number of each day, which only shows the page."""
    day = ""
    for entry in listing.entries:
        if (label := texts.history.day_label(t, entry, now)) != day:
            day = label
            yield [button(day, again)]
        yield [button(texts.history.entry_label(t, entry), callbacks.ShowCard(id=entry.id))]


def results(t: Translator, service: str, chosen: Result) -> InlineKeyboardMarkup:
    """Return the results to filter by."""
    return markup(
        [
            *(
                [
                    button(
                        texts.history.result(t, result),
                        callbacks.ShowHistory(service=service, result=result),
                        "primary" if result is chosen else None,
                    )
                ]
                for result in Result
            ),
            [button(t.plain("Back"), callbacks.ShowHistory(service=service, result=chosen)), home_button(t)],
        ]
    )


def services(
    t: Translator, bought: Sequence[PurchasedService], chosen: str, result: Result, page: int
) -> InlineKeyboardMarkup:
    """Return the services to filter by, two in a row."""

    def service_button(each: PurchasedService) -> InlineKeyboardButton:
        return button(
            fitted(texts.shop.short_name(texts.shop.service_name(t, each.name)), t.compact(each.count)),
            callbacks.ShowHistory(service=each.service, result=result),
            "primary" if each.service == chosen else None,
        )

    rows, turn = paged(
        bought,
        page,
        service_button,
        lambda number: FilterHistory(by=HistoryFilter.SERVICE, service=chosen, result=result, page=number),
    )
    everything = button(
        t.plain("All services"), callbacks.ShowHistory(result=result), None if chosen else "primary"
    )
    back = button(t.plain("Back"), callbacks.ShowHistory(service=chosen, result=result))
    return markup([[everything], *rows, turn, [back, home_button(t)]])


def back(t: Translator) -> InlineKeyboardMarkup:
    """Return the buttons of the history and the home screen."""
    return markup([[button(t.plain("History"), callbacks.ShowHistory()), home_button(t)]])


def forget(t: Translator) -> InlineKeyboardMarkup:
    """Return the keyboard of the question whether to delete everything."""
    return markup(
        [
            [button(t.plain("Yes, delete everything"), callbacks.ForgetUser(confirmed=True), "danger")],
            [home_button(t)],
        ]
    )


def forget_later(t: Translator, activations: Sequence[Activation]) -> InlineKeyboardMarkup:
    """Return the open numbers that block the deletion, and the button to try again."""
    return markup(
        [
            *(
                [button(texts.home.active_label(t, activation), callbacks.ShowCard(id=activation.id))]
                for activation in activations
            ),
            [button(t.plain("Try again"), callbacks.ForgetUser(confirmed=False)), home_button(t)],
        ]
    )
