"""The words: complete, inside Telegram's limits, and valid as Telegram itself judges."""

import json
import re
from dataclasses import replace
from decimal import Decimal
from itertools import product
from pathlib import Path

import pytest
import tdjson

from bot import errors
from bot.catalog import Choice
from bot.domain import (
    Activation,
    Code,
    Country,
    Ending,
    NoticeKind,
    Offer,
    Operator,
    Page,
    Service,
    State,
    Step,
)
from bot.telegram import keyboards, texts
from bot.telegram.translations import Translations
from bot.telegram.translator import Html, Translator, clipped, utf16_length

NASTY = "<b>&\"' 👩‍👩‍👧 {x} %s " * 20
TRANSLATORS = Translations("USD").all()
ACTIVATION = Activation(
    id=2**62,
    token="t",
    user_id=2**62,
    key_id=1,
    service="tg",
    service_name=NASTY,
    country="10",
    operators=("viettel",),
    price=Decimal("123456789.1234"),
    state=State.WAITING,
    ordered_at=1_800_000_000,
    provider_id="9" * 16,
    phone="84912345678",
    bought_at=1_800_000_000,
    ends_at=1_800_001_200,
    cancel_from=1_800_000_120,
)
PAGE = Page("t", 1, "tg", NASTY, "10", ("viettel",), Decimal("123456789.1234"), 1)
CODES = tuple(Code(n, NASTY, 1_800_000_000, late=n % 2 == 0) for n in range(1, 30))


def judge(text: str) -> str:
    """Return the plain text as Telegram's own parser sees it; fail on what it refuses."""
    tdjson.td_execute(json.dumps({"@type": "setLogVerbosityLevel", "new_verbosity_level": 0}).encode())
    query = {"@type": "parseTextEntities", "text": text, "parse_mode": {"@type": "textParseModeHTML"}}
    answer = json.loads(tdjson.td_execute(json.dumps(query).encode()) or b"{}")
    assert answer["@type"] == "formattedText", f"{answer}: {text}"
    plain: str = answer["text"]
    return plain


def tree(error: type[errors.BotError]) -> list[type[errors.BotError]]:
    """Return an error class and all below it."""
    return [error, *(found for child in error.__subclasses__() for found in tree(child))]


def example(error: type[errors.BotError]) -> errors.BotError:
    """Return an error of a class, with extreme facts."""
    values: dict[str, object] = {
        "limit": 50,
        "shown": Decimal("0.0001"),
        "current": Decimal(99999999),
        "allowed_at": 2_000_000_000,
        "minimum": Decimal(99999999),
        "until": NASTY,
        "retry_after": 3600.0,
        "text": NASTY,
        "seconds": 3600.0,
        "problems": ["x"],
    }
    code = getattr(error.__init__, "__code__", None)
    names = code.co_varnames[1 : code.co_argcount] if code else ()
    return error(**{name: values[name] for name in names})


def every_text(t: Translator) -> list[Html]:
    """Return every text that goes into a message, with extreme values."""
    amount = Decimal("123456789.1234")
    states = [
        replace(ACTIVATION, state=state, ending=ending, codes=codes, refusal=refusal, **changes)
        for state, ending, codes, refusal in product(
            State, [None, *Ending], [(), CODES[:1], CODES], ["NoNumbers", "Charged:1.5", "Banned:x"]
        )
        for changes in ({}, {"cancel_wanted": True}, {"phone": None}, {"phone": "1"}, {"ends_at": 1})
    ]
    problems = [texts.problem(t, example(error)) for error in tree(errors.BotError)]
    provider_errors = [example(error) for error in tree(errors.ProviderError)]
    return [
        texts.welcome(t, NASTY, plain_http=True),
        texts.key_prompt(t),
        texts.key_screen(t, plain_http=True),
        texts.key_bound(t, amount, deleted=False, taken_over=50),
        *(
            texts.key_failed(t, error, deleted=False)
            for error in provider_errors
            if isinstance(error, errors.ProviderError)
        ),
        texts.not_a_key(t),
        texts.key_out_of_place(t, deleted=False),
        texts.unbind_question(t, 50),
        texts.unbind_question(t, 0),
        texts.unbound(t),
        texts.home(t, amount, 50),
        texts.home(t, None, 0),
        texts.balance_line(t, -amount),
        texts.help_text(t, lifetime=1200, cancel_after=120),
        texts.choose_country(t),
        texts.choose_service(t, NASTY),
        texts.no_services(t, NASTY),
        texts.found(t, NASTY),
        texts.nothing_found(t, NASTY),
        texts.choose_operator(t, NASTY, NASTY),
        texts.choose_several(t, NASTY, NASTY),
        texts.confirm(t, PAGE, country=NASTY, operators=NASTY, balance=amount, count=0),
        texts.confirm(t, replace(PAGE, price=None), country="x", operators="x", balance=None, count=None),
        *(
            texts.card(t, state, country=NASTY, operators=NASTY, now=1_800_000_000, cancel_after=120)
            for state in states
        ),
        *(message for code in CODES for message in texts.code_messages(t, ACTIVATION, code)),
        *texts.code_messages(t, ACTIVATION, Code(1, "", 1, earlier=True)),
        *texts.code_messages(t, ACTIVATION, Code(1, "👩‍👩‍👧<" * 2000, 1)),
        *(
            texts.notice(t, state, kind)
            for kind in NoticeKind
            for state in (ACTIVATION, replace(ACTIVATION, phone=None, ending=Ending.TIME))
        ),
        texts.notice(t, None, NoticeKind.KEY_REFUSED),
        texts.cancel_too_early(t, 2_000_000_000),
        texts.no_active(t),
        texts.active_list(t, 1),
        texts.active_list(t, 50),
        texts.text_only(t),
        texts.edited(t),
        texts.unknown_command(t),
        texts.unexpected(t),
        *problems,
        *(
            texts.step_refused(t, step, error)
            for step in Step
            for error in provider_errors
            if isinstance(error, errors.ProviderError)
        ),
        *(texts.refusal(t, word) for word in ("NothingBought", "Banned:<", "PriceTooLow:0.5", "Nonsense")),
    ]


@pytest.mark.parametrize("t", TRANSLATORS, ids=lambda t: t.language)
def test_every_text_is_valid_and_fits(t: Translator) -> None:
    """Telegram's own parser takes every text with the most extreme values, inside the limit of a message."""
    for text in every_text(t):
        plain = judge(text)
        assert 0 < utf16_length(plain) <= 4096
        assert "{" not in plain.replace("{x}", "")


@pytest.mark.parametrize("t", TRANSLATORS, ids=lambda t: t.language)
def test_every_toast_fits(t: Translator) -> None:
    """A toast holds 200 characters, so that no sentence is cut."""
    after = replace(ACTIVATION, codes=CODES)
    toasts = [
        texts.buying(t),
        texts.stale_button(t),
        texts.private_only(t),
        texts.not_allowed(t),
        texts.too_fast(t),
        texts.list_changed(t),
        texts.choose_one_first(t),
        texts.will_cancel(t),
        texts.will_keep(t),
        *(texts.checked(t, replace(ACTIVATION, state=state)) for state in State),
        *(
            texts.step_done(t, step, ACTIVATION, replace(changed, state=state))
            for step, changed, state in product(Step, (ACTIVATION, after), State)
        ),
        *(
            judge(texts.problem(t, example(error)))
            for error in tree(errors.RuleError)
            if error is not errors.PriceRose
        ),
    ]
    assert [toast for toast in toasts if utf16_length(toast) > 200] == []


@pytest.mark.parametrize("t", TRANSLATORS, ids=lambda t: t.language)
def test_the_menu_and_the_descriptions_fit(t: Translator) -> None:
    """Commands, description and short description keep Telegram's limits."""
    assert len(texts.description(t)) <= 512
    assert len(texts.short_description(t)) <= 120
    for name in texts.COMMANDS:
        assert 1 <= len(texts.command(t, name)) <= 256


def test_the_readme_and_the_help_name_every_command() -> None:
    """A command that can be typed stands in the README's table and in the help text."""
    readme = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `/(\w+)` \|", readme, flags=re.MULTILINE)
    assert rows == list(texts.COMMANDS)
    shown = texts.help_text(TRANSLATORS[0], lifetime=1200, cancel_after=120)
    assert set(re.findall(r"^/(\w+)", shown, flags=re.MULTILINE)) == set(texts.COMMANDS) - {"start"}


def test_every_error_has_its_own_sentence() -> None:
    """Each class of errors a user can meet has a sentence; only inner ones share the general one."""
    t = TRANSLATORS[0]
    general = texts.unexpected(t)
    without = {
        error.__name__ for error in tree(errors.BotError) if texts.problem(t, example(error)) == general
    }
    assert without == {
        "BotError",
        "SettingsError",
        "RuleError",
        "ProviderError",
        "DeliveryError",
        "ChatGone",
        "TryLater",
        "MessageRefused",
    }


def test_no_text_promises_a_refund() -> None:
    """What the provider does with the money is its word, not ours."""
    for t in TRANSLATORS[:1]:
        assert not [text for text in every_text(t) if "refund" in text.lower()]


@pytest.mark.parametrize("t", TRANSLATORS, ids=lambda t: t.language)
def test_every_keyboard_packs(t: Translator) -> None:
    """The largest keyboards keep Telegram's limits of bytes and buttons."""
    service = Service("a:b%c_d!", NASTY)
    choices = [Choice(service, Offer("204204", service.code, Decimal("123456.1234"), 10**9))] * 5000
    operators = [Operator(f"o!{number}:x", NASTY) for number in range(80)]
    countries = [Country(str(number), NASTY) for number in range(205)]
    chosen = {operator.code for operator in operators[:64]}
    every = [
        keyboards.home(t),
        keyboards.key(t),
        keyboards.unbind(t),
        keyboards.countries(t, countries, 99),
        keyboards.services(t, "204204", choices, 98, several_countries=True),
        keyboards.found(t, "204204", choices[:8]),
        keyboards.choose_operator(t, "204204", service.code, operators, {}, 10**9, 0),
        keyboards.several(t, "204204", service.code, operators, chosen, 1),
        keyboards.confirm(t, replace(PAGE, service=service.code, country="204204", token="x" * 16)),
        keyboards.too_early(t, 2**62),
        keyboards.active(t, [ACTIVATION] * 50),
        keyboards.again(t, ACTIVATION),
        *(
            keyboards.card(t, replace(ACTIVATION, state=state, codes=codes))
            for state, codes in product(State, ((), CODES[:1], (Code(1, "x" * 5000, 1),)))
        ),
    ]
    for keyboard in every:
        buttons = [button for row in keyboard.inline_keyboard for button in row]
        assert len(buttons) <= 100
        for button in buttons:
            assert button.text.strip()
            assert button.callback_data is None or 1 <= len(button.callback_data.encode()) <= 64
            assert button.copy_text is None or 1 <= utf16_length(button.copy_text.text) <= 256


def test_clipping_counts_as_telegram_does() -> None:
    """A clipped text never ends inside a pair of units, and never exceeds the limit."""
    for limit in range(2, 40):
        assert utf16_length(clipped("👩a" * 30, limit)) <= limit
        clipped("👩a" * 30, limit).encode()


def test_big_counts_are_short_on_narrow_buttons() -> None:
    """A count keeps its digits up to a thousand; beyond, a button shows about how many."""
    t = TRANSLATORS[0]
    assert [t.compact(count) for count in (7, 486, 999, 1874, 12345)] == ["7", "486", "999", "1.9K", "12.3K"]


def test_foreign_text_is_escaped_in_one_place() -> None:
    """Markup in a value is shown, not obeyed; markup of our own stays."""
    t = TRANSLATORS[0]
    assert t("<b>{name}</b> {own}", name="<i>", own=Html("<i>x</i>")) == "<b>&lt;i&gt;</b> <i>x</i>"
