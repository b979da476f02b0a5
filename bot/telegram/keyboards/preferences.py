"""Keyboards of the user's settings."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final, Protocol

from aiogram.types import ForceReply, InlineKeyboardButton, InlineKeyboardMarkup

from bot.accounts.preferences import DELAYS, Preference
from bot.domain import TIME_ZONES, UserPreferences
from bot.telegram import callbacks, texts
from bot.telegram.callbacks import Screen
from bot.telegram.keyboards.buttons import Row, button, home_button, in_pairs, markup
from bot.telegram.translator import Translator

IN_A_ROW: Final = 5
PRESETS: Final = {
    Preference.DAY_LIMIT: (Decimal(1), Decimal(2), Decimal(5), Decimal(10)),
    Preference.PRICE_LIMIT: (Decimal("0.2"), Decimal("0.5"), Decimal(1), Decimal(2)),
    Preference.LOW_BALANCE: (Decimal(1), Decimal(2), Decimal(5), Decimal(10)),
}
"""The amounts to choose from."""
UNITS: Final = {"RUB": 100, "UAH": 50, "NGN": 1000, "VND": 20_000}
"""Factor of the amounts to choose from in currencies whose unit is small."""


class Choice(Protocol):
    """Makes the button that chooses a value; the button of the present value is marked."""

    def __call__(self, label: str, value: str, *, now: bool) -> InlineKeyboardButton:
        """Return the button."""
        ...


def menu(t: Translator) -> InlineKeyboardMarkup:
    """Return a button for each setting, two in a row."""
    buttons = [
        button(texts.preferences.name(t, preference), callbacks.ShowSetting(preference=preference))
        for preference in Preference
    ]
    return markup([*in_pairs(buttons), [home_button(t)]])


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
            shown = sorted({*range(1, min(most, IN_A_ROW) + 1), held, most})
            numbers = [choice(t.number(n), str(n), now=n == held) for n in shown]
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
            rows = [*in_pairs(delays), [off]]
        case Preference.PREFIXES:
            change = button(t.plain("Change"), callbacks.AskSetting(preference=preference), "primary")
            off = button(t.plain("Turn off"), callbacks.SetSetting(preference=preference))
            rows = [[change, off] if chosen.prefixes else [change]]
        case _:
            rows = _amounts(t, preference, chosen, choice)
    details = texts.preferences.details_label(t, preference)
    return markup(
        [
            *rows,
            [button(details, callbacks.ExplainSetting(preference=preference))] if details else [],
            [button(t.plain("Back"), callbacks.OpenScreen(screen=Screen.SETTINGS)), home_button(t)],
        ]
    )


def _amounts(t: Translator, preference: Preference, chosen: UserPreferences, choice: Choice) -> list[Row]:
    """Return the buttons of a setting that is an amount: some amounts, any other one, and off."""
    amount = {
        Preference.DAY_LIMIT: chosen.day_limit,
        Preference.PRICE_LIMIT: chosen.price_limit,
        Preference.LOW_BALANCE: chosen.low_balance,
    }.get(preference)
    presets = [preset * UNITS.get(t.currency.upper(), 1) for preset in PRESETS[preference]]
    is_other = amount is not None and amount not in presets
    label = t.plain("Other…")
    other = button(
        f"✓ {label}" if is_other else label,
        callbacks.AskSetting(preference=preference),
        "primary" if is_other else None,
    )
    return [
        [choice(t.short_amount(one, whole=True), f"{one:f}", now=one == amount) for one in presets],
        [other, choice(t.plain("Off"), "", now=amount is None)],
    ]


def details(t: Translator, preference: Preference) -> InlineKeyboardMarkup:
    """Return the way back from the details of a setting."""
    return markup([[button(t.plain("Back"), callbacks.ShowSetting(preference=preference)), home_button(t)]])


def prompt(t: Translator, preference: Preference) -> ForceReply:
    """Return the markup that opens a reply to the prompt."""
    return ForceReply(input_field_placeholder=texts.preferences.placeholder(t, preference))


def low_balance(t: Translator) -> InlineKeyboardMarkup:
    """Return the keyboard under the notice of a low balance."""
    again = button(t.plain("Settings"), callbacks.ShowSetting(preference=Preference.LOW_BALANCE))
    return markup([[again, home_button(t)]])


def _rows(buttons: Row, size: int) -> list[Row]:
    return [buttons[start : start + size] for start in range(0, len(buttons), size)]
