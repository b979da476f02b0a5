"""The names of operators in texts."""

from bot.catalog.catalog import operator_name
from bot.telegram import texts
from bot.telegram.translator import Translator


def operator_names(t: Translator, codes: tuple[str, ...]) -> str:
    """Return the names of the chosen operators, or the word for any operator."""
    return ", ".join(operator_name(code) for code in codes) or texts.shop.any_operator(t)
