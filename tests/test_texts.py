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
    Notice,
    NoticeKind,
    Offer,
    Operator,
    Page,
    Service,
    State,
    Step,
)
from bot.finder import Found
from bot.storage.statistics import Outcome
from bot.supply import Alternatives
from bot.telegram import callbacks, keyboards, texts
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
OUTCOME = Outcome("tg", NASTY, "10", (), 10**6, 10**6, (10**6,), Decimal(10**9))
ELSEWHERE = (
    Alternatives(),
    Alternatives(complete=False),
    Alternatives(operators=((Operator("viettel", NASTY), 10**9),)),
)
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
    problems = [texts.problems.problem(t, example(error)) for error in tree(errors.BotError)]
    provider_errors = [example(error) for error in tree(errors.ProviderError)]
    return [
        texts.key.welcome(t, NASTY, plain_http=True),
        texts.key.prompt(t),
        texts.key.screen(t, plain_http=True),
        texts.key.bound(t, amount, deleted=False, taken_over=50),
        *(
            texts.key.failed(t, error, deleted=False)
            for error in provider_errors
            if isinstance(error, errors.ProviderError)
        ),
        texts.key.not_a_key(t),
        texts.key.out_of_place(t, deleted=False),
        texts.key.unbind_question(t, 50),
        texts.key.unbind_question(t, 0),
        texts.key.unbound(t),
        texts.home.screen(t, amount, 50),
        texts.home.screen(t, None, 0),
        texts.home.balance_line(t, -amount),
        texts.home.help_text(t, lifetime=1200, cancel_after=120),
        texts.shop.choose_country(t),
        texts.shop.asking_for_all_countries(t),
        texts.shop.choose_service(t, NASTY),
        texts.shop.no_services(t, NASTY),
        texts.shop.found(t, NASTY),
        texts.shop.nothing_found(t, NASTY),
        texts.shop.found(t, NASTY, NASTY),
        texts.shop.nothing_found(t, NASTY, guesses=True),
        texts.shop.looking_for(t, NASTY * 9),
        texts.shop.asking_for_services(t, NASTY),
        texts.shop.asking_for_operators(t, NASTY, NASTY),
        texts.shop.asking_for_countries(t, NASTY),
        texts.shop.asking_for_price(t, NASTY, NASTY),
        texts.shop.choose_country_for(t, NASTY),
        texts.shop.nowhere(t, NASTY),
        texts.shop.choose_operator(t, NASTY, NASTY),
        texts.shop.choose_operator(t, NASTY, NASTY, price=amount, outcomes=[(NASTY, OUTCOME)] * 9),
        *(
            texts.shop.outcome(t, "Viettel", replace(OUTCOME, waits=waits))
            for waits in ((), (40,), (200, 240))
        ),
        *(texts.shop.who_else(t, NASTY, NASTY, others) for others in (None, *ELSEWHERE)),
        texts.shop.confirm(
            t,
            PAGE,
            country=NASTY,
            operators=NASTY,
            balance=None,
            count=0,
            asking=True,
            others=ELSEWHERE[0],
        ),
        texts.card.text(
            t,
            replace(ACTIVATION, state=State.REFUSED, refusal="NoNumbers", service_name=NASTY),
            country=NASTY,
            operators=NASTY,
            now=1,
            cancel_after=1,
            others=ELSEWHERE[0],
        ),
        texts.shop.choose_several(t, NASTY, NASTY),
        texts.shop.confirm(t, PAGE, country=NASTY, operators=NASTY, balance=amount, count=0),
        texts.shop.confirm(
            t, replace(PAGE, price=None), country="x", operators="x", balance=None, count=None
        ),
        *(
            texts.card.text(t, state, country=NASTY, operators=NASTY, now=1_800_000_000, cancel_after=120)
            for state in states
        ),
        *(message for code in CODES for message in texts.messages.code(t, ACTIVATION, code)),
        *texts.messages.code(t, ACTIVATION, Code(1, "", 1, earlier=True)),
        *texts.messages.code(t, ACTIVATION, Code(1, "👩‍👩‍👧<" * 2000, 1)),
        *(
            texts.messages.notice(t, state, Notice(1, kind))
            for kind in NoticeKind
            for state in (ACTIVATION, replace(ACTIVATION, phone=None, ending=Ending.TIME))
        ),
        texts.messages.notice(t, None, Notice(1, NoticeKind.KEY_REFUSED)),
        texts.steps.cancel_too_early(t, 2_000_000_000),
        texts.home.no_active(t),
        texts.home.active_list(t, 1),
        texts.home.active_list(t, 50),
        texts.problems.text_only(t),
        texts.problems.edited(t),
        texts.problems.unknown_command(t),
        texts.problems.unexpected(t),
        *problems,
        *(
            texts.steps.refused(t, step, error)
            for step in Step
            for error in provider_errors
            if isinstance(error, errors.ProviderError)
        ),
        *(
            texts.problems.refusal(t, word)
            for word in ("NothingBought", "Banned:<", "PriceTooLow:0.5", "Nonsense")
        ),
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
        texts.shop.buying(t),
        texts.problems.stale_button(t),
        texts.problems.private_only(t),
        texts.problems.not_allowed(t),
        texts.problems.too_fast(t),
        texts.shop.list_changed(t),
        texts.shop.choose_one_first(t),
        texts.steps.will_cancel(t),
        texts.steps.will_keep(t),
        *(texts.steps.checked(t, replace(ACTIVATION, state=state)) for state in State),
        *(
            texts.steps.done(t, step, ACTIVATION, replace(changed, state=state))
            for step, changed, state in product(Step, (ACTIVATION, after), State)
        ),
        *(
            judge(texts.problems.problem(t, example(error)))
            for error in tree(errors.RuleError)
            if error is not errors.PriceRose
        ),
    ]
    assert [toast for toast in toasts if utf16_length(toast) > 200] == []


@pytest.mark.parametrize("t", TRANSLATORS, ids=lambda t: t.language)
def test_the_menu_and_the_descriptions_fit(t: Translator) -> None:
    """Commands, description and short description keep Telegram's limits."""
    assert len(texts.profile.description(t)) <= 512
    assert len(texts.profile.short_description(t)) <= 120
    for name in texts.profile.COMMANDS:
        assert 1 <= len(texts.profile.command(t, name)) <= 256


def test_the_readme_and_the_help_name_every_command() -> None:
    """A command that can be typed stands in the README's table and in the help text."""
    readme = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `/(\w+)` \|", readme, flags=re.MULTILINE)
    assert rows == list(texts.profile.COMMANDS)
    shown = texts.home.help_text(TRANSLATORS[0], lifetime=1200, cancel_after=120)
    assert set(re.findall(r"^/(\w+)", shown, flags=re.MULTILINE)) == set(texts.profile.COMMANDS) - {"start"}


def test_every_error_has_its_own_sentence() -> None:
    """Each class of errors a user can meet has a sentence; only inner ones share the general one."""
    t = TRANSLATORS[0]
    general = texts.problems.unexpected(t)
    without = {
        error.__name__
        for error in tree(errors.BotError)
        if texts.problems.problem(t, example(error)) == general
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
    offers = [
        (country, Offer(country.id, service.code, Decimal("123456.1234"), 10**9)) for country in countries
    ]
    others = Alternatives(tuple(operators), tuple((each, 10**9) for each in operators), tuple(offers))
    sold_out = replace(ACTIVATION, state=State.REFUSED, refusal="NoNumbers")
    every = [
        keyboards.home.menu(t),
        keyboards.key.screen(t),
        keyboards.key.unbind(t),
        keyboards.shop.countries(t, countries, 99),
        keyboards.shop.services(t, "204204", choices, 98, several_countries=True),
        *(
            keyboards.shop.found(t, country, found, countries[:4], several_countries=True)
            for country in ("204204", None)
            for found in (Found(choices[:8]), Found(elsewhere=[service] * 4), Found(nearest=choices[:4]))
        ),
        keyboards.shop.where(t, service.code, offers, 99),
        keyboards.shop.on_its_way(t, callbacks.Operators(country="204204", service=service.code)),
        keyboards.shop.elsewhere(t, replace(ACTIVATION, service=service.code, country="204204"), others),
        keyboards.shop.confirm(t, replace(PAGE, service=service.code, country="204204"), others),
        keyboards.card.actions(t, replace(sold_out, service=service.code, country="204204"), others),
        keyboards.card.actions(t, sold_out),
        keyboards.buttons.try_again(t, callbacks.Where(service=service.code, page=99)),
        keyboards.shop.choose_operator(t, "204204", service.code, operators, {}, 10**9, 0),
        keyboards.shop.several(t, "204204", service.code, operators, chosen, 1),
        keyboards.shop.confirm(t, replace(PAGE, service=service.code, country="204204", token="x" * 16)),
        keyboards.card.too_early(t, 2**62),
        keyboards.home.active(t, [ACTIVATION] * 50),
        keyboards.card.again(t, ACTIVATION),
        *(
            keyboards.card.actions(t, replace(ACTIVATION, state=state, codes=codes))
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
