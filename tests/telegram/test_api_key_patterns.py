"""Recognition of API keys: every form in any words, and nothing that people search for."""

import base64
import string
import unicodedata
from random import Random

import pytest
from babel import Locale
from hypothesis import given, strategies as st

from bot import data
from bot.telegram.api_key_patterns import find_keys, looks_like_key, may_hold_key, possible_key
from tests.conftest import KEY


def _text(alphabet: str, shortest: int, longest: int = 64) -> st.SearchStrategy[str]:
    return st.text(alphabet, min_size=shortest, max_size=longest)


def _has(*alphabets: str) -> "st.SearchStrategy[str]":
    """Return texts with a character of each alphabet."""
    parts = [_text(alphabet, 1, 10) for alphabet in alphabets]
    return st.tuples(*parts, _text("".join(alphabets), 16)).map("".join).flatmap(_shuffled)


def _shuffled(text: str) -> st.SearchStrategy[str]:
    return st.permutations(text).map("".join)


LETTERS, DIGITS, HEX = string.ascii_letters, string.digits, "0123456789abcdef"
FORMS: dict[str, st.SearchStrategy[str]] = {
    "letters and digits": _has(LETTERS, DIGITS),
    "32 hex": _text(HEX, 32, 32).filter(lambda key: len({*key}) > 2),
    "30 characters": _text(LETTERS + DIGITS, 30, 30).filter(lambda key: len({*key}) > 2),
    "UUID": st.uuids().map(str),
    "prefixed": st.tuples(st.sampled_from(["vsms_", "psk_", "stp_"]), _text(LETTERS + DIGITS, 12)).map(
        "".join
    ),
    "digits": _text(DIGITS, 16),
    "letters": _text(LETTERS, 30).filter(lambda key: len({*key}) > 2),
    "Base64": st.binary(min_size=13)
    .map(lambda raw: base64.b64encode(raw).decode())
    .filter(lambda key: key.endswith("=") or {"+", "/"} & {*key}),
}
SURROUNDINGS = st.tuples(
    st.sampled_from(
        ["", "my key: ", "key=", "hello,\n", "API-key:\t", "«", "(", "ключ ", "`", "SMS_KEY=", "\u200b"]
    ),
    st.sampled_from(["", " is it", "\nthanks", "»", ")", ".", ", please", "`", "\u200b", "\u00a0😀"]),
)

ONE_CASE = st.sampled_from([string.ascii_lowercase, string.ascii_uppercase]).flatmap(
    lambda letters: _text(letters, 16, 29).filter(lambda key: len({*key}) > 2)
)
"""Keys of letters of one case, which may look like words."""
LANGUAGES = [
    "cs",
    "da",
    "de",
    "en",
    "es",
    "fi",
    "fr",
    "hu",
    "id",
    "it",
    "nl",
    "pl",
    "pt",
    "ro",
    "sv",
    "tr",
    "vi",
]

CORPUS = sorted(
    {
        *data.service_names(),
        *data.service_names().values(),
        *data.country_names().values(),
        *(
            name
            for names in (data.service_aliases(), data.country_aliases(), data.country_operators())
            for group in names.values()
            for name in group
        ),
    }
)
"""What people search for."""


@pytest.mark.parametrize("form", FORMS)
@given(sample=st.data(), words=SURROUNDINGS)
def test_each_form_is_found_in_any_words(form: str, sample: st.DataObject, words: tuple[str, str]) -> None:
    """A key is found as it is, whatever stands before and behind it, and is not repeated."""
    key = sample.draw(FORMS[form])
    before, after = words
    assert find_keys(f"{before}{key}{after}") == (key,)
    assert may_hold_key(f"{before}{key}{after}")


@given(
    ONE_CASE,
    st.sampled_from(
        [("my key: ", ""), ("API key ", "."), ("hello,\n", "\nis my key"), ("ключ ", ""), ("key=", "")]
    ),
)
def test_letters_of_one_case_are_found_where_a_key_is_named(key: str, words: tuple[str, str]) -> None:
    """Letters that look like a word are a key if the text says so, and if they are its only long word."""
    before, after = words
    assert find_keys(f"{before}{key}{after}") == (key,)
    assert "internationalization" not in find_keys(f"{before}internationalization {key}{after}")


@given(ONE_CASE, SURROUNDINGS)
def test_letters_of_one_case_may_be_the_key_of_a_user_without_one(key: str, words: tuple[str, str]) -> None:
    """Without a key bound, any only long word of a text may be the key."""
    before, after = words
    assert possible_key(f"{before}{key}{after}".strip()) == key
    assert may_hold_key(f"{before}{key}{after}")


@pytest.mark.parametrize("letters", [string.ascii_lowercase, string.ascii_uppercase])
@pytest.mark.parametrize(("length", "share"), [(16, 0.93), (20, 0.95), (29, 0.98)])
def test_nearly_all_letters_of_one_case_are_found(letters: str, length: int, share: float) -> None:
    """Random letters are told from words by their pairs, also with a key bound."""
    chance = Random(1)  # noqa: S311  # reproducible, and no secret
    keys = ["".join(chance.choices(letters, k=length)) for _ in range(2000)]
    assert sum(find_keys(key) == (key,) for key in keys) >= share * len(keys)


def test_long_names_are_no_keys() -> None:
    """Of the long names of places, languages and currencies at most one in 500 is taken for a key."""
    names = set()
    for language in LANGUAGES:
        locale = Locale(language)
        for name in [*locale.territories.values(), *locale.languages.values(), *locale.currencies.values()]:
            letters = "".join(
                each for each in unicodedata.normalize("NFD", name.lower()) if "a" <= each <= "z"
            )
            names |= {letters} if 16 <= len(letters) <= 29 else set()
    assert len(names) > 2000
    assert len([name for name in names if find_keys(name)]) <= len(names) / 500


def test_nothing_that_people_search_for_is_a_key() -> None:
    """No service, country, operator or alias is taken for a key, alone or in lists."""
    assert len(CORPUS) > 2000
    assert [name for name in CORPUS if find_keys(name)] == []
    assert find_keys("\n".join(CORPUS)) == ()
    assert find_keys(",".join(CORPUS)) == ()


@given(st.lists(st.sampled_from(CORPUS), min_size=2, max_size=4))
def test_no_search_of_several_names_is_a_key(names: list[str]) -> None:
    """Names with spaces between them are no keys."""
    assert find_keys(" ".join(names)) == ()


@pytest.mark.parametrize(
    "text",
    [
        "telegram vietnam",
        "internationalization",
        "counterrevolutionaries",
        "Rechtsschutzversicherung",
        "nguyenthiminhkhai",
        "TelegramVietnamPremium",
        "viber/whatsapp/telegram",
        "+84 987 654 321",
        "+84987654321",
        "849876543210123",
        "12345678",
        "2026-11-27T22:00:33",
        "john.smith1985@gmail.com",
        "vacation_photo_2026.jpg",
        "https://t.me/some_channel/12345",
        "https://t.me/sms_bot?start=buy_10_tg_viettel-mobifone",
        "/start buy_10_tg_viettel-vietnamobile2",
        "/start buy_1111111111111111111111111111111111111111_tg",
        "8498,8497,8496,8495,8494,8493",
        "длинноерусскоеслово",
        "x" * 4000,
        "ha" * 50,
    ],
)
def test_other_texts_are_no_keys(text: str) -> None:
    """Words, phone numbers, codes, dates, addresses and links are no keys."""
    assert find_keys(text) == ()


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        (f"http://vps.sms3t.com/stubs/handler_api.php?api_key={KEY}&action=getBalance", (KEY,)),
        (f"{KEY}\n{KEY}", (KEY,)),
        (f"{KEY} {KEY[::-1]}", (KEY, KEY[::-1])),
        ("abcdefghijklmnopqrstuvwxyz", ("abcdefghijklmnopqrstuvwxyz",)),
        ("aBcDeFgHiJkLmNoP", ("aBcDeFgHiJkLmNoP",)),
        ("a1b2-c3d4-e5f6-a7b8", ("a1b2-c3d4-e5f6-a7b8",)),
    ],
)
def test_keys_in_special_texts(text: str, keys: tuple[str, ...]) -> None:
    """Keys in addresses, repeated keys, several keys, and unusual ones."""
    assert find_keys(text) == keys


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (KEY, True),
        ("key-12", True),
        ("valid-api-key", True),
        ("abcdefghijklmnopqrstuvwxyz", True),
        ("Telegram", False),
        ("two words1", False),
        ("кл1ючключ", False),
        ("a1", False),
        ("x1" * 200, False),
        ("", False),
    ],
)
def test_what_looks_like_a_key(text: str, expected: bool) -> None:
    """A short key of a user without a key is one piece of plain characters that is no mere word."""
    assert looks_like_key(text) is expected
