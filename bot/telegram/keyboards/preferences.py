"""Keyboards of the user's settings."""

from collections.abc import Mapping
from typing import Final

from aiogram.types import ForceReply, InlineKeyboardButton, InlineKeyboardMarkup

from bot.accounts.preferences import DELAYS, Preference
from bot.domain import TIME_ZONES, UserPreferences
from bot.telegram import callbacks, texts
from bot.telegram.callbacks import Screen
from bot.telegram.keyboards.buttons import Row, button, home_button, markup
from bot.telegram.translator import Translator

IN_A_ROW: Final = 5


def menu(t: Translator) -> InlineKeyboardMarkup:
    """Return a button for each setting, two in a row."""
    buttons = [
        button(texts.preferences.name(t, preference), callbacks.ShowSetting(preference=preference))
        for preference in Preference
    ]
    return markup([*_rows(buttons, 2), [home_button(t)]])


def setting(
    t: Translator,
    preference: Preference,
    chosen: UserPreferences,
    *,
    languages: Mapping[str, str],
    most: int,
    now: int,
) -> InlineKeyboardMarkup:
    """Return the values to choose from, or the buttons to change and turn off a setting.

    Args:
        t: the reader's language.
        preference: the setting.
        chosen: the user's settings.
        languages: the names of the available languages, by code.
        most: how many numbers the bot allows at once.
        now: UTC seconds.
    """

    def choice(label: str, value: str, *, now: bool) -> InlineKeyboardButton:
        data = callbacks.SetSetting(preference=preference, value=value)
        return button(f"✓ {label}" if now else label, data, "primary" if now else None)

    match preference:
        case Preference.LANGUAGE:
            rows = [[choice(name, code, now=code == t.language)] for code, name in languages.items()]
        case Preference.TIME_ZONE:
            zones = [
                choice(texts.time_zones.label(t, name, now), name, now=name == t.zone.key)
                for name in TIME_ZONES
            ]
            rows = _rows(zones, 2)
        case Preference.MAX_ACTIVE:
            held = chosen.numbers_at_once(most)
            numbers = [choice(t.number(n), str(n), now=n == held) for n in range(1, most + 1)]
            rows = _rows(numbers, IN_A_ROW)
        case Preference.COMPLETE:
            on = chosen.complete_after_code
            rows = [[choice(t.plain("On"), "1", now=on), choice(t.plain("Off"), "", now=not on)]]
        case Preference.DELETE_CODES:
            delays = [
                choice(texts.preferences.delay(t, delay), str(delay), now=delay == chosen.delete_codes_after)
                for delay in DELAYS
            ]
            off = choice(t.plain("Off"), "", now=chosen.delete_codes_after is None)
            rows = [*_rows(delays, 2), [off]]
        case _:
            change = button(t.plain("Change"), callbacks.AskSetting(preference=preference), "primary")
            off = button(t.plain("Turn off"), callbacks.SetSetting(preference=preference))
            rows = [[change, off] if _is_set(preference, chosen) else [change]]
    return markup(
        [*rows, [button(t.plain("Back"), callbacks.OpenScreen(screen=Screen.SETTINGS)), home_button(t)]]
    )


def _is_set(preference: Preference, chosen: UserPreferences) -> bool:
    return bool(
        {
            Preference.DAY_LIMIT: chosen.day_limit,
            Preference.PRICE_LIMIT: chosen.price_limit,
            Preference.LOW_BALANCE: chosen.low_balance,
            Preference.PREFIXES: chosen.prefixes,
        }.get(preference)
    )


def prompt(t: Translator, preference: Preference) -> ForceReply:
    """Return the markup that opens a reply to the prompt."""
    return ForceReply(input_field_placeholder=texts.preferences.placeholder(t, preference))


def low_balance(t: Translator) -> InlineKeyboardMarkup:
    """Return the keyboard under the notice of a low balance."""
    again = button(t.plain("Settings"), callbacks.ShowSetting(preference=Preference.LOW_BALANCE))
    return markup([[again, home_button(t)]])


def _rows(buttons: Row, size: int) -> list[Row]:
    return [buttons[start : start + size] for start in range(0, len(buttons), size)]
