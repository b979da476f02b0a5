"""The base class of button data, and the check that codes fit a button."""

from functools import lru_cache
from typing import Any, ClassVar, Final, Self
from urllib.parse import quote, unquote

from aiogram.filters.callback_data import MAX_CALLBACK_LENGTH, CallbackData

_SAFE: Final = "!,;@&=+$()*"
_INTEGERS: Final = range(2**63)
"""The numbers that a button may carry: the ids and pages that the database can hold."""


class ButtonData(CallbackData, prefix="-"):
    """Callback data whose strings may contain any character, the separator included.

    Attributes:
        acts: a button of this kind buys, ends, changes or deletes something. A tap on it is stored first, so
            that it acts once, and is refused just after the button has appeared.
    """

    acts: ClassVar[bool] = False

    @property
    def only_asks(self) -> bool:
        """Whether this button only asks before another one of its kind acts."""
        return False

    def _encode_value(self, key: str, value: Any) -> str:
        encoded = super()._encode_value(key, value)
        return quote(encoded, safe=_SAFE) if type(value) is str else encoded

    @classmethod
    def unpack(cls, value: str) -> Self:
        """Return the data of a button.

        Raises:
            ValueError: the data belongs to another kind of button, or is damaged.
        """
        packed = super().unpack(value)
        for _, number in packed:
            if type(number) is int and number not in _INTEGERS:
                raise ValueError("a number is out of range")
        texts = {name: unquote(text) for name, text in packed if type(text) is str}
        return packed.model_copy(update=texts)


def acts(data: str) -> bool:
    """Return whether the data belongs to a button that acts; damaged data of such a kind counts too."""
    kind = _acting_kinds().get(data.partition(":")[0])
    if kind is None:
        return False
    try:
        return not kind.unpack(data).only_asks
    except (ValueError, TypeError):
        return True


@lru_cache(maxsize=1)
def _acting_kinds() -> dict[str, type[ButtonData]]:
    return {kind.__prefix__: kind for kind in ButtonData.__subclasses__() if kind.acts}


@lru_cache(maxsize=10_000)
def fits(country: str, service: str) -> bool:
    """Return whether these codes fit the longest button about a service."""
    longest = f"m:{quote(country, safe=_SAFE)}:{quote(service, safe=_SAFE)}:{'z' * 13}:{'z' * 4}:99:1"
    return len(longest.encode()) <= MAX_CALLBACK_LENGTH
