"""How a provider speaks: one protocol, and the many ways in which its answers differ."""

from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import Final

CORE_ACTIONS: Final = frozenset(
    {"getNumbersStatus", "getBalance", "getNumber", "setStatus", "getStatus", "getPrices"}
)
LIST_ACTIONS: Final = frozenset({"getCountries", "getServicesList", "getOperators", "getActiveActivations"})


class CountShape(Enum):
    """How ``getNumbersStatus`` writes a service and its count."""

    SUFFIX = auto()  # {"tg_0":86}
    PLAIN = auto()  # {"tg":86}
    STRINGS = auto()  # {"tg":"86"}


class PriceShape(Enum):
    """How ``getPrices`` writes an offer."""

    NUMBERS = auto()  # {"10":{"tg":{"cost":0.35,"count":7}}}
    STRINGS = auto()  # {"10":{"tg":{"cost":"0.3500","count":"7"}}}
    LADDER = auto()  # {"10":{"tg":{"0.35":5,"0.4":2}}}
    NESTED = auto()  # {"10":{"tg":{"price":0.35,"count":7,"providers":{…}}}}
    INVERTED = auto()  # {"tg":{"10":{"count":7,"price":"0.35"}}}
    BARE = auto()  # {"tg":{"10":0.35}}


class EmptyShape(Enum):
    """How an empty table is written."""

    OBJECT = auto()  # {}
    ARRAY = auto()  # []
    COUNTRY = auto()  # {"10":[]}, where a country was asked for


class Wrapping(Enum):
    """What stands around an answer; a text is quoted, JSON never is."""

    PLAIN = auto()
    BOM = auto()
    QUOTED = auto()
    CRLF = auto()
    SPACES = auto()


class ErrorShape(Enum):
    """How a refusal is written."""

    TEXT = auto()  # the token, HTTP 200
    HEROSMS = auto()  # {"title","details","info"} with a real HTTP status
    SMSBOWER = auto()  # tokens, but HTTP 401 with JSON for a wrong key
    TIGER = auto()  # tokens, but HTTP 401 for a wrong key


class OperatorRule(Enum):
    """What becomes of the operators a buyer asked for."""

    EXACT = auto()  # one of these, or no number
    PREFERRED = auto()  # one of these, or silently another one's
    CHECKED = auto()  # as EXACT, and an unknown one is refused
    IGNORED = auto()


class ActiveShape(Enum):
    """How ``getActiveActivations`` writes its list."""

    ACTIVE = auto()  # {"status":"success","activeActivations":[…]}
    DATA = auto()  # {"status":"success","data":[…]}
    BOTH = auto()  # rows in "data", and "activeActivations" an object that counts and repeats them
    LIST = auto()  # […]


class NothingActive(Enum):
    """What ``getActiveActivations`` says when there is nothing to list."""

    TOKEN = auto()  # NO_ACTIVATIONS
    ERROR = auto()  # {"status":"error","error":"NO_ACTIVATIONS"}
    LIST = auto()  # the list, empty


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """A provider's way of speaking; what is not said here is as at sms-activate.

    Attributes:
        name: For people and test ids.
        methods: HTTP methods that are not refused with 405.
        actions: The actions that exist; others are BAD_ACTION.
        keyless: Actions that ask for no key.
        statuses: What ``setStatus`` takes.
        countries: The ids on sale when a provider opens: Vietnam alone gets a list made by hand.
        default_country: The country of a request that names none; None refuses such a request.
        checks_country: Whether buying in an unknown country is BAD_COUNTRY instead of NO_NUMBERS.
        operator_rule: What an operator in a purchase means.
        max_price: Names of the parameter that limits the price.
        finishes_without_code: Whether status 6 before the first SMS deletes the number, or is refused.
        finish_reopens: Whether status 6 while waiting for a further code only goes back to waiting.
        failed_cancel: The answer to any cancel that cannot be done, where it isn't a refusal.
        cancelled: The word of ``getStatus`` for a cancelled number.
        tells_old_code: Whether waiting again is STATUS_WAIT_RETRY with the last code, or STATUS_WAIT_RESEND.
        counts: The shape of ``getNumbersStatus``.
        count_cap: The highest count that is told.
        prices: The shape of ``getPrices``.
        physical_count: Whether prices carry ``physicalCount``.
        empty: The shape of an empty table.
        wrapping: What stands around each answer.
        errors: The shape of a refusal.
        plain_refusals: Whether a closed number and one with a code are just BAD_STATUS.
        active: The shape of the list of active activations.
        nothing_active: What is said when that list is empty.
        countries_as_list: Whether ``getCountries`` is an array.
        country_flags: What is told of a country besides its id and names; with none, the id is a string.
        names_operators: Whether ``getOperators`` has any to show.
        plus: Whether phone numbers begin with ``+``.
        id_digits: How long an activation id is.
        price_header: Whether a purchase answers its price in ``X-Price``.
        content_type: Of every answer of the six core actions; lists are ``application/json``.
    """

    name: str
    methods: frozenset[str] = frozenset({"GET", "POST"})
    actions: frozenset[str] = CORE_ACTIONS | LIST_ACTIONS
    keyless: frozenset[str] = frozenset()
    statuses: frozenset[str] = frozenset({"1", "3", "6", "8", "-1"})
    countries: tuple[str, ...] = ("10",)
    default_country: str | None = "0"
    checks_country: bool = False
    operator_rule: OperatorRule = OperatorRule.EXACT
    max_price: tuple[str, ...] = ("maxPrice",)
    finishes_without_code: bool = True
    finish_reopens: bool = False
    failed_cancel: str | None = None
    cancelled: str = "STATUS_CANCEL"
    tells_old_code: bool = True
    counts: CountShape = CountShape.STRINGS
    count_cap: int | None = None
    prices: PriceShape = PriceShape.NUMBERS
    physical_count: bool = False
    empty: EmptyShape = EmptyShape.OBJECT
    wrapping: Wrapping = Wrapping.PLAIN
    errors: ErrorShape = ErrorShape.TEXT
    plain_refusals: bool = True
    active: ActiveShape = ActiveShape.ACTIVE
    nothing_active: NothingActive = NothingActive.TOKEN
    countries_as_list: bool = False
    country_flags: tuple[str, ...] = ("visible", "retry", "rent", "multiService")
    names_operators: bool = True
    plus: bool = False
    id_digits: int = 10
    price_header: bool = False
    content_type: str = "text/html; charset=UTF-8"


SMS3T: Final = Dialect(
    name="sms3t", actions=CORE_ACTIONS, default_country="10", counts=CountShape.SUFFIX, empty=EmptyShape.ARRAY
)

SMS_ACTIVATE: Final = Dialect(
    name="sms-activate",
    operator_rule=OperatorRule.PREFERRED,
    physical_count=True,
    nothing_active=NothingActive.ERROR,
)

HEROSMS: Final = Dialect(
    name="HeroSMS",
    keyless=frozenset({"getCountries"}),
    statuses=frozenset({"3", "6", "8"}),
    default_country=None,
    checks_country=True,
    operator_rule=OperatorRule.CHECKED,
    finishes_without_code=False,
    counts=CountShape.PLAIN,
    physical_count=True,
    errors=ErrorShape.HEROSMS,
    plain_refusals=False,
    active=ActiveShape.BOTH,
    nothing_active=NothingActive.LIST,
    content_type="application/json",
)

SMSBOWER: Final = Dialect(
    name="SMSBower",
    methods=frozenset({"GET"}),
    actions=frozenset(
        {"getBalance", "getNumber", "setStatus", "getStatus", "getPrices"}
        | {"getCountries", "getServicesList", "getOperators"}
    ),
    tells_old_code=False,
    errors=ErrorShape.SMSBOWER,
    country_flags=(),
    names_operators=False,
)

TIGER: Final = Dialect(
    name="Tiger",
    actions=frozenset(
        {"getBalance", "getNumber", "setStatus", "getStatus", "getPrices"}
        | {"getCountries", "getServicesList", "getActiveActivations"}
    ),
    checks_country=True,
    operator_rule=OperatorRule.IGNORED,
    cancelled="ACCESS_CANCEL",
    prices=PriceShape.STRINGS,
    errors=ErrorShape.TIGER,
    active=ActiveShape.DATA,
    nothing_active=NothingActive.LIST,
    countries_as_list=True,
    country_flags=("visible", "retry", "multiService"),
)

DAISYSMS: Final = Dialect(
    name="DaisySMS",
    actions=CORE_ACTIONS - {"getNumbersStatus"},
    default_country="187",
    statuses=frozenset({"6", "8"}),
    max_price=("max_price", "maxPrice"),
    failed_cancel="ACCESS_READY",
    count_cap=100,
    price_header=True,
)

_WORLD: Final = (
    "0 1 2 3 4 5 6 7 8 10 11 13 14 15 16 19 21 22 24 31 32 33 "
    "36 37 38 39 40 43 44 45 46 48 49 52 54 56 60 62 63 73 78 82 86 187"
)

WORLDWIDE: Final = replace(
    SMS_ACTIVATE, name="worldwide", countries=tuple(_WORLD.split()), nothing_active=NothingActive.TOKEN
)
