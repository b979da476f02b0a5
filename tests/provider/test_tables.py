"""Conversion of tables of every shape to domain values."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

from bot.domain import ListedActivation, Offer
from bot.errors import Unreadable
from bot.provider import tables, values, wire

ANSWERS = Path(__file__).parent / "answers"


def table(name: str) -> Any:
    """Return the table of a recorded answer."""
    answer = wire.read((ANSWERS / name).read_bytes())
    assert isinstance(answer, wire.Table)
    return answer.value


def offer(country: str, service: str, price: str | None, count: int | None) -> Offer:
    """Return an offer."""
    amount = None if price is None else Decimal(price.removeprefix("from "))
    return Offer(country, service, amount, count, several_prices=(price or "").startswith("from "))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "sms3t/getNumbersStatus.json",
            {"vk": 149, "ok": 190, "wa": 64, "vi": 140, "tg": 86, "wb": 14, "go": 146, "av": 251, "fb": 58},
        ),
        ("sms3t/getNumbersStatus-empty.json", {}),
        ("sms_activate/getNumbersStatus.json", {"tg": 498, "wa": 51, "full": 0}),
        ("smsverified/getNumbersStatus.json", {"telegram": 12, "whatsapp": 7, "google_youtube_gmail": 0}),
        ("malformed/laravel.json", {}),
    ],
)
def test_counts(name: str, expected: dict[str, int]) -> None:
    """Counts are parsed with and without the call-forwarding suffix, in the provider's order."""
    found = tables.counts(table(name))

    assert found == expected
    assert list(found) == list(expected)


@pytest.mark.parametrize(
    ("raw", "count"),
    [
        (5, 5),
        ("498", 498),
        (Decimal("498.0"), 498),
        (" 7 ", 7),
        (None, 0),
        (0, 0),
        (-3, 0),
        ("-3", 0),
        (True, None),
        ("many", None),
        ("", None),
        ("1_000", None),
        ([], None),
        ({}, None),
        (10**60, None),
        (Decimal("1e400"), None),
        (Decimal("1e-99999999"), None),
        ("9" * 5000, None),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_one_count(raw: object, count: int | None) -> None:
    """A count is an integer from 0; invalid counts are skipped."""
    assert tables.counts({"tg_0": raw}) == ({} if count is None else {"tg": count})


@pytest.mark.parametrize(
    ("name", "asked", "expected"),
    [
        (
            "sms3t/getPrices.json",
            {"country": "10"},
            [offer("10", "tg", "0.62", 486), offer("10", "wb", "0.85", 0)],
        ),
        ("sms3t/getPrices.json", {"country": "10", "service": "wb"}, [offer("10", "wb", "0.85", 0)]),
        (
            "sms_activate/getPrices.json",
            {},
            [offer("0", "tg", "15", 12), offer("0", "vk", "0.3", 0), offer("6", "tg", "7.5", 31)],
        ),
        (
            "sms_activate/getPrices.json",
            {"service": "tg"},
            [offer("0", "tg", "15", 12), offer("6", "tg", "7.5", 31)],
        ),
        (
            "sms_activate/getPricesVerification.json",
            {"service": "tg"},
            [offer("0", "tg", "21", 20), offer("6", "tg", "9.5", 4)],
        ),
        ("tiger/getPrices.json", {"country": "187"}, [offer("187", "tg", "0.25", 1200)]),
        ("tiger/getPricesV2.json", {}, [offer("187", "tg", "from 0.35", 250)]),
        ("grizzly/getPricesV3.json", {}, [offer("62", "wx", "from 2", 5)]),
        ("smsbower/getPricesV2.json", {}, [offer("10", "tg", "from 0.35", 127)]),
        ("smsbower/getPricesV3.json", {}, [offer("187", "tg", "0.9", 12)]),
        ("privatesms/getPrices.json", {}, [offer("10", "tg", "1.5", None), offer("187", "tg", "2", None)]),
        (
            "malformed/numbers.json",
            {},
            [
                offer("10", "aa", None, 5),
                offer("10", "bb", None, 0),
                offer("10", "cc", "0.5", None),
                offer("10", "dd", None, 2),
            ],
        ),
        ("sms3t/getNumbersStatus-empty.json", {}, []),
    ],
)
def test_recorded_prices(name: str, asked: dict[str, str], expected: list[Offer]) -> None:
    """Every shape of a price table gives the same offers, in the provider's order."""
    assert tables.offers(table(name), **asked) == expected


@pytest.mark.parametrize(
    ("value", "asked", "expected"),
    [
        ({}, {}, []),
        ({"10": []}, {"country": "10"}, []),
        ({"10": {}}, {"country": "10"}, []),
        ({"10": {"tg": []}}, {"country": "10"}, []),
        ({"10": {"tg": None}}, {"country": "10"}, []),
        ({"10": {"tg": {"cost": None, "count": None}}}, {}, [offer("10", "tg", None, None)]),
        ({"tg": {"cost": 1, "count": 2}}, {"country": "10"}, [offer("10", "tg", "1", 2)]),
        # HeroSMS, whose virtual numbers cannot be bought
        (
            {"62": {"wa": {"cost": "1.44", "count": 56964, "physicalCount": 0}}},
            {},
            [offer("62", "wa", "1.44", 0)],
        ),
        ({"62": {"wa": {"cost": 1, "count": 5, "physicalCount": "3"}}}, {}, [offer("62", "wa", "1", 3)]),
        ({"62": {"wa": {"cost": 1, "count": 5, "physicalCount": None}}}, {}, [offer("62", "wa", "1", 5)]),
        # SMSPool, whose services are numbers too
        ({"1": {"671": {"cost": 1, "count": 2}}}, {}, [offer("1", "671", "1", 2)]),
        ({"1": {"671": {"cost": 1, "count": 2}}}, {"country": "1"}, [offer("1", "671", "1", 2)]),
        ({"671": {"1": {"cost": 1, "count": 2}}}, {"country": "1"}, [offer("1", "671", "1", 2)]),
        ({"671": {"1": {"cost": 1, "count": 2}}}, {"service": "671"}, [offer("1", "671", "1", 2)]),
        ({"671": {"cost": 1, "count": 2}}, {"country": "1"}, [offer("1", "671", "1", 2)]),
        ({"671": {"cost": 1, "count": 2}}, {"country": "1", "service": "671"}, [offer("1", "671", "1", 2)]),
        ({"1": {"cost": 1, "count": 2}}, {"country": "1", "service": "671"}, [offer("1", "671", "1", 2)]),
        # the SVN sites
        (
            [{"id": "tg", "name": "Telegram", "price": "0.4", "quantity": 7}, {"id": "vk", "name": "VK"}, 5],
            {"country": "10"},
            [offer("10", "tg", "0.4", 7)],
        ),
        (
            [{"id": "tg", "price": 1, "quantity": 7}],
            {"country": "10", "service": "vk"},
            [],
        ),
        ({"tg": 1}, {"country": "10"}, [offer("10", "tg", "1", None)]),
        ({"10": {"cost": 1, "count": 2}}, {"service": "tg"}, [offer("10", "tg", "1", 2)]),
        ({"10": {"cost": 1, "count": 2}}, {"service": "tg", "country": "10"}, [offer("10", "tg", "1", 2)]),
        ({"0": {"tg": {"cost": 1, "count": 2}}}, {"country": "0"}, [offer("0", "tg", "1", 2)]),
        ({"0": {"tg": {"cost": 1, "count": 2}}}, {"country": "10"}, []),
        ({"": {"tg": {"cost": 1, "count": 2}}}, {}, []),
        ({"10": {"tg": {"0.5": 0, "0.7": 0}}}, {}, [offer("10", "tg", "0.5", 0)]),
        ({"10": {"tg": {"0.5": -4, "0.7": 2}}}, {}, [offer("10", "tg", "0.7", 2)]),
        ({"10": {"tg": {"0.006": 1, "0.5": 122}}}, {}, [offer("10", "tg", "from 0.006", 123)]),
        ({"10": {"tg": {"0.006": 0, "0.5": 122}}}, {}, [offer("10", "tg", "0.5", 122)]),
        (
            {"10": {"tg": {"a1": {"price": "0.006", "count": 1}, "b2": {"cost": "0.5", "count": 122}}}},
            {},
            [offer("10", "tg", "from 0.006", 123)],
        ),
        (
            {"10": {"tg": {"price": 15, "count": 9, "freePriceMap": {"15.00": 4, "17.5": 5}}}},
            {},
            [offer("10", "tg", "from 15", 9)],
        ),
        (
            {"10": {"tg": {"price": 15, "count": 9, "freePriceMap": {"15.00": 9, "17.5": 0}}}},
            {},
            [offer("10", "tg", "15", 9)],
        ),
        (
            {"10": {"tg": {"cost": 15, "count": 9, "freePriceMap": {"12": 4}}}},
            {},
            [offer("10", "tg", "from 12", 9)],
        ),
        (
            {"10": {"tg": {"price": 2, "count": 5, "providers": {"7": {"count": 5, "price": [2, "2.5"]}}}}},
            {},
            [offer("10", "tg", "from 2", 5)],
        ),
        ({"10": {"tg": {"prices": {}}}}, {}, []),
        ({"10": {"tg": {"311": {"count": 3}}}}, {}, []),
        (
            {"10": {"tg": {"311": {"count": 3, "price": 1}, "312": {"price": 2}}}},
            {},
            [offer("10", "tg", "1", 3)],
        ),
        ({"10": {"tg": {"cost": "free", "count": "0"}}}, {}, [offer("10", "tg", None, 0)]),
        ({"10": {"tg": {"other": 1}}}, {}, []),
    ],
)
def test_odd_prices(value: object, asked: dict[str, str], expected: list[Offer]) -> None:
    """Empty, partial and unexpected rows of a price table do not affect other rows."""
    assert tables.offers(value, **asked) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("sms_activate/getCountries.json", {"0": "Russia", "10": "Vietnam"}),
        ("smsbower/getCountries.json", {"10": "Vietnam"}),
        ("tiger/getCountries.json", {"10": "Vietnam"}),
        ("sms3t/getNumbersStatus-empty.json", {}),
    ],
)
def test_countries(name: str, expected: dict[str, str]) -> None:
    """Countries are an object or a list; Russia has id 0; hidden countries are skipped."""
    assert tables.countries(table(name)) == expected


def test_odd_countries() -> None:
    """A country without a name or an id is skipped; one without ``visible`` is shown."""
    rows = {
        "1": {"eng": "A", "visible": False},
        "2": {"rus": "Б"},
        "3": {"id": 3},
        "4": "D",
        "5": {"eng": "E", "visible": None},
        "6": {"eng": {}, "visible": []},
    }

    assert tables.countries({"status": "success", "countries": rows}) == {"2": "Б", "5": "E"}
    assert tables.countries([{"eng": "A"}, {"id": True, "eng": "B"}, None, 5]) == {}


@pytest.mark.parametrize(
    "value",
    [
        [{"id": 4, "name_en": "Indonesia"}],  # SMS-MAN
        {"4": {"id": "4", "title": "Indonesia"}},
        [{"id": "4", "name": "Indonesia", "operators": {"any": "Any"}}],  # the SVN sites
        {"62": {"id": 4, "name": "Indonesia"}},  # SMSVerified, whose keys are calling codes
    ],
)
def test_names_of_countries(value: object) -> None:
    """The name of a country stands in one of several fields."""
    assert tables.countries(value) == {"4": "Indonesia"}


def test_services() -> None:
    """Services have clean names and the provider's order."""
    found = tables.services(table("sms_activate/getServicesList.json"))

    assert found == {"tg": "Telegram", "kp": "HQ Trivia", "full": "Full rent"}
    assert list(found) == ["tg", "kp", "full"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ([], {}),
        ({"status": "success", "services": []}, {}),
        ({"status": "success", "tg": "Telegram"}, {"tg": "Telegram"}),
        ({"tg": {"name": "Telegram"}}, {"tg": "Telegram"}),
        ([{"id": "tg", "name": "Telegram"}, {"id": "wa"}, {"name": "no code"}, 7, None], {"tg": "Telegram"}),
        ({"services": [{"code": "x", "name": "n" * 70}]}, {"x": "n" * 59 + "…"}),
        ([{"id": "tg", "title": "Telegram"}], {"tg": "Telegram"}),
    ],
)
def test_odd_services(value: object, expected: dict[str, str]) -> None:
    """Services are a list or a map; rows without a code or a name are skipped."""
    assert tables.services(value) == expected


@pytest.mark.parametrize(
    ("name", "country", "expected"),
    [
        ("sms_activate/getOperators.json", "10", ["viettel", "vinaphone"]),
        ("sms_activate/getOperators.json", "183", ["beeline", "o!"]),
        ("sms_activate/getOperators.json", "7", []),
        ("smsbower/getOperators.json", "187", []),
        ("smsbower/getOperators-empty.json", "187", []),
    ],
)
def test_operators(name: str, country: str, expected: list[str]) -> None:
    """Only operators of the requested country are returned, without ``any``."""
    assert tables.operators(table(name), country) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"10": {"1": "viettel", "2": "any"}}, ["viettel"]),
        (["viettel", "viettel", "", None, [], {}], ["viettel"]),
        ({"10": "viettel"}, []),
        ([{"id": 10, "operators": {"any": "Any", "viettel": "Viettel"}}, {"id": 6}], ["viettel"]),
        ([{"id": "6", "operators": {"telkomsel": "Telkomsel"}}], []),
        ([{"id": 10}], []),
        ({"countryOperators": None}, []),
    ],
)
def test_odd_operators(value: object, expected: list[str]) -> None:
    """Duplicate and non-text operators are skipped."""
    assert tables.operators(value, "10") == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "sms_activate/getActiveActivations.json",
            [
                ListedActivation(
                    "635468021",
                    "vk",
                    "0",
                    "79********1",
                    codes=("CODE",),
                    charged=Decimal("12.50"),
                    can_resend=True,
                    message="[Your text]",
                )
            ],
        ),
        (
            "herosms/getActiveActivations.json",
            [ListedActivation("8800555", "tg", "10", "84912345678", charged=Decimal("0.35"))],
        ),
        (
            "grizzly/getActiveActivations.json",
            [ListedActivation("5001", "tg", "10", "+84 912 345 678")],
        ),
        ("smshub/getCurrentActivations.json", [ListedActivation("77", "tg", "10", "84912345678")]),
        ("tiger/getActiveActivations-empty.json", []),
    ],
)
def test_active(name: str, expected: list[ListedActivation]) -> None:
    """The list of active activations is found under every known name and shape."""
    assert tables.active(table(name)) == expected


@pytest.mark.parametrize(
    ("fields", "codes"),
    [
        ({}, ()),
        ({"smsCode": None, "smsText": None}, ()),
        ({"smsCode": ""}, ()),
        ({"smsCode": "0042", "smsText": "Your code: 0042"}, ("0042",)),
        ({"smsCode": ["11", "22"], "smsText": "Your code: 22"}, ("11", "22")),
        ({"smsCode": ["11", "11", 22]}, ("11", "22")),
        ({"smsCode": None, "smsText": "Your code: 22"}, ("Your code: 22",)),
        ({"smsCode": [], "smsText": ["a 1", "b 2"]}, ("a 1", "b 2")),
        ({"smsCode": [{"code": "33"}, {"text": "b 44"}, {}, None, [], True]}, ("33", "b 44")),
        ({"smsCode": {"code": "55"}}, ("55",)),
    ],
)
def test_listed_codes(fields: dict[str, object], codes: tuple[str, ...]) -> None:
    """A row has its codes, in order and each once, or the texts of its SMS."""
    assert tables.active([{"activationId": "1", **fields}])[0].codes == codes


@pytest.mark.parametrize(
    ("fields", "charged"),
    [
        ({"activationCost": "0.50"}, "0.50"),
        ({"cost": 2}, "2"),
        ({"activationCost": 0}, None),  # the provider does not say it
        ({"activationCost": "-1"}, None),
        ({"activationCost": None}, None),
        ({"activationCost": "free"}, None),
    ],
)
def test_listed_charge(fields: dict[str, object], charged: str | None) -> None:
    """A row has what was charged if the provider gives an amount above zero."""
    found = tables.active([{"activationId": "1", **fields}])[0].charged
    assert found == (None if charged is None else Decimal(charged))


def test_active_inside() -> None:
    """Rows may be one level deeper, and a row may have only an id."""
    assert tables.active({"activeActivations": {"num_rows": 1, "rows": [{"id": 1, "date": "soon"}]}}) == [
        ListedActivation("1", None, None, None)
    ]


@pytest.mark.parametrize(
    "value",
    [
        # HeroSMS, with rows beside an empty list, and with an empty object beside rows
        {"data": [], "activeActivations": {"num_rows": 1, "rows": [{"id": 1}]}},
        {"data": [{"id": 1}], "activeActivations": {"num_rows": 0, "rows": []}},
        {"activations": [{"activationId": 1}]},  # PolarSMS
        [{"numberid": 1}],  # the SVN sites
    ],
)
def test_names_of_the_list(value: object) -> None:
    """The list of active numbers is the one of all known places that has rows."""
    assert tables.active(value) == [ListedActivation("1", None, None, None)]


def test_no_rows_anywhere() -> None:
    """An empty list in each place is an empty list."""
    rows = {"affected_rows": 0, "num_rows": 0, "row": [], "rows": []}
    assert tables.active({"status": "success", "data": [], "activeActivations": rows}) == []


def test_what_a_row_tells() -> None:
    """A row may tell the phone number, the charge with its currency, another SMS, and the whole text."""
    row = {
        "numberid": 7,
        "number": "84912345678",
        "activationCost": "0.40",
        "currency": 840,
        "canGetAnotherSms": "0",
        "smsCode": "12",
        "smsText": ["Code 11", "Code 12"],
    }
    assert tables.active([row]) == [
        ListedActivation(
            "7",
            None,
            None,
            "84912345678",
            ("12",),
            Decimal("0.40"),
            "USD",
            can_resend=False,
            message="Code 12",
        )
    ]


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"status": "success"},
        {"activeActivations": {}},
        {"activeActivations": None},
        {"data": "none"},
        [None],
        [5],
        [{"activationId": "1"}, {"phone": "84912345678"}],
        [{"activationId": None}],
        [{"activationId": True}],
        [{"activationId": "1 2"}],
        [{"activationId": "9" * 65}],
    ],
)
def test_active_unreadable(value: object) -> None:
    """A list that may hide an activation is an error, not an empty list."""
    with pytest.raises(Unreadable):
        tables.active(value)


@pytest.mark.parametrize("read", [tables.counts, tables.offers, tables.countries, tables.services])
@pytest.mark.parametrize("value", [5, "text", None])
def test_no_table(read: Any, value: object) -> None:
    """A value that is not a table is an error."""
    with pytest.raises(Unreadable):
        read(value)


@pytest.mark.parametrize(
    ("raw", "amount"),
    [
        (5, "5"),
        ("0.25", "0.25"),
        (".5", "0.5"),
        ("5.", "5"),
        (" 5 ", "5"),
        ("1e3", "1000"),
        ("-0.5", "-0.5"),
        (Decimal("0.30000000000000004"), "0.30000000000000004"),
        ("999999999", "999999999"),
        ("1000000000", None),
        ("NaN", None),
        ("sNaN", None),
        ("Infinity", None),
        (Decimal("NaN"), None),
        (Decimal("-Infinity"), None),
        (Decimal("1e400"), None),
        (Decimal("0e-99999999"), None),
        (Decimal("1." + "1" * 5000), None),
        (10**4000, None),
        ("1" * 100_000 + "x", None),
        ("1_0", None),
        ("٣", None),
        ("0,5", None),
        ("", None),
        (True, None),
        (0.5, None),
        (None, None),
        ([], None),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_money(raw: object, amount: str | None) -> None:
    """An amount is a plain decimal number within the limits."""
    assert values.money(raw) == (None if amount is None else Decimal(amount))


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("code", "code"),
        (" 'code' ", "code"),
        ('"code"', "code"),
        ("'", "'"),
        ("''", ""),
        ("'code", "'code"),
        ("'a' and 'b'", "'a' and 'b'"),
        ("'code\"", "'code\""),
        ("", ""),
    ],
)
def test_unquoted(raw: str, expected: str) -> None:
    """One pair of quotes around a text is removed; quotes inside it stay."""
    assert values.unquoted(raw) == expected


KEYS = st.sampled_from(
    ["10", "tg", "tg_0", "0.5", "cost", "price", "prices", "count", "id", "code", "name", "eng"]
)
NAMES = st.sampled_from(
    ["countries", "services", "countryOperators", "activeActivations", "data", "rows", "status"]
)
TABLES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(KEYS | NAMES | st.text(max_size=4), inner, max_size=4)
    ),
    max_leaves=15,
)


@given(TABLES)
def test_any_table(value: object) -> None:
    """Any table becomes values that can be stored, or is Unreadable."""
    for read in (
        tables.counts,
        tables.offers,
        lambda value: tables.offers(value, country="10"),
        lambda value: tables.offers(value, service="tg"),
        tables.countries,
        tables.services,
        lambda value: tables.operators(value, "10"),
        tables.active,
    ):
        try:
            found = read(value)
        except Unreadable:
            continue
        assert isinstance(found, (dict, list))
        assert len(json.dumps(found, default=str)) < 100_000


@given(st.decimals() | st.integers() | st.text())
def test_any_amount_can_be_printed(raw: object) -> None:
    """The text of a parsed amount is short."""
    amount = values.money(raw)

    assert amount is None or len(f"{amount:f}") < 50
