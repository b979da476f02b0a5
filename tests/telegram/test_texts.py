"""The words: complete, inside Telegram's limits, and valid as Telegram itself judges."""

import functools
import json
import re
from dataclasses import replace
from decimal import Decimal
from itertools import product
from pathlib import Path

import pytest
import tdjson

from bot import errors, favourites
from bot.accounts.preferences import Preference
from bot.activations.card_notes import CancelLater, ChooseNumber, StepFailed, StillUnclear
from bot.activations.elsewhere import NumberElsewhere
from bot.activations.purchases import Terms
from bot.alerts import alerts
from bot.alerts.alerts import AlertMatch, UserAlerts
from bot.catalog.availability import Alternatives
from bot.catalog.search import SearchResult
from bot.domain import (
    Activation,
    Alert,
    Choice,
    Code,
    Country,
    DeletionState,
    Ending,
    Favourite,
    HistoryEntry,
    HistoryPage,
    ListedActivation,
    Notice,
    NoticeKind,
    Offer,
    Operator,
    Outcome,
    PriceSum,
    PurchasedService,
    Quote,
    Result,
    Service,
    Spending,
    State,
    Step,
    StoredData,
    UserPreferences,
)
from bot.favourites import Shortcuts
from bot.history.export import ExportFormat
from bot.telegram import callbacks, keyboards, texts
from bot.telegram.prompts import TYPED
from bot.telegram.translations import LANGUAGES, Translations
from bot.telegram.translator import Html, Translator, clipped, utf16_length

NASTY = "<b>&\"' 👩‍👩‍👧 {x} %s " * 20
TRANSLATORS = Translations("USD").all()
ACTIVATION = Activation(
    id=2**62,
    token="t",
    user_id=2**62,
    key_id=1,
    provider="own",
    service="tg",
    service_name=NASTY,
    country="10",
    operators=("viettel",),
    price=Decimal("123456789.1234"),
    state=State.WAITING,
    ordered_at=1_800_000_000,
    provider_id="9" * 16,
    balance_after=Decimal("123456789.1234"),
    phone="84912345678",
    bought_at=1_800_000_000,
    ends_at=1_800_001_200,
    cancel_from=1_800_000_120,
)
TAKEN_OVER = replace(ACTIVATION, taken_over=True, bought_at=None, price=None, cancel_from=None)
NUMBERS_ELSEWHERE = [
    NumberElsewhere(ListedActivation("9" * 64, "tg", "10", phone), NASTY, "0" * 24)
    for phone in (None, "849********1", NASTY)
]
CHARGED = replace(ACTIVATION, charged=Decimal("999999999.1234"))
PAGE = Quote("t", 1, "tg", NASTY, "10", ("viettel",), Decimal("123456789.1234"), 1, "own")
ELSEWHERE = (
    Alternatives(),
    Alternatives(complete=False),
    Alternatives(operators=((Operator("viettel", NASTY), 10**9),)),
    Alternatives(operators=((Operator("viettel", NASTY), 10**9),), doubtful=True),
    Alternatives(
        operators=((Operator("viettel", NASTY), 10**9),),
        countries=((Country("10", NASTY), Offer("10", "tg", Decimal("0.1"), 10**9)),),
        doubtful=True,
    ),
)
ENTRY = HistoryEntry(2**62, NASTY, "849" * 9, State.WAITING, None, 1_800_000_000, with_code=False)
LADDER = Offer("10", "tg", Decimal("123456789.1234"), 10**9, several_prices=True)
LADDER_PAGE = replace(PAGE, several_prices=True)
LISTING = HistoryPage((ENTRY,) * 8, page=5, pages=10**8, count=10**9, service_name=NASTY)
OUTCOME = Outcome(
    bought=10**9,
    with_code=10**9,
    waits=(10**9,),
    spent=Decimal("123456789.1234"),
    unpriced=5,
    estimated=5,
    service="tg",
    service_name=NASTY,
    country="10",
    operators=("viettel",) * 20,
)
SERVICE = Service("tg", NASTY)
FOUND = Choice(SERVICE, Offer("10", "tg", None, None))
RESULTS = (
    SearchResult(),
    SearchResult([FOUND]),
    SearchResult(nearest=[FOUND]),
    SearchResult(operators=("viettel",) * 9),
    SearchResult(unlisted=SERVICE),
)
DETAILS = {"balance": "-123456789.1234", "threshold": "123456789.1234", "text": "x"}
CHOSEN = UserPreferences(
    day_limit=Decimal("9999999.9999"),
    price_limit=Decimal("0.0001"),
    max_active=50,
    prefixes=("123456789",) * 20,
    complete_after_code=True,
    low_balance=Decimal("9999999.9999"),
    delete_codes_after=24 * 3600,
)
ALERT = Alert(1, 1, "tg", NASTY, "10", ("viettel",) * 20, Decimal("123456789.1234"), 1, 2_000_000_000, "own")
ENDED = replace(ALERT, price_limit=None, ends_at=1)
LISTED = UserAlerts((ALERT,) * alerts.LIMIT, (ENDED,) * alerts.LIMIT)
CODES = tuple(Code(n, NASTY, 1_800_000_000, late=n % 2 == 0) for n in range(1, 30))


CANDIDATES = ChooseNumber(tuple(ListedActivation(f"{n}-" * 40, None, None, "849" * 5) for n in range(9)))
REFUSED_STEPS = (StepFailed(Step.CANCEL, errors.StepRefused()), StepFailed(Step.RESEND, errors.Banned(NASTY)))


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
        "held": 50,
        "count": 50,
        "price": Decimal("123456.1234"),
        "spent": Decimal("123456.1234"),
        "wrong": NASTY,
        "shown": Decimal("0.0001"),
        "current": Decimal(99999999),
        "allowed_at": 2_000_000_000,
        "minimum": Decimal(99999999),
        "until": NASTY,
        "retry_after": 3600.0,
        "text": NASTY,
        "seconds": 3600.0,
        "problems": ["x"],
        "bound_for": NASTY,
        "needed_for": NASTY,
        "own": False,
    }
    code = getattr(error.__init__, "__code__", None)
    names = code.co_varnames[1 : code.co_argcount] if code else ()
    return error(**{name: values[name] for name in names})


@functools.cache
def every_text(t: Translator) -> frozenset[Html]:
    """Return every text that goes into a message, with extreme values; equal texts are judged once."""
    amount = Decimal("123456789.1234")
    states = [
        replace(ACTIVATION, state=state, ending=ending, codes=codes, refusal=refusal, **changes)
        for state, ending, codes, refusal in product(
            State, [None, *Ending], [(), CODES[:1], CODES], ["NoNumbers", "Charged:1.5", "Banned:x"]
        )
        for changes in (
            {},
            {"cancel_scheduled": True},
            {"phone": None},
            {"phone": "1"},
            {"ends_at": 1},
            {"hide_codes_at": 1},
            {"charged": Decimal("999999999.1234")},
            {"phone": None, "details_deleted": True},
            {"bought_at": 1_799_999_000, "ends_at": 1_800_000_100},
        )
    ]
    problems = [texts.problems.problem(t, example(error)) for error in tree(errors.BotError)]
    provider_errors = [example(error) for error in tree(errors.ProviderError)]
    every = [
        texts.api_key.welcome(t, NASTY, plain_http=True),
        texts.api_key.prompt(t),
        texts.api_key.screen(t, NASTY, plain_http=True),
        texts.api_key.bound(t, amount, DeletionState.PENDING, taken_over=50),
        *(
            texts.api_key.failed(t, error, DeletionState.PENDING)
            for error in provider_errors
            if isinstance(error, errors.ProviderError)
        ),
        texts.api_key.not_a_key(t, stays=True),
        texts.api_key.perhaps_a_key(t),
        *(
            answer(t, state)
            for state in DeletionState
            for answer in (texts.api_key.not_a_key, texts.api_key.several_keys, texts.api_key.out_of_place)
        ),
        texts.api_key.unbind_question(t, 50, alerts=True),
        texts.api_key.unbind_question(t, 0, alerts=False),
        texts.api_key.unbound(t),
        texts.home.screen(t, amount, 50),
        texts.home.screen(t, None, 0),
        texts.home.screen(t, None, 0, loading=True),
        texts.home.balance_line(t, -amount),
        texts.home.help_text(t, lifetime=1200, cancel_after=120),
        texts.shop.choose_country(t),
        texts.shop.asking_for_all_countries(t),
        texts.shop.choose_service(t, NASTY),
        texts.shop.no_services(t, NASTY),
        *(
            texts.search.screen(t, query, result, mine, country)
            for result, mine, query, country in product(
                RESULTS, ((), (ENTRY,)), (NASTY * 9, "8" * 99), (None, NASTY)
            )
        ),
        texts.search.looking_for(t, NASTY * 9),
        texts.shop.asking_for_services(t, NASTY),
        texts.shop.asking_for_operators(t, NASTY, NASTY),
        texts.shop.asking_for_countries(t, NASTY),
        texts.shop.asking_for_price(t, NASTY, NASTY),
        texts.shop.choose_country_for(t, NASTY, available=True),
        texts.shop.choose_country_for(t, NASTY, available=False),
        texts.shop.nowhere(t, NASTY),
        texts.shop.choose_operator(t, NASTY, NASTY),
        texts.shop.choose_operator(t, NASTY, NASTY, offer=LADDER, outcomes=[(NASTY, OUTCOME)] * 9),
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
            terms=Terms(),
            loading=True,
            just_refused=True,
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
        *(
            texts.shop.confirm(
                t,
                PAGE,
                country=NASTY,
                operators=NASTY,
                balance=amount,
                count=0,
                terms=Terms(("123456789",) * 20, amount, objection),
            )
            for objection in (
                errors.OverPriceLimit(amount, amount),
                errors.OverDayLimit(amount, amount, amount),
                errors.PriceUnknown(),
            )
        ),
        texts.shop.confirm(
            t,
            replace(PAGE, price=None),
            country="x",
            operators="x",
            balance=None,
            count=None,
            terms=Terms(),
        ),
        *(texts.preferences.screen(t, chosen, NASTY, 50) for chosen in (UserPreferences(), CHOSEN)),
        *(
            texts.preferences.setting(
                t, preference, chosen, language=NASTY, most=50, spent=spent, now=1_800_000_000
            )
            for preference, chosen in product(Preference, (UserPreferences(), CHOSEN))
            for spent in (PriceSum(1, amount, 0, 1), PriceSum(1, amount))
        ),
        *(texts.preferences.prompt(t, preference) for preference in TYPED),
        *(texts.preferences.details(t, preference) for preference in Preference),
        texts.messages.notice(t, None, Notice(1, NoticeKind.LOW_BALANCE, DETAILS)),
        *(
            texts.card.text(t, state, country=NASTY, operators=NASTY, now=1_800_000_000, cancel_after=120)
            for state in states
        ),
        *(message for code in CODES for message in texts.messages.code(t, ACTIVATION, code)),
        *texts.messages.code(t, ACTIVATION, Code(1, "", 1, earlier=True)),
        *texts.messages.code(t, ACTIVATION, Code(1, "👩‍👩‍👧<" * 2000, 1)),
        *filter(None, [texts.messages.undelivered(t, count) for count in (0, 1, 50)]),
        texts.messages.file_caption(t),
        *(
            texts.messages.notice(t, state, Notice(1, kind, DETAILS))
            for kind in NoticeKind
            if kind is not NoticeKind.ALERT
            for state in (ACTIVATION, replace(ACTIVATION, phone=None, ending=Ending.TIME), CHARGED)
        ),
        texts.messages.notice(t, None, Notice(1, NoticeKind.KEY_REFUSED)),
        texts.card.moved(t),
        texts.alerts.none(t),
        texts.alerts.ask_limit(t, PAGE, country=NASTY, operators=NASTY),
        texts.alerts.ask_limit(t, LADDER_PAGE, country=NASTY, operators=NASTY),
        *(
            texts.prices.about(t, amount, several_prices=several, ceiling=ceiling)
            for several, ceiling in ((False, amount), (True, None), (True, amount))
        ),
        *(
            texts.problems.refusal(t, word)
            for word in ("NoNumbers:0.1", "PriceTooLow:0.5:0.1", "PriceTooLow::0.1", "PriceTooLow:0.5")
        ),
        texts.alerts.ask_limit(t, replace(PAGE, price=None), country="x", operators="x"),
        *(texts.alerts.added(t, one, country=NASTY, operators=NASTY) for one in (ALERT, ENDED)),
        texts.alerts.available(
            t,
            AlertMatch(1, NASTY, "10", ("x",), 10**9, amount, 1_800_000_000),
            country=NASTY,
            operators=NASTY,
        ),
        texts.alerts.available(t, AlertMatch(1, "x", "10", (), 1, None, 1), country="x", operators="x"),
        texts.alerts.screen(t, LISTED, lambda _: NASTY, lambda _: NASTY, asleep=True),
        texts.favourites.none(t),
        texts.favourites.screen(t),
        texts.favourites.removing(t),
        *(
            texts.card.text(
                t,
                replace(ACTIVATION, state=state, refusal="Several:2"),
                country=NASTY,
                operators=NASTY,
                now=1,
                cancel_after=120,
                note=note,
            )
            for state in (State.WAITING, State.UNKNOWN, State.RECEIVED)
            for note in (CancelLater(2_000_000_000), CANDIDATES, StillUnclear(), *REFUSED_STEPS)
        ),
        texts.home.no_active(t),
        texts.home.active_list(t, 1),
        texts.home.active_list(t, 50),
        texts.elsewhere.offer(t, 1),
        texts.elsewhere.refused(t, errors.AlreadyTakenOver(own=True)),
        texts.elsewhere.offer(t, 10**9),
        *(
            texts.card.text(t, taken, country=NASTY, operators="", now=1, cancel_after=120)
            for taken in (TAKEN_OVER, replace(TAKEN_OVER, phone=None))
        ),
        texts.history.empty(t),
        *(
            texts.history.screen(t, replace(LISTING, count=count), Spending(sum_, sum_, sum_))
            for count, sum_ in product(
                (0, 1, 10**9), (PriceSum(), PriceSum(1, Decimal(0), 1), PriceSum(10**9, amount, 9, 9))
            )
        ),
        texts.history.choose_result(t),
        texts.history.counting(t),
        texts.history.choose_service(t),
        texts.statistics.no_statistics(t),
        texts.statistics.caption(t, OUTCOME),
        texts.statistics.caption(t, replace(OUTCOME, bought=1, with_code=1)),
        texts.statistics.statistics(t, [(NASTY[:60], OUTCOME)] * 12, OUTCOME),
        texts.statistics.statistics(t, [], replace(OUTCOME, with_code=0, waits=(), unpriced=0, estimated=0)),
        texts.history.forget_question(t, StoredData(key=True, activations=9, favourites=1, alerts=1)),
        texts.history.forget_question(t, StoredData(key=False, activations=0, favourites=0, alerts=0)),
        texts.history.forget_blocked(t, 50),
        texts.history.codes_on_the_way(t, 1),
        texts.history.forgotten(t),
        *(
            texts.inline.message(t, Choice(Service("tg", NASTY), offer), NASTY, linked=linked)
            for linked in (True, False)
            for offer in (Offer("10", "tg", amount, 1), LADDER, Offer("10", "tg", None, None))
        ),
        texts.deep_links.unknown(t),
        texts.deep_links.opened_later(t),
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
    return frozenset(every)


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
        *(
            texts.preferences.saved(t, each, chosen, LANGUAGES[t.language], 50)
            for each, chosen in product(Preference, (UserPreferences(), CHOSEN))
            if each is not Preference.PREFIXES
        ),
        texts.problems.stale_button(t),
        texts.problems.private_only(t),
        texts.problems.not_allowed(t),
        texts.problems.too_fast(t),
        texts.shop.list_changed(t),
        texts.shop.choose_one_first(t),
        *(texts.favourites.starred(t, kept=kept) for kept in (True, False)),
        texts.alerts.stopped(t),
        texts.steps.checking(t),
        texts.steps.one_moment(t),
        texts.problems.too_soon(t),
        *(texts.steps.doing(t, step) for step in Step),
        texts.steps.will_cancel(t),
        texts.steps.will_keep(t),
        texts.elsewhere.taking(t),
        texts.elsewhere.taken(t),
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


@pytest.mark.parametrize("t", TRANSLATORS, ids=lambda t: t.language)
def test_the_results_of_inline_mode_fit(t: Translator) -> None:
    """What stands over and in the list of results is there and short enough for one line."""
    choice = Choice(Service("tg", NASTY), Offer("10", "tg", Decimal("123456789.1234"), 10**9))
    lines = [
        texts.inline.title(t, choice),
        texts.inline.title(t, Choice(Service("tg", "T"), Offer("10", "tg", None, None))),
        texts.inline.title(t, Choice(Service("tg", "T"), Offer("10", "tg", None, 0))),
        texts.inline.description(t, "Vietnam"),
        texts.inline.bind_first(t),
        texts.inline.choose_country_first(t),
        texts.inline.nothing_found(t),
        texts.inline.open_chat(t),
    ]
    assert [line for line in lines if not 0 < utf16_length(line) <= 128] == []


def test_the_readme_and_the_help_name_every_command() -> None:
    """A command that can be typed stands in the README's table and in the help text."""
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
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
        "ProviderChanged",
        "RuleError",
        "ProviderError",
        "DeliveryError",
        "ChatGone",
        "ChatNotFound",
        "TryLater",
        "AnswerLost",
        "EditLater",
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
    kept = [Favourite(2**62, service.code, NASTY, "204204", ("o!1:x", "o!2:x"), "own")] * favourites.LIMIT
    first = Shortcuts(tuple(kept[: favourites.SHOWN_FIRST]), (ACTIVATION,) * favourites.RECENT_SHOWN_FIRST)
    shortcuts = keyboards.favourites.shortcuts(t, first, lambda _: NASTY)
    every = [
        keyboards.home.menu(t),
        keyboards.deep_links.open_offer(t, "https://t.me/a_bot?start=buy_10_tg"),
        keyboards.deep_links.way_on(t),
        keyboards.api_key.screen(t),
        keyboards.api_key.unbind(t),
        keyboards.shop.countries(t, countries, 99),
        keyboards.shop.services(t, "204204", choices, 98, several_countries=True),
        *(
            keyboards.search.found(
                t,
                country,
                found,
                several_countries=True,
                places=countries[:4],
                operators=operators if found.operators else (),
                mine=[ENTRY] * 8,
            )
            for country in ("204204", None)
            for found in (
                SearchResult(choices[:8]),
                SearchResult(choices[:8], operators=tuple(operator.code for operator in operators)),
                SearchResult(elsewhere=[service] * 4),
                SearchResult(nearest=choices[:4]),
                SearchResult(unlisted=service, any_other=choices[0]),
            )
        ),
        keyboards.shop.where(t, service.code, offers, 99),
        keyboards.quotes.on_its_way(t, callbacks.ShowOperators(country="204204", service=service.code)),
        keyboards.quotes.elsewhere(t, replace(ACTIVATION, service=service.code, country="204204"), others),
        keyboards.quotes.confirm(
            t, replace(PAGE, service=service.code, country="204204"), kept=True, count=0, others=others
        ),
        keyboards.card.actions(t, replace(sold_out, service=service.code, country="204204"), 1, others),
        keyboards.card.actions(t, sold_out, 1),
        keyboards.buttons.try_again(t, callbacks.ShowServiceCountries(service=service.code, page=99)),
        keyboards.operators.choose_operator(t, "204204", service.code, operators, {}, 10**9, 0),
        keyboards.operators.several(t, "204204", service.code, operators, chosen, 1),
        keyboards.quotes.confirm(
            t, replace(PAGE, service=service.code, country="204204", token="x" * 16), kept=False, count=0
        ),
        keyboards.favourites.screen(t, kept, lambda _: NASTY, LISTED),
        keyboards.alerts.ask_limit(t, replace(PAGE, service=service.code, token="x" * 16)),
        keyboards.alerts.ask_limit(t, replace(PAGE, price=None)),
        keyboards.alerts.added(t),
        keyboards.alerts.available(t, 2**62),
        keyboards.alerts.stopped(t, 2**62),
        keyboards.alerts.screen(t, LISTED.running, lambda _: NASTY),
        keyboards.favourites.removing(t, kept, lambda _: NASTY),
        keyboards.shop.services(t, "204204", choices, 0, several_countries=True, shortcuts=shortcuts),
        keyboards.shop.countries(t, countries, 0, shortcuts=shortcuts),
        keyboards.card.actions(t, ACTIVATION, 1, note=CancelLater(2_000_000_000)),
        keyboards.card.actions(t, replace(ACTIVATION, state=State.UNKNOWN), 1, note=CANDIDATES),
        keyboards.home.active(t, [ACTIVATION] * 50),
        keyboards.home.active(t, [ACTIVATION] * 50, NUMBERS_ELSEWHERE * 100),
        keyboards.card.again(t, ACTIVATION),
        keyboards.history.empty(t),
        *(keyboards.history.screen(t, LISTING, "a:b%c_d!" * 2, result, 1) for result in Result),
        keyboards.history.results(t, "a:b%c_d!" * 2, Result.CODE),
        *(
            keyboards.history.services(
                t, [PurchasedService("a:b%c_d!", NASTY, 10**9)] * 500, "tg", result, 20
            )
            for result in Result
        ),
        keyboards.history.back(t),
        keyboards.history.forget(t),
        keyboards.history.forget_later(t, [ACTIVATION] * 50),
        *(
            keyboards.card.actions(t, replace(ACTIVATION, state=state, codes=codes, refusal="NoNumbers"), now)
            for state, codes, now in product(
                State, ((), CODES[:1], (Code(1, "x" * 5000, 1),)), (1_800_000_000, 1_800_001_100)
            )
        ),
        keyboards.preferences.menu(t),
        *(keyboards.preferences.details(t, preference) for preference in Preference),
        keyboards.preferences.low_balance(t),
        *(
            keyboards.preferences.setting(t, preference, chosen, languages=LANGUAGES, most=50, now=1)
            for preference, chosen in product(Preference, (UserPreferences(), CHOSEN))
        ),
    ]
    for keyboard in every:
        buttons = [button for row in keyboard.inline_keyboard for button in row]
        assert len(buttons) <= 100
        for button in buttons:
            assert button.text.strip()
            assert button.callback_data is None or 1 <= len(button.callback_data.encode()) <= 64
            assert button.copy_text is None or 1 <= utf16_length(button.copy_text.text) <= 256


@pytest.mark.parametrize("t", TRANSLATORS, ids=lambda t: t.language)
def test_captions_and_lines_of_a_picture_fit(t: Translator) -> None:
    """Under a file there is room for 1024 characters; a line of a picture is short, whatever its names."""
    for export_format in ExportFormat:
        assert 0 < utf16_length(judge(texts.history.file_caption(t, export_format))) <= 1024
    for operators in ((), OUTCOME.operators):
        outcome = replace(OUTCOME, operators=operators)
        assert len(texts.statistics.outcome_name(t, outcome, operators=NASTY, country=None)) <= 45
    assert texts.statistics.others(t)


def test_clipping_counts_as_telegram_does() -> None:
    """A clipped text never ends inside a pair of units, and never exceeds the limit."""
    for limit in range(2, 40):
        assert utf16_length(clipped("👩a" * 30, limit)) <= limit
        clipped("👩a" * 30, limit).encode()


def test_big_counts_are_short_on_narrow_buttons() -> None:
    """A count keeps its digits up to a thousand; beyond, a button shows about how many."""
    t = TRANSLATORS[0]
    assert [t.compact(count) for count in (7, 486, 999, 1874, 12345)] == ["7", "486", "999", "1.9K", "12.3K"]


def test_compact_counts_and_dates_read_as_people_write_them() -> None:
    """Vietnamese and Russian use short suffixes, and Vietnamese dates are digits."""
    vi, ru = (t for t in TRANSLATORS if t.language in ("vi", "ru"))
    assert [vi.compact(count) for count in (486, 1500, 2_400_000, 3 * 10**9)] == [
        "486",
        "1,5K",
        "2,4tr",
        "3tỷ",
    ]
    assert [ru.compact(count) for count in (486, 1500, 2_400_000)] == ["486", "1,5к", "2,4\u00a0млн"]
    assert vi.day(1_795_793_820) == "27/11/2026"
    assert vi.date(1_795_793_820) == "27/11, 15:37 UTC"
    assert ru.date(1_795_793_820).startswith("27 нояб")


@pytest.mark.parametrize(
    ("language", "name"), [("en", "Any other"), ("vi", "Dịch vụ khác"), ("ru", "Другой сервис")]
)
def test_the_service_for_any_site_is_translated(language: str, name: str) -> None:
    """Its name is in the reader's language on buttons and in texts; other names stay as they are."""
    (t,) = (t for t in TRANSLATORS if t.language == language)
    choice = Choice(Service("ot", "Any other"), Offer("10", "ot", None, None))
    keyboard = keyboards.shop.services(t, "10", [choice], 0, several_countries=False)
    assert keyboard.inline_keyboard[0][0].text == name
    assert name in texts.shop.choose_operator(t, "Any other", "Vietnam")
    assert name in texts.messages.code(t, replace(ACTIVATION, service_name="Any other"), CODES[0])[0]
    assert texts.shop.service_name(t, "Telegram") == "Telegram"


def test_foreign_text_is_escaped_in_one_place() -> None:
    """Markup in a value is shown, not obeyed; markup of our own stays."""
    t = TRANSLATORS[0]
    assert t("<b>{name}</b> {own}", name="<i>", own=Html("<i>x</i>")) == "<b>&lt;i&gt;</b> <i>x</i>"
