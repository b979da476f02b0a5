"""Invisible control characters: no text of the provider brings one to a screen, a button or the clipboard."""

import json
from unicodedata import category

import pytest
from hypothesis import given, strategies as st

from bot.domain import Activation, Code, State, picked_code, visible
from bot.provider import tables, wire
from bot.sandbox.provider import SMS_ACTIVATE, FaultKind
from bot.telegram import keyboards, texts
from bot.telegram.translations import Translations
from tests.conftest import World

DIRECTIONS = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
OTHERS = "\0\x07\x1b\x7f\x85\u00ad\u200b\u2060\ufeff\U000e0041"
JOINERS = "\u200c\u200d"
DIRTY = st.text(st.sampled_from("aZ9 é語ا🙂" + DIRECTIONS + OTHERS + JOINERS), max_size=30)
T = Translations().find("en")


def has_hidden(text: str) -> bool:
    """Return whether a text has a character that no text may have when it is shown."""
    return any(category(each) in ("Cc", "Cf") and each not in "\n\t\u200c\u200d" for each in text)


@given(DIRTY)
def test_nothing_hidden_is_left_and_nothing_seen_is_lost(text: str) -> None:
    """What is seen stays in its order; a joiner stays only behind a letter or emoji that it may join."""
    shown = visible(text)
    assert not has_hidden(shown)
    seen = [each for each in text if category(each) not in ("Cc", "Cf")]
    assert [each for each in shown if each not in JOINERS] == seen
    assert all(before in "ا🙂" for before, each in zip(" " + shown, shown, strict=False) if each in JOINERS)
    assert visible(shown) == shown


@pytest.mark.parametrize(
    "text",
    [
        "👩\u200d👩\u200d👧",
        "🏳\ufe0f\u200d🌈",
        "👩🏽\u200d💻",
        "می\u200cخواهم",
        "ക\u0d4d\u200d",
        "क\u094d\u200dष",
        "\u0600١٢",  # an Arabic number sign is seen
        "two\nlines\tand a tab",
        "Zürich – 東京",
    ],
)
def test_what_shapes_a_text_stays(text: str) -> None:
    """Joined emoji and letters, line breaks, and signs that are seen are no control characters."""
    assert visible(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("12\u200d34", "1234"),
        ("\u202e4321\u202c", "4321"),
        ("語\u200dx", "語x"),
        ("🙂\u200d", "🙂"),
        ("\u2068G-77\u2069\r\n", "G-77\n"),
    ],
)
def test_what_only_hides_goes(text: str, shown: str) -> None:
    """Without the hidden characters a code is what its reader sees."""
    assert visible(text) == shown


@given(DIRTY)
def test_every_text_of_the_provider_is_clean_behind_the_client(dirty: str) -> None:
    """Names and words of errors are cleaned where answers are read."""
    row = {"id": "10", "eng": dirty, "code": "tg", "name": dirty}
    listed = [{"activationId": "1", "phoneNumber": dirty}]
    found = [
        *tables.countries([row]).values(),
        *tables.services([row]).values(),
        tables.active(listed)[0].phone or "",
        tables.clean_name(dirty),
    ]
    for body in (f"BANNED:{dirty}", json.dumps({"title": "BANNED", "info": {"banned_until": dirty}})):
        with pytest.raises(Exception) as caught:  # noqa: PT011  # a word without letters is another error
            wire.read(body.encode(), status=400)
        found += [str(getattr(caught.value, "until", None)), str(caught.value)]
    assert not any(map(has_hidden, found))


@given(DIRTY)
def test_a_code_is_stored_as_received_and_shown_clean(dirty: str) -> None:
    """Messages, the card and the copy button have the clean code; the stored text is what came."""
    code = Code(1, dirty, 1)
    number = Activation(
        1,
        "t",
        1,
        1,
        "own",
        "tg",
        "Telegram",
        "10",
        (),
        None,
        State.RECEIVED,
        0,
        provider_id="1",
        codes=(code,),
    )
    rows = keyboards.card.code(T, number, code).inline_keyboard
    copied = [button.copy_text.text for row in rows for button in row if button.copy_text]
    assert copied == ([picked_code(visible(dirty)) or visible(dirty)] if visible(dirty).strip() else [])
    assert not any(map(has_hidden, [*texts.messages.pieces(code), *copied]))
    assert code.text == dirty


async def test_no_screen_has_a_hidden_character(world: World) -> None:
    """With hidden characters in every list and SMS, no message, button or answer to a tap has one."""
    hidden = DIRECTIONS + OTHERS
    world.provider.dialect = SMS_ACTIVATE
    services = {"status": "success", "services": [{"code": "tg", "name": f"{hidden}Tele{hidden}gram"}]}
    answers = {
        "getServicesList": services,
        "getCountries": {"10": {"id": 10, "eng": f"Viet{hidden}nam", "visible": 1}},
        "getOperators": {"status": "success", "countryOperators": {"10": [f"viet{hidden}tel", "x"]}},
        "getPrices": {"10": {"tg": {"cost": 0.5, "count": 3}, "z\u202ez": {"cost": 1, "count": 2}}},
    }
    for action, answer in answers.items():
        world.provider.fail(FaultKind.BODY, action=action, times=None, body=json.dumps(answer))
    await world.start(countries="all")
    ann = await world.customer()
    await ann.send("/buy")
    await ann.click("By country")
    await ann.click("🇻🇳 Vietnam")
    await ann.sees("Choose a service")
    await ann.send("telegram vietnam")
    await ann.sees("Choose an operator")
    assert "Viettel" in " ".join((await ann.sees("Choose an operator")).labels)
    await ann.click("Any operator")
    await ann.click("Buy", message=await ann.sees("Buy this number?"))
    await ann.sees("Waiting for the code")
    (number,) = world.provider.numbers.values()
    world.provider.deliver(number.id, f"{hidden}12{hidden}345")
    await ann.sees("· Telegram", "12345")
    await ann.sees("Code received", "12345")
    await ann.send("/history")
    await ann.sees("Spent today")
    for message in ann.messages:
        labels = [f"{button.text}{button.copy_text or ''}" for button in message.buttons]
        assert not any(map(has_hidden, [message.text, *labels])), message.text
