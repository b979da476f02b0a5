"""The star button, the list of favourites, and the shortcuts on the first buy screen."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from bot.alerts.alerts import UserAlerts
from bot.domain import Activation, Favourite
from bot.favourites import Shortcuts
from bot.telegram import callbacks, texts
from bot.telegram.callbacks import Screen
from bot.telegram.keyboards.buttons import Row, button, home_button, in_pairs, markup, with_gone
from bot.telegram.keyboards.offer_labels import fitted
from bot.telegram.translator import Translator, clipped

MAX_PAIRED: Final = 10
"""Characters of a shortcut without its price, of which two fit in a row."""
MAX_UNPRICED: Final = 28
"""UTF-16 units of a shortcut without its price."""
Star = callbacks.StarQuote | callbacks.StarActivation
Say = Callable[[str], str | None]
"""Returns the name of a country by its id; None if it is the only country."""


def star(t: Translator, data: Star) -> InlineKeyboardButton:
    """Return the star button; it is filled if a tap removes the favourite."""
    return button(texts.favourites.star(t, kept=not data.starred), data)


def turned(t: Translator, before: InlineKeyboardMarkup, tapped: Star) -> InlineKeyboardMarkup:
    """Return a keyboard after a tap on its star, with all other buttons unchanged."""
    prefix = f"{tapped.__prefix__}:"
    after = star(t, tapped.model_copy(update={"starred": not tapped.starred}))
    return InlineKeyboardMarkup(
        inline_keyboard=[
            [after if (one.callback_data or "").startswith(prefix) else one for one in row]
            for row in before.inline_keyboard
        ]
    )


def screen(
    t: Translator,
    kept: Sequence[Favourite],
    say: Say,
    user_alerts: UserAlerts,
    others: Mapping[Favourite, str] = MappingProxyType({}),
) -> InlineKeyboardMarkup:
    """Return the favourites; a tap opens a confirmation page. The alerts have a button if there are any.

    Args:
        t: the reader's language.
        kept: the favourites at the user's provider.
        say: the names of countries.
        user_alerts: the user's alerts.
        others: favourite at another provider → name of that provider; a tap chooses it for the next key.
    """
    buttons = [_open(t, one, say) for one in kept]
    buttons += [
        button(
            texts.favourites.label(t, "☆", one.service_name, one.operators, name),
            callbacks.ChooseProvider(provider=one.provider),
        )
        for one, name in others.items()
    ]
    remove = [button(t.plain("Remove…"), callbacks.RemoveFavourite())] if kept else []
    buy = button(t.plain("Buy a number"), callbacks.OpenScreen(screen=Screen.BUY), "primary")
    alerts_row = (
        [button(t.plain("Alerts"), callbacks.OpenScreen(screen=Screen.ALERTS))] if user_alerts else []
    )
    return markup([*([one] for one in buttons), [*remove, *alerts_row], [buy, home_button(t)]])


def removing(t: Translator, kept: Sequence[Favourite], say: Say) -> InlineKeyboardMarkup:
    """Return the favourites; a tap removes one. Done takes the place of *Remove…*, for a second tap there."""
    buttons = [
        button(
            texts.favourites.label(t, "✕", one.service_name, one.operators, say(one.country)),
            callbacks.RemoveFavourite(id=one.id),
        )
        for one in kept
    ]
    done = button(t.plain("Done"), callbacks.OpenScreen(screen=Screen.FAVOURITES), "success")
    return markup([*([one] for one in buttons), [done], [home_button(t)]])


def removed(t: Translator, before: InlineKeyboardMarkup, left: Sequence[Favourite]) -> InlineKeyboardMarkup:
    """Return the list to remove favourites from, after a tap on it."""
    rows = [callbacks.RemoveFavourite(id=one.id) for one in left]
    return with_gone(before, rows, callbacks.RemoveFavourite, t.plain("✓ Removed"))


def shortcuts(t: Translator, first: Shortcuts, say: Say) -> list[Row]:
    """Return the rows with favourites and recent purchases."""
    return in_pairs(_shortcut_buttons(t, first, say))


def priced_shortcuts(
    t: Translator, first: Shortcuts, say: Say, price: Callable[[Favourite | Activation], str]
) -> list[Row]:
    """Return the rows with favourites and recent purchases, each with its price; an empty price is left out.

    They stand in pairs if all of them are short enough. This does not depend on the prices, so that a price
    that comes later moves no button.
    """
    buttons = _shortcut_buttons(t, first, say)
    prices = [*map(price, first.favourites), *map(price, first.recent)]
    short = all(len(one.text) <= MAX_PAIRED for one in buttons)
    priced = [
        one.model_copy(update={"text": fitted(one.text, shown) if short else _with_price(one.text, shown)})
        for one, shown in zip(buttons, prices, strict=True)
    ]
    return in_pairs(priced) if short else [[one] for one in priced]


def _with_price(label: str, price: str) -> str:
    label = clipped(label, MAX_UNPRICED)
    return f"{label} · {price}" if price else label


def _shortcut_buttons(t: Translator, first: Shortcuts, say: Say) -> Row:
    recent = [
        button(
            texts.favourites.label(t, "↺", one.service_name, one.operators, say(one.country)),
            callbacks.BuyAgain(id=one.id, listed=True),
        )
        for one in first.recent
    ]
    return [*(_open(t, one, say) for one in first.favourites), *recent]


def _open(t: Translator, one: Favourite, say: Say) -> InlineKeyboardButton:
    label = texts.favourites.label(t, "★", one.service_name, one.operators, say(one.country))
    return button(label, callbacks.OpenFavourite(id=one.id))
