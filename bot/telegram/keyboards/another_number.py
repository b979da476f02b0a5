"""The other operators on the confirmation page of a number that replaces another one."""

from collections.abc import Sequence
from typing import Final

from aiogram.types import InlineKeyboardMarkup

from bot.domain import Operator, Quote
from bot.telegram import callbacks, operator_bitmask
from bot.telegram.keyboards.buttons import button, in_pairs, markup

MAX_OPERATORS: Final = 4
"""Operators on the page; Back leads to all of them."""


def with_operators(
    page: InlineKeyboardMarkup, quote: Quote, operators: Sequence[Operator], left_out: Sequence[str]
) -> InlineKeyboardMarkup:
    """Return a confirmation page's keyboard below buttons for operators; each opens a confirmation page.

    Args:
        page: the keyboard of the page.
        quote: what the page offers.
        operators: all operators of the country.
        left_out: the codes of operators without a button.
    """
    listed = list(operators)[: operator_bitmask.MOST]
    checksum = operator_bitmask.checksum(listed)
    buttons = [
        button(
            one.name,
            callbacks.ShowQuote(
                country=quote.country,
                service=quote.service,
                chosen=operator_bitmask.pack(listed, {one.code}),
                checksum=checksum,
            ),
        )
        for one in listed
        if one.code not in left_out
    ]
    return markup([*in_pairs(buttons[:MAX_OPERATORS]), *page.inline_keyboard])
