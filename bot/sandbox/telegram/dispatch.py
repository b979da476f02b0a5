"""Calls of Bot API methods: lookup by name, decoding of parameters, and dispatch to a handler."""

from typing import Any

from bot.sandbox.telegram.errors import RefusedCall, bad_request
from bot.sandbox.telegram.methods import HANDLERS, updates
from bot.sandbox.telegram.objects import Call, Json
from bot.sandbox.telegram.parameters import Upload, attach
from bot.sandbox.telegram.schema import Method, find_method
from bot.sandbox.telegram.service import Telegram

UNSUPPORTED = {"caption_entities", "entities", "inline_message_id", "reply_to_message_id"}
"""Parameters of the Bot API that the sandbox ignores; the bot uses none of them."""


def prepare(telegram: Telegram, name: str, values: Json) -> tuple[Method, Json]:
    """Look up a method, decode its parameters and record the call.

    Raises:
        RefusedCall: The method is unknown, or a parameter cannot be decoded.
    """
    method = find_method(name)
    if method is None:
        raise RefusedCall(404, "Not Found: method not found")
    params = attach(method.decode(values))
    telegram.record(Call(telegram.clock(), method.name, params))
    if method.name != "getUpdates":
        known = {key: value for key, value in params.items() if not isinstance(value, Upload)}
        telegram.notes += [f"{method.name}: unknown {unknown}" for unknown in method.unknown(known)]
        telegram.notes += [
            f"{method.name}: {name} is not supported" for name in params if name in UNSUPPORTED
        ]
    return method, params


async def perform(telegram: Telegram, method: Method, params: Json) -> Any:
    """Run a method and return its result.

    Raises:
        RefusedCall: Telegram would refuse the call.
    """
    if method.name == "getUpdates":
        return await updates.get_updates(telegram, params)
    if method.name in HANDLERS:
        return HANDLERS[method.name](telegram, params)
    telegram.notes.append(f"{method.name}: is not supported")
    raise bad_request(f"the sandbox does not support {method.name}")
