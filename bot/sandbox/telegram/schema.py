"""The methods of the Bot API and their parameters, from aiogram's models."""

import inspect
import json
import types
import typing
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from aiogram import methods
from aiogram.methods import TelegramMethod
from pydantic import BaseModel, ValidationError

from bot.sandbox.telegram.errors import bad_request
from bot.sandbox.telegram.objects import Json


@dataclass(frozen=True)
class Method:
    """A method of the Bot API.

    Attributes:
        texts: The parameters that may be plain text; others are JSON.
    """

    name: str
    model: type[TelegramMethod[Any]]
    texts: frozenset[str]

    def decode(self, values: Json) -> Json:
        """Decode the strings of a form.

        Raises:
            RefusedCall: A value is not JSON, though the parameter requires it.
        """
        return {name: self._decode_value(name, value) for name, value in values.items() if value is not None}

    def unknown(self, params: Json) -> list[str]:
        """Return the names of parameters and fields that Telegram does not know and would ignore."""
        top = [name for name in params if name not in self.model.model_fields]
        try:
            model = self.model.model_validate({name: params[name] for name in params if name not in top})
        except ValidationError:
            # The method itself refuses malformed values, with Telegram's text.
            return top
        return top + list(_extras(model, ""))

    def _decode_value(self, name: str, value: object) -> object:
        if not isinstance(value, str):
            return value
        if name == "chat_id" and value.lstrip("-").isdigit():
            return int(value)
        if name in self.texts or name not in self.model.model_fields:
            return value
        try:
            return json.loads(value)
        except ValueError:
            lowered = {"true": True, "false": False}.get(value.lower())
            if lowered is not None:
                return lowered
            raise bad_request(f"can't parse {name}: JSON object expected") from None


@cache
def _methods() -> dict[str, Method]:
    found: dict[str, Method] = {}
    for _, model in inspect.getmembers(methods, inspect.isclass):
        if issubclass(model, TelegramMethod) and model is not TelegramMethod:
            name: str = model.__api_method__
            texts = {key for key, info in model.model_fields.items() if _takes_text(info.annotation)}
            found[name.lower()] = Method(name, model, frozenset(texts))
    return found


def find_method(name: str) -> Method | None:
    """Return a method by its name; case does not matter."""
    return _methods().get(name.lower())


def _takes_text(annotation: object) -> bool:
    if typing.get_origin(annotation) in (typing.Union, types.UnionType, typing.Annotated):
        return any(_takes_text(part) for part in typing.get_args(annotation))
    return annotation is str


def _extras(value: object, path: str) -> Iterator[str]:
    if isinstance(value, BaseModel):
        for name in value.model_extra or ():
            yield f"{path}{name}"
        for name in value.model_fields_set:
            yield from _extras(getattr(value, name, None), f"{path}{name}.")
    elif isinstance(value, list):
        for item in value:
            yield from _extras(item, path)
