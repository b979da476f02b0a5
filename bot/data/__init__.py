"""Bundled names of service, country and operator codes."""

from functools import cache
from importlib.resources import files
from typing import Final

ANY_OTHER: Final = "ot"
"""Code of the service that receives codes of any site."""


def _rows(name: str) -> dict[str, str]:
    text = files(__name__).joinpath(name).read_text(encoding="utf-8")
    return dict(line.split("\t", 1) for line in text.splitlines() if line)


@cache
def service_names() -> dict[str, str]:
    """Return service code → English name, roughly by popularity."""
    return _rows("services.tsv")


@cache
def country_names() -> dict[str, str]:
    """Return country id → English name."""
    return _rows("countries.tsv")


@cache
def country_regions() -> dict[str, str]:
    """Return country id → ISO 3166 code."""
    return _rows("regions.tsv")


@cache
def country_operators() -> dict[str, list[str]]:
    """Return country id → operator codes, without ``any``.

    The operators of Vietnam are those of sms3t, the others those of sms-activate.
    """
    return {country: codes.split(",") for country, codes in _rows("operators.tsv").items()}


@cache
def service_aliases() -> dict[str, list[str]]:
    """Return service code → alternative names in English, Russian and Vietnamese."""
    return {code: aliases.split("\t") for code, aliases in _rows("aliases.tsv").items()}


@cache
def country_aliases() -> dict[str, list[str]]:
    """Return country id → names in Russian and Vietnamese, and alternative names."""
    return {country: aliases.split("\t") for country, aliases in _rows("country_aliases.tsv").items()}


def operator_aliases() -> dict[str, list[str]]:
    """Return operator code → alternative names, as people type them."""
    return {code: aliases.split("\t") for code, aliases in _rows("operator_aliases.tsv").items()}


def menu_words() -> dict[str, list[str]]:
    """Return command → words in English, Russian and Vietnamese that mean the same."""
    return {command: words.split("\t") for command, words in _rows("menu_words.tsv").items()}


def short_names() -> dict[str, str]:
    """Return name of a service or a country, in any language → a shorter one for a button."""
    return _rows("short_names.tsv")
