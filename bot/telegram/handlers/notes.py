"""The question for a note on a number, and its answer."""

from dataclasses import dataclass

from aiogram import Router

from bot.activations.notes import Notes
from bot.activations.steps import ActivationSteps
from bot.telegram import callbacks, keyboards, texts
from bot.telegram.api_key_patterns import may_hold_key
from bot.telegram.context import Context
from bot.telegram.prompts import AnswersNote
from bot.telegram.routing import handler, is_plain_text
from bot.telegram.translations import Translations


@dataclass(eq=False, slots=True)
class NoteScreens:
    """The messages about notes."""

    notes: Notes
    steps: ActivationSteps
    translations: Translations

    def router(self) -> Router:
        """Return the routes; they come before the routes that take any text."""
        router = Router(name="notes")
        router.callback_query.register(handler(self.ask), callbacks.AskNote.filter())
        router.message.register(handler(self.take_answer), is_plain_text, AnswersNote(self.translations))
        return router

    async def ask(self, context: Context, callback_data: callbacks.AskNote) -> None:
        """Ask for the note on a number."""
        activation = await self.steps.get(context.user.id, callback_data.id)
        text = texts.notes.prompt(context.t, activation.id)
        await context.reply.send(text, keyboards.card.note_prompt(context.t))

    async def take_answer(self, context: Context, noted: int) -> None:
        """Store a typed note; the outbox draws the card again."""
        t = context.t
        if may_hold_key(context.text):
            await context.reply.send(texts.notes.refused(t, noted), keyboards.card.note_prompt(t))
            return
        note = await self.notes.store(context.user.id, noted, context.text)
        await context.reply.send(texts.notes.saved(t, note), keyboards.buttons.only_home(t))
