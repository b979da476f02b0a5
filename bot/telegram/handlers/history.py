"""The history, statistics of it, a copy of everything, and being forgotten."""

from typing import Final

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.types import TelegramObject

from bot.activations.steps import ActivationSteps
from bot.catalog.catalog import Catalog
from bot.domain import Outcome, Result, User
from bot.history.charts import Charts
from bot.history.export import ExportFormat
from bot.history.history import History
from bot.storage.statistics import combined
from bot.telegram import callbacks, country_names, keyboards, texts
from bot.telegram.callbacks import Go, NarrowBy, Screen
from bot.telegram.messenger import operator_names
from bot.telegram.replies import Reply
from bot.telegram.texts.history import Line
from bot.telegram.translator import Translator

MOST_LINES: Final = 12
"""Lines of the statistics; a picture with more would be too small to read on a phone."""


async def show_history(
    _: TelegramObject,
    reply: Reply,
    user: User,
    t: Translator,
    history: History,
    callback_data: callbacks.ShowHistory | None = None,
) -> None:
    """Show a page of the history."""
    chosen = callback_data or callbacks.ShowHistory()
    listing = await history.listing(user.id, chosen.service, chosen.result, chosen.page)
    if not listing.count and not chosen.service and chosen.result is Result.ALL:
        await reply.show(texts.history.empty(t), keyboards.history.empty(t))
        return
    await reply.show(
        texts.history.screen(t, listing, await history.spending(user.id)),
        keyboards.history.screen(t, listing, chosen.service, chosen.result),
    )


async def narrow(
    _: TelegramObject,
    callback_data: callbacks.Narrow,
    reply: Reply,
    user: User,
    t: Translator,
    history: History,
) -> None:
    """Ask which outcome or which service is to be shown."""
    service, result = callback_data.service, callback_data.result
    if callback_data.by is NarrowBy.RESULT:
        await reply.show(texts.history.choose_result(t), keyboards.history.results(t, service, result))
    else:
        bought = await history.services(user.id)
        await reply.show(
            texts.history.choose_service(t),
            keyboards.history.services(t, bought, service, result, callback_data.page),
        )


async def show_statistics(
    _: TelegramObject,
    reply: Reply,
    user: User,
    t: Translator,
    history: History,
    catalog: Catalog,
    charts: Charts,
) -> None:
    """Show what became of the user's numbers, as a picture where one can be drawn, and as text."""
    outcomes = await history.outcomes(user.id)
    if not outcomes:
        await reply.show(texts.history.no_statistics(t), keyboards.history.empty(t))
        return
    await reply.typing()
    lines, total = _lines(t, outcomes, catalog), combined(outcomes)
    text, markup = texts.history.statistics(t, lines, total), keyboards.history.back(t)
    if picture := await charts.draw(texts.history.chart(t, lines, total)):
        await reply.photo("statistics.png", picture, text, markup)
    else:
        await reply.send(text, markup)


def _lines(t: Translator, outcomes: list[Outcome], catalog: Catalog) -> list[Line]:
    """Return the figures of what was bought most; if there is more, the rest is one line."""
    several = len({outcome.country for outcome in outcomes}) > 1
    most = len(outcomes) if len(outcomes) <= MOST_LINES else MOST_LINES - 1
    lines: list[Line] = []
    for outcome in outcomes[:most]:
        country = country_names.name(t, catalog, outcome.country) if several else None
        operators = operator_names(t, outcome.operators)
        lines.append((texts.history.outcome_name(t, outcome, operators=operators, country=country), outcome))
    if rest := outcomes[most:]:
        lines.append((texts.history.others(t), combined(rest)))
    return lines


async def export_all(
    _: TelegramObject, reply: Reply, user: User, t: Translator, history: History, catalog: Catalog
) -> None:
    """Send a copy of everything in every form."""
    await _send_files(tuple(ExportFormat), reply, user, t, history, catalog)


async def export_one(
    _: TelegramObject,
    callback_data: callbacks.Export,
    reply: Reply,
    user: User,
    t: Translator,
    history: History,
    catalog: Catalog,
) -> None:
    """Send a copy in one form."""
    await _send_files((callback_data.form,), reply, user, t, history, catalog)


async def _send_files(
    forms: tuple[ExportFormat, ...],
    reply: Reply,
    user: User,
    t: Translator,
    history: History,
    catalog: Catalog,
) -> None:
    await reply.typing()
    files = await history.files(user.id, forms, catalog.country_name)
    for form, file in zip(forms, files, strict=True):
        markup = keyboards.history.back(t) if form is forms[-1] else None
        await reply.document(file.name, file.content, texts.history.file_caption(t, form), markup)


async def forget(
    _: TelegramObject,
    reply: Reply,
    user: User,
    t: Translator,
    activations: ActivationSteps,
    history: History,
    callback_data: callbacks.Forget | None = None,
) -> None:
    """Delete everything of the user, after asking once more; not while something of theirs is under way."""
    if still_open := await activations.open_of(user.id):
        await reply.show(
            texts.history.forget_blocked(t, len(still_open)), keyboards.history.forget_later(t, still_open)
        )
    elif on_the_way := await history.codes_on_the_way(user.id):
        await reply.show(texts.history.codes_on_the_way(t, on_the_way), keyboards.history.forget_later(t, []))
    elif callback_data is None or not callback_data.sure:
        kept = await history.kept(user.id)
        await reply.show(texts.history.forget_question(t, kept), keyboards.history.forget(t))
    else:
        await history.forget(user.id)
        await reply.show(texts.history.forgotten(t), keyboards.buttons.only_home(t))


def router() -> Router:
    """Return the routes of this module."""
    routes = Router(name="history")
    routes.message.register(show_history, Command("history"))
    routes.callback_query.register(show_history, callbacks.ShowHistory.filter())
    routes.callback_query.register(narrow, callbacks.Narrow.filter())
    routes.message.register(show_statistics, Command("stats"))
    routes.callback_query.register(show_statistics, Go.filter(F.screen == Screen.STATISTICS))
    routes.message.register(export_all, Command("export"))
    routes.callback_query.register(export_one, callbacks.Export.filter())
    routes.message.register(forget, Command("forget"))
    routes.callback_query.register(forget, callbacks.Forget.filter())
    return routes
