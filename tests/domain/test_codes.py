"""The code that is picked out of the text of an SMS."""

import time
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, strategies

from bot.domain import picked_code

SMS = [
    (language, text, code)
    for file in ("sms_seen.toml", "sms_held_out.toml")
    for language, pairs in tomllib.loads(Path(__file__).with_name(file).read_text("utf-8")).items()
    for text, code in pairs
]


def test_the_code_is_picked_in_every_language() -> None:
    """In the texts of the two files the code is found; where it is not clear, nothing is picked."""
    wrong = [(text, code, picked_code(text)) for _, text, code in SMS if (picked_code(text) or "") != code]
    assert not wrong
    assert len(SMS) > 200
    assert len({language for language, _, code in SMS if code}) > 10


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Your code: 123-456", "123456"),
        ("Use 123 456 to verify your account", "123456"),
        ("G-914075 is your Google verification code.", "914075"),
        ("رمز التحقق: ٤٨٢١٣", "48213"),
        ("Your code is ab3f9k", "ab3f9k"),
        ("Your code: X7K-93P", "X7K-93P"),
    ],
)
def test_the_code_is_what_people_type(text: str, code: str) -> None:
    """Digits lose their separator and a prefix that no form asks for; letters keep theirs."""
    assert picked_code(text) == code


@pytest.mark.parametrize(
    "piece", ["1", "a", "x", "1-", "a.", "code", "1234 ", "code is ", "Your code: 48213 "]
)
def test_a_hostile_text_takes_no_time(piece: str) -> None:
    """A long text made to be slow to search is searched in a fraction of a second."""
    begin = time.perf_counter()
    picked_code(piece * 5000)
    assert time.perf_counter() - begin < 1


@given(strategies.text())
def test_what_is_picked_is_in_the_text(text: str) -> None:
    """Whatever the text, the answer is None or a code of 4 to 11 letters, digits and hyphens."""
    code = picked_code(f"code: {text}")
    assert code is None or (code.replace("-", "").isalnum() and 4 <= len(code) <= 11)
