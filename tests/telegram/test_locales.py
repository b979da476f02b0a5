"""The catalogs: every word in every language, the same placeholders and markup, the right plurals."""

import functools
import re
from collections.abc import Iterator
from importlib.resources import files
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from bot import locales
from bot.telegram.translations import LANGUAGES, Translations
from bot.telegram.translator import SOURCE_LANGUAGE

TELEGRAM = Path(__file__).parents[2] / "bot" / "telegram"
KEYWORDS = {"t": None, "plain": None, "plural": (1, 2)}
OTHERS = sorted(set(LANGUAGES) - {SOURCE_LANGUAGE})
PLACEHOLDER = re.compile(r"\{\w*\}")
TAG = re.compile(r"</?[a-z][^>]*>")
COMMAND = re.compile(r"(?<![\w<])/[a-z]+")


@functools.cache
def used() -> set[str | tuple[str, ...]]:
    """Return every message in the source: a text, or the two forms of a plural."""
    found = extract_from_dir(TELEGRAM, [("**.py", "python")], keywords=KEYWORDS)
    return {message if isinstance(message, str) else tuple(message) for _, _, message, _, _ in found}


def read(language: str) -> Catalog:
    """Return a language's catalog."""
    return read_po(BytesIO(files(locales).joinpath(f"{language}.po").read_bytes()), locale=language)


def messages(catalog: Catalog) -> Iterator[tuple[Message, list[str], list[str]]]:
    """Yield each message with its source forms and its translated forms."""
    for message in catalog:
        if message.id:
            source = [message.id] if isinstance(message.id, str) else list(message.id)
            target = [message.string] if isinstance(message.string, str) else list(message.string or ())
            yield message, source, target


def marks(text: str) -> tuple[list[str], list[str], list[str]]:
    """Return what a translation must keep: placeholders, markup, and commands."""
    return sorted(PLACEHOLDER.findall(text)), TAG.findall(text), sorted(COMMAND.findall(TAG.sub("", text)))


@pytest.mark.parametrize("language", OTHERS)
def test_a_catalog_is_complete(language: str) -> None:
    """Each message of the source is translated once, none is doubtful, and none is left over."""
    catalog = read(language)
    there = {message.id if isinstance(message.id, str) else tuple(message.id) for message in catalog} - {""}
    assert used() - there == set()
    assert there - used() == set()
    lines = files(locales).joinpath(f"{language}.po").read_text(encoding="utf-8").splitlines()
    texts = [line for line in lines if line.startswith("msgid ") and line != 'msgid ""']
    assert len(texts) == len(set(texts))
    for message, source, target in messages(catalog):
        assert all(form.strip() for form in target), source
        assert not message.fuzzy, source
        assert len(target) == (catalog.num_plurals if message.pluralizable else 1), source


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_is_no_copy(language: str) -> None:
    """What has words in it reads otherwise in another language."""
    for _, source, target in messages(read(language)):
        words = re.sub(r"<[^>]*>|\{\w*\}|API key", "", source[0])
        if re.search(r"[A-Za-z]", words):
            assert target[0] != source[0]


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_keeps_what_is_no_word(language: str) -> None:
    """Placeholders, markup, commands, and the blanks and breaks around a text are those of the source."""
    for message, source, target in messages(read(language)):
        for form in target:
            wanted = marks(source[-1])
            if message.pluralizable and "{count}" not in form:
                wanted = ([name for name in wanted[0] if name != "{count}"], *wanted[1:])
            assert marks(form) == wanted, source
            assert form.count("\n") == source[-1].count("\n"), source
            assert (form[0].isspace(), form[-1].isspace()) == (
                source[0][0].isspace(),
                source[0][-1].isspace(),
            )


@pytest.mark.parametrize(
    ("language", "counts"),
    [("vi", {1: 0, 2: 0, 5: 0}), ("ru", {1: 0, 2: 1, 5: 2, 11: 2, 21: 0, 22: 1})],
)
def test_plurals_follow_the_language(language: str, counts: dict[int, int]) -> None:
    """A count takes the form that the language wants for it."""
    t = Translations().find(language)
    forms = read(language).get(("{count} active number", "{count} active numbers"))
    assert forms is not None
    for count, place in counts.items():
        shown = t.plural("{count} active number", "{count} active numbers", count)
        assert shown == list(forms.string or ())[place].format(count=count)


@pytest.mark.parametrize(
    ("asked", "language"),
    [("vi", "vi"), ("ru-RU", "ru"), ("RU", "ru"), ("uk", "en"), ("", "en"), (None, "en"), ("zh_Hant", "en")],
)
def test_a_language_is_found_by_its_code(asked: str | None, language: str) -> None:
    """Telegram's code leads to the catalog, whatever stands behind it; English is for everybody else."""
    assert Translations().find(asked).language == language
