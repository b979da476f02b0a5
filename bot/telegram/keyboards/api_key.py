"""Keyboards of the API key screens."""

from collections.abc import Iterable, Mapping

from aiogram.types import ForceReply, InlineKeyboardButton, InlineKeyboardMarkup
from yarl import URL

from bot.provider.profiles import Profile
from bot.telegram import callbacks, texts
from bot.telegram.callbacks import Screen
from bot.telegram.keyboards.buttons import Row, button, home_button, markup
from bot.telegram.translator import Translator


def welcome(
    t: Translator, key_page: str | None, languages: Mapping[str, str], *, several: bool = False
) -> InlineKeyboardMarkup:
    """Return the keyboard of the welcome.

    Args:
        t: the reader's language.
        key_page: the address of the provider's page with the API key; None shows no button.
        languages: the names of the languages to choose from, by code.
        several: whether another provider can be chosen.
    """
    choices = [button(name, callbacks.ChooseLanguage(language=code)) for code, name in languages.items()]
    return markup([_find_key(t, key_page), other_provider(t) if several else [], choices])


def choose_provider(
    t: Translator, profiles: Iterable[Profile], languages: Mapping[str, str]
) -> InlineKeyboardMarkup:
    """Return the keyboard with one button for each provider, and the languages to choose from."""
    choices = [button(name, callbacks.ChooseLanguage(language=code)) for code, name in languages.items()]
    providers = [
        [button(texts.api_key.provider_label(t, each), callbacks.ChooseProvider(provider=each.id))]
        for each in profiles
    ]
    return markup([*providers, choices])


def other_provider(t: Translator) -> Row:
    """Return the row with the button to the choice of the provider."""
    return [button(t.plain("Other provider"), callbacks.ChooseProvider())]


def find_key(t: Translator, key_page: str | None, below: InlineKeyboardMarkup) -> InlineKeyboardMarkup:
    """Return a keyboard below a button to the provider's page with the API key, if that is known."""
    return markup([_find_key(t, key_page), *below.inline_keyboard])


def _find_key(t: Translator, key_page: str | None) -> Row:
    if key_page is None:
        return []
    label = texts.api_key.open_site(t, URL(key_page).host or "")
    return [InlineKeyboardButton(text=label, url=key_page)]


def screen(t: Translator) -> InlineKeyboardMarkup:
    """Return the keyboard of the key screen."""
    return markup(
        [
            [
                button(t.plain("Replace"), callbacks.ReplaceKey()),
                button(t.plain("Remove"), callbacks.UnbindKey(confirmed=False), "danger"),
            ],
            [home_button(t)],
        ]
    )


def unbind(t: Translator) -> InlineKeyboardMarkup:
    """Return the keyboard of the question whether to remove the key."""
    return markup(
        [
            [
                button(t.plain("Yes, remove"), callbacks.UnbindKey(confirmed=True), "danger"),
                button(t.plain("Back"), callbacks.OpenScreen(screen=Screen.KEY)),
            ],
        ]
    )


def prompt(t: Translator) -> ForceReply:
    """Return the markup that opens a reply to the prompt."""
    return ForceReply(input_field_placeholder=texts.api_key.placeholder(t))
