"""The history, the statistics, the export of a user's data, and its deletion."""

from dataclasses import dataclass
from typing import Final

from aiogram import F, Router

from bot.activations.steps import ActivationSteps
from bot.domain import Outcome, Result
from bot.history.charts import Charts
from bot.history.export import ExportFormat
from bot.history.history import History
from bot.storage.statistics import combined
from bot.telegram import callbacks, country_names, keyboards, texts
from bot.telegram.callbacks import HistoryFilter, OpenScreen, Screen
from bot.telegram.context import Context
from bot.telegram.operator_names import operator_names
from bot.telegram.routing import Opens, handler
from bot.telegram.texts.statistics import Line

MAX_LINES: Final = 12
"""Lines of the statistics; a picture with more lines is too small to read on a phone."""


@dataclass(eq=False, slots=True)
class HistoryScreens:
    """The screens of a user's past purchases and stored data."""

    history: History
    charts: Charts
    steps: ActivationSteps

    def router(self) -> Router:
        """Return the routes of these screens."""
        router = Router(name="history")
        router.message.register(handler(self.show_history), Opens("history"))
        router.callback_query.register(handler(self.show_history), callbacks.ShowHistory.filter())
        router.callback_query.register(handler(self.choose_filter), callbacks.FilterHistory.filter())
        router.callback_query.register(
            handler(self.show_counting), OpenScreen.filter(F.screen == Screen.COUNTING)
        )
        router.message.register(handler(self.show_statistics), Opens("stats"))
        router.callback_query.register(
            handler(self.show_statistics), OpenScreen.filter(F.screen == Screen.STATISTICS)
        )
        router.message.register(handler(self.export), Opens("export"))
        router.callback_query.register(handler(self.export), callbacks.ExportData.filter())
        router.message.register(handler(self.forget), Opens("forget"))
        router.callback_query.register(handler(self.forget), callbacks.ForgetUser.filter())
        return router

    async def show_history(
        self, context: Context, callback_data: callbacks.ShowHistory | None = None
    ) -> None:
        """Show a page of the history."""
        t, user = context.t, context.user
        chosen = callback_data or callbacks.ShowHistory()
        page = await self.history.listing(user.id, chosen.service, chosen.result, chosen.page)
        if not page.count and not chosen.service and chosen.result is Result.ALL:
            await context.reply.show(texts.history.empty(t), keyboards.history.empty(t))
            return
        await context.reply.show(
            texts.history.screen(t, page, await self.history.spending(user)),
            keyboards.history.screen(t, page, chosen.service, chosen.result, int(self.history.now())),
        )

    async def show_counting(self, context: Context) -> None:
        """Show how the sums are counted."""
        await context.reply.show(texts.history.counting(context.t), keyboards.history.back(context.t))

    async def choose_filter(self, context: Context, callback_data: callbacks.FilterHistory) -> None:
        """Show the results, or the services, by which the history can be filtered."""
        t = context.t
        service, result = callback_data.service, callback_data.result
        if callback_data.by is HistoryFilter.RESULT:
            await context.reply.show(
                texts.history.choose_result(t), keyboards.history.results(t, service, result)
            )
        else:
            services = await self.history.services(context.user.id)
            await context.reply.show(
                texts.history.choose_service(t),
                keyboards.history.services(t, services, service, result, callback_data.page),
            )

    async def show_statistics(self, context: Context) -> None:
        """Show the success rates: as a picture with one line, or as text if no picture can be drawn."""
        t, chat = context.t, context.reply.chat
        outcomes = await self.history.outcomes(context.user)
        if not outcomes:
            await context.reply.show(texts.statistics.no_statistics(t), keyboards.history.empty(t))
            return
        await chat.show_typing()
        lines, total = self._lines(context, outcomes), combined(outcomes)
        markup = keyboards.history.back(t)
        if picture := await self.charts.draw(texts.statistics.chart(t, lines, total)):
            await chat.send_photo("statistics.png", picture, texts.statistics.caption(t, total), markup)
        else:
            await chat.send(texts.statistics.statistics(t, lines, total), markup)

    def _lines(self, context: Context, outcomes: list[Outcome]) -> list[Line]:
        """Return the figures of the most frequent purchases; the remaining ones share the last line."""
        t = context.t
        several_countries = len({outcome.country for outcome in outcomes}) > 1
        most = len(outcomes) if len(outcomes) <= MAX_LINES else MAX_LINES - 1
        lines: list[Line] = []
        for outcome in outcomes[:most]:
            country = country_names.name(t, context.catalog, outcome.country) if several_countries else None
            operators = operator_names(t, outcome.operators)
            name = texts.statistics.outcome_name(t, outcome, operators=operators, country=country)
            lines.append((name, outcome))
        if rest := outcomes[most:]:
            lines.append((texts.statistics.others(t), combined(rest)))
        return lines

    async def export(self, context: Context, callback_data: callbacks.ExportData | None = None) -> None:
        """Send the user's data in the chosen format, or in every format after the command."""
        t, chat = context.t, context.reply.chat
        formats = (callback_data.export_format,) if callback_data else tuple(ExportFormat)
        await chat.show_typing()
        files = await self.history.files(context.user.id, formats, context.catalogs.country_name)
        for format_, file in zip(formats, files, strict=True):
            markup = keyboards.history.back(t) if format_ is formats[-1] else None
            await chat.send_document(file.name, file.content, texts.history.file_caption(t, format_), markup)

    async def forget(self, context: Context, callback_data: callbacks.ForgetUser | None = None) -> None:
        """Delete the user's data after a question; refuse while a number is open or a code undelivered."""
        t, user, reply = context.t, context.user, context.reply
        if open_numbers := await self.steps.open_of(user.id):
            await reply.show(
                texts.history.forget_blocked(t, len(open_numbers)),
                keyboards.history.forget_later(t, open_numbers),
            )
        elif undelivered := await self.history.codes_on_the_way(user.id):
            await reply.show(
                texts.history.codes_on_the_way(t, undelivered), keyboards.history.forget_later(t, [])
            )
        elif callback_data is None or not callback_data.confirmed:
            stored = await self.history.kept(user.id)
            await reply.show(texts.history.forget_question(t, stored), keyboards.history.forget(t))
        else:
            await self.history.forget(user.id)
            await reply.show(texts.history.forgotten(t), keyboards.buttons.only_home(t))
