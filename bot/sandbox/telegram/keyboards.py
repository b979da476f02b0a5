"""Reply markups: parsing, and the checks that Telegram makes."""

from typing import NamedTuple

from bot.sandbox.telegram.errors import bad_request
from bot.sandbox.telegram.limits import TelegramLimits
from bot.sandbox.telegram.objects import Button, Json, Rows

_ACTIONS = (
    "url",
    "callback_data",
    "web_app",
    "login_url",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "copy_text",
    "callback_game",
    "pay",
    "disabled",
)
_STYLES = {None, "danger", "success", "primary"}
_COPY_LIMIT = 256
_WRONG_BUTTON = "can't parse inline keyboard button:"


class Markup(NamedTuple):
    """The buttons under a message, and the placeholder of a forced reply."""

    rows: Rows
    force_reply: str | None = None


def read_markup(markup: Json | None, limits: TelegramLimits) -> Markup:
    """Parse a reply markup.

    Raises:
        RefusedCall: Telegram would refuse it.
    """
    if not markup:
        return Markup([])
    if not isinstance(markup, dict):
        raise bad_request("object expected as reply markup")
    if markup.get("force_reply"):
        return Markup([], str(markup.get("input_field_placeholder") or ""))
    if "inline_keyboard" not in markup:
        return Markup([])
    keyboard = markup["inline_keyboard"]
    if not isinstance(keyboard, list) or not all(isinstance(row, list) for row in keyboard):
        raise bad_request("can't parse inline keyboard: an Array of Arrays expected")
    rows = [[_read_button(button, limits) for button in row] for row in keyboard if row]
    if sum(map(len, rows)) > limits.buttons:
        raise bad_request("reply markup is too long")
    return Markup(rows)


def _read_button(button: Json, limits: TelegramLimits) -> Button:
    if not isinstance(button, dict):
        raise bad_request(f"{_WRONG_BUTTON} an Object expected")
    text = button.get("text")
    if not isinstance(text, str):
        raise bad_request(f'{_WRONG_BUTTON} Can\'t find field "text"')
    if not text.strip():
        raise bad_request("inline keyboard button text must be non-empty")
    actions = [name for name in _ACTIONS if button.get(name) is not None]
    if not actions:
        raise bad_request(f"{_WRONG_BUTTON} Text buttons are unallowed in the inline keyboard")
    if len(actions) > 1:
        raise bad_request(f"{_WRONG_BUTTON} exactly one action is expected, got {', '.join(actions)}")
    if button.get("style") not in _STYLES:
        raise bad_request(f"{_WRONG_BUTTON} invalid button style specified")
    return Button(
        text=text,
        data=_callback_data(button, limits),
        copy_text=_copy_text(button),
        url=_url(button),
        switch_inline=button.get("switch_inline_query"),
        switch_inline_here=button.get("switch_inline_query_current_chat"),
        style=button.get("style"),
        disabled="disabled" in actions,
        wire={name: value for name, value in button.items() if value is not None},
    )


def _callback_data(button: Json, limits: TelegramLimits) -> str | None:
    data = button.get("callback_data")
    if data is None:
        return None
    if not isinstance(data, str) or not 1 <= len(data.encode()) <= limits.callback_data:
        raise bad_request("BUTTON_DATA_INVALID")
    return data


def _copy_text(button: Json) -> str | None:
    copy_text = button.get("copy_text")
    if copy_text is None:
        return None
    text = copy_text.get("text") if isinstance(copy_text, dict) else None
    if not isinstance(text, str) or not 1 <= len(text) <= _COPY_LIMIT:
        raise bad_request("BUTTON_COPY_TEXT_INVALID")
    return text


def _url(button: Json) -> str | None:
    url = button.get("url")
    if url is None:
        return None
    if not isinstance(url, str) or not url.startswith(("http://", "https://", "tg://")):
        raise bad_request(f"inline keyboard button URL '{url}' is invalid: Unsupported URL protocol")
    return url
