"""Methods that answer taps and inline searches."""

from bot.sandbox.telegram.entities import formatted, utf16_length
from bot.sandbox.telegram.errors import bad_request
from bot.sandbox.telegram.keyboards import read_markup
from bot.sandbox.telegram.objects import Json, Query, Toast
from bot.sandbox.telegram.service import Telegram
from bot.sandbox.telegram.start_links import is_start_parameter

MAX_RESULTS = 50
MAX_RESULT_ID = 64
MAX_OFFSET = 64


def answer_callback_query(telegram: Telegram, params: Json) -> bool:
    """Answer a tap, with or without a toast."""
    query = _open_query(telegram, params, "callback_query_id", inline=False)
    text = params.get("text") or ""
    if utf16_length(text) > telegram.limits.toast:
        raise bad_request("MESSAGE_TOO_LONG")
    query.toast = Toast(text, bool(params.get("show_alert")), params.get("url"))
    telegram.person(query.user_id).changed()
    return True


def answer_inline_query(telegram: Telegram, params: Json) -> bool:
    """Answer an inline search with results."""
    query = _open_query(telegram, params, "inline_query_id", inline=True)
    results = params.get("results") or []
    if not isinstance(results, list) or not all(isinstance(result, dict) for result in results):
        raise bad_request("can't parse inline query results: an Array of Objects expected")
    if len(results) > MAX_RESULTS:
        raise bad_request("RESULTS_TOO_MUCH")
    seen: set[str] = set()
    for result in results:
        _check_result(telegram, result, seen)
    if len(str(params.get("next_offset") or "").encode()) > MAX_OFFSET:
        raise bad_request("NEXT_OFFSET_INVALID")
    button = params.get("button")
    if button is not None:
        _check_button(button)
    query.results, query.button = results, button
    telegram.person(query.user_id).changed()
    return True


def _open_query(telegram: Telegram, params: Json, name: str, *, inline: bool) -> Query:
    query = telegram.queries.get(str(params.get(name)))
    late = query is not None and telegram.clock() - query.asked_at > telegram.limits.query_seconds
    if query is None or query.inline is not inline or query.answered or late:
        raise bad_request("query is too old and response timeout expired or query ID is invalid")
    return query


def _check_button(button: Json) -> None:
    """Check the button above inline results: it has a text, and a parameter for the link to the chat."""
    if not str(button.get("text") or "").strip():
        raise bad_request("SWITCH_PM_TEXT_EMPTY")
    if not is_start_parameter(str(button.get("start_parameter") or "")):
        raise bad_request("START_PARAM_INVALID")


def _check_result(telegram: Telegram, result: Json, seen: set[str]) -> None:
    result_id = str(result.get("id") or "")
    if not 1 <= len(result_id.encode()) <= MAX_RESULT_ID:
        raise bad_request("RESULT_ID_INVALID")
    if result_id in seen:
        raise bad_request("RESULT_ID_DUPLICATE")
    seen.add(result_id)
    read_markup(result.get("reply_markup"), telegram.limits)
    if result.get("type") != "article":
        return
    if not result.get("title"):
        raise bad_request("can't parse inline query result: Can't find field \"title\"")
    content = result.get("input_message_content") or {}
    text, _ = formatted(content.get("message_text") or "", content.get("parse_mode"))
    if not text:
        raise bad_request("MESSAGE_EMPTY")
    if utf16_length(text) > telegram.limits.text:
        raise bad_request("MESSAGE_TOO_LONG")
