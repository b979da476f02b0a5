"""The star, the list of favourites, and the shortcuts where buying begins."""

from collections.abc import Callable, Sequence

from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from bot.alerts.alerts import UserAlerts
from bot.domain import Favourite
from bot.favourites import Shortcuts
from bot.telegram import callbacks, texts
from bot.telegram.callbacks import Screen
from bot.telegram.keyboards.buttons import Row, button, home_button, markup
from bot.telegram.translator import Translator

Star = callbacks.StarQuote | callbacks.StarActivation
Say = Callable[[str], str | None]
"""Returns the name of a country by its id, or None where it goes without saying."""


def star(t: Translator, data: Star) -> InlineKeyboardButton:
    """Return the star that does what its data says: it is full where it takes a favourite away."""
    return button(texts.favourites.star(t, kept=not data.starred), data)


def turned(t: Translator, before: InlineKeyboardMarkup, tapped: Star) -> InlineKeyboardMarkup:
    """Return a keyboard after a tap on its star; everything else in it stays as it is."""
    prefix = f"{tapped.__prefix__}:"
    after = star(t, tapped.model_copy(update={"starred": not tapped.starred}))
    return InlineKeyboardMarkup(
        inline_keyboard=[
            [after if (one.callback_data or "").startswith(prefix) else one for one in row]
            for row in before.inline_keyboard
        ]
    )


def screen(
    t: Translator, kept: Sequence[Favourite], say: Say, user_alerts: UserAlerts
) -> InlineKeyboardMarkup:
    """Return the favourites, each of which opens its confirmation page, and the way to the watches."""
    buttons = [_open(one, say) for one in kept]
    remove = [button(t.plain("Remove…"), callbacks.RemoveFavourite())] if kept else []
    buy = button(t.plain("Buy a number"), callbacks.OpenScreen(screen=Screen.BUY), "primary")
    alerts_row = (
        [button(t.plain("Watches"), callbacks.OpenScreen(screen=Screen.ALERTS))] if user_alerts else []
    )
    return markup([*([one] for one in buttons), [*remove, *alerts_row], [buy, home_button(t)]])


def removing(t: Translator, kept: Sequence[Favourite], say: Say) -> InlineKeyboardMarkup:
    """Return the favourites, each of which is removed by a tap."""
    buttons = [
        button(
            texts.favourites.label("✕", one.service_name, one.operators, say(one.country)),
            callbacks.RemoveFavourite(id=one.id),
        )
        for one in kept
    ]
    done = button(t.plain("Done"), callbacks.OpenScreen(screen=Screen.FAVOURITES), "success")
    return markup([*([one] for one in buttons), [done, home_button(t)]])


def shortcuts(first: Shortcuts, say: Say) -> list[Row]:
    """Return the rows with favourites and recent purchases, apart from what else can be bought."""
    recent = [
        button(
            texts.favourites.label("↺", one.service_name, one.operators, say(one.country)),
            callbacks.BuyAgain(id=one.id, listed=True),
        )
        for one in first.recent
    ]
    buttons = [*(_open(one, say) for one in first.favourites), *recent]
    return [buttons[start : start + 2] for start in range(0, len(buttons), 2)]


def _open(one: Favourite, say: Say) -> InlineKeyboardButton:
    label = texts.favourites.label("★", one.service_name, one.operators, say(one.country))
    return button(label, callbacks.OpenFavourite(id=one.id))
