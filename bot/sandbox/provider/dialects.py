"""The dialects: in what the providers of the sms-activate protocol differ."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Final

CORE_ACTIONS: Final = frozenset(
    {"getNumbersStatus", "getBalance", "getNumber", "setStatus", "getStatus", "getPrices"}
)
LIST_ACTIONS: Final = frozenset({"getCountries", "getServicesList", "getOperators", "getActiveActivations"})


class CountShape(Enum):
    """The format of a service and its count in ``getNumbersStatus``."""

    SUFFIX = auto()  # {"tg_0":86}
    PLAIN = auto()  # {"tg":86}
    STRINGS = auto()  # {"tg":"86"}


class PriceShape(Enum):
    """The format of an offer in ``getPrices``."""

    NUMBERS = auto()  # {"10":{"tg":{"cost":0.35,"count":7}}}
    STRINGS = auto()  # {"10":{"tg":{"cost":"0.3500","count":"7"}}}
    LADDER = auto()  # {"10":{"tg":{"0.35":5,"0.4":2}}}
    NESTED = auto()  # {"10":{"tg":{"price":0.35,"count":7,"providers":{…}}}}
    INVERTED = auto()  # {"tg":{"10":{"count":7,"price":"0.35"}}}
    BARE = auto()  # {"tg":{"10":0.35}}


class EmptyShape(Enum):
    """The format of an empty table."""

    OBJECT = auto()  # {}
    ARRAY = auto()  # []
    COUNTRY = auto()  # {"10":[]}, if the request names a country


class Wrapping(Enum):
    """The characters around a response; only plain text is quoted, never JSON."""

    PLAIN = auto()
    BOM = auto()
    QUOTED = auto()
    CRLF = auto()
    SPACES = auto()


class ErrorShape(Enum):
    """The format of an error."""

    TEXT = auto()  # the token, HTTP 200
    HEROSMS = auto()  # {"title","details","info"} with a real HTTP status
    SMSBOWER = auto()  # tokens, but HTTP 401 with JSON for a wrong key
    TIGER = auto()  # tokens, but HTTP 401 for a wrong key
    VAK = auto()  # BAD_ACTION for a wrong key, and for an unknown number in ``getStatus``
    STATUS = auto()  # tokens with a real HTTP status
    POLAR = auto()  # {"error":"ACTIVATION_NOT_FOUND"}


class OperatorRule(Enum):
    """The meaning of the operators in a purchase request."""

    EXACT = auto()  # a number of one of these operators, or none
    PREFERRED = auto()  # a number of another operator if these have none
    CHECKED = auto()  # like EXACT, and an unknown operator is refused
    IGNORED = auto()


class ActiveShape(Enum):
    """The format of the list in ``getActiveActivations``."""

    ACTIVE = auto()  # {"status":"success","activeActivations":[…]}
    DATA = auto()  # {"status":"success","data":[…]}
    BOTH = auto()  # rows in "data", and again in the object "activeActivations" with their count
    LIST = auto()  # […]
    ARRAY = auto()  # {"status":"success","array":[…]}
    ACTIVATIONS = auto()  # {"status":"success","activations":[…]}
    NUMBER_IDS = auto()  # [{"numberid","number","status"}]


class NothingActive(Enum):
    """The answer of ``getActiveActivations`` when no activation is open."""

    TOKEN = auto()  # NO_ACTIVATIONS
    ERROR = auto()  # {"status":"error","error":"NO_ACTIVATIONS"}
    LIST = auto()  # an empty list
    NULL = auto()  # null
    FAIL = auto()  # {"status":"fail","msg":"no_activations"}


class V2Shape(Enum):
    """The times and other facts in the answer of ``getNumberV2``."""

    ZONED = auto()  # the end with a time zone, and a numeric ``status``
    BARE = auto()  # neither end nor currency
    WITH_CANCEL = auto()  # the end and the first moment to cancel, without a time zone
    MASKED = auto()  # the phone number has stars


class TextSource(Enum):
    """Where the whole text of an SMS is, beside ``getStatus``."""

    DATA = auto()  # ``getStatusV2`` {"data":{"text"}}
    SMS = auto()  # ``getStatusV2`` {"sms":{"text"}}
    FULL = auto()  # ``getFullSms``
    HEADER = auto()  # the header X-Text of ``getStatus`` with text=1


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """The properties of one provider's API; the defaults are those of sms-activate.

    Attributes:
        name: A name for people and test ids.
        methods: The HTTP methods that are accepted; others get 405.
        actions: The actions that exist, by their names here; others get BAD_ACTION.
        aliases: The name of an action here, and at sms-activate.
        keyless: The actions that need no API key.
        statuses: The values that ``setStatus`` accepts.
        countries: The countries of the initial stock; Vietnam alone gets the fixed list.
        default_country: The country of a request without one; None refuses such a request.
        checks_country: Whether a purchase in an unknown country gets BAD_COUNTRY instead of NO_NUMBERS.
        operator_rule: The meaning of an operator in a purchase request.
        max_price: The names of the parameter that limits the price.
        finishes_without_code: Whether status 6 before the first SMS cancels the number, or is refused.
        finish_reopens: Whether status 6 while another code is awaited goes back to waiting.
        failed_cancel: The response to a cancel that fails, if it is no error.
        cancelled: The answer of ``getStatus`` for a cancelled number.
        repeats_last_code: Whether a number that waits again is STATUS_WAIT_RETRY with the last code, or
            STATUS_WAIT_RESEND.
        counts: The format of ``getNumbersStatus``.
        count_cap: The highest count in a list.
        prices: The format of ``getPrices``.
        physical_count: Whether prices have ``physicalCount``.
        empty: The format of an empty table.
        wrapping: The characters around each response.
        errors: The format of an error.
        plain_refusals: Whether a closed number, and one with a code, get BAD_STATUS.
        active: The format of the list of active activations.
        lists_all_codes: Whether a row of that list has all codes of a number, or only the last one.
        nothing_active: The response when that list is empty.
        countries_as_list: Whether ``getCountries`` returns an array.
        country_flags: The fields of a country beside its id and names; without any, the id is a string.
        names_operators: Whether ``getOperators`` lists operators.
        plus: Whether phone numbers begin with ``+``.
        id_digits: The length of an activation id.
        price_header: Whether the response to a purchase has the price in ``X-Price``.
        languages: The values of the parameter ``lang``, which each request must have; empty for none.
        bare_balance: Whether the balance has no token before it.
        charges_late: Whether the price is taken when the first SMS arrives.
        early_cancel: The token for a cancel that comes too early.
        price_prefix: The characters before the lowest price in WRONG_MAX_PRICE.
        json_tokens: Whether tokens are sent as JSON.
        number_v2: The facts in ``getNumberV2``; None if it does not exist.
        whole_text: Where the whole text of an SMS is; None if nowhere.
        country_names: The fields of a country's name.
        content_type: The content type of the core actions; lists are ``application/json``.
    """

    name: str
    methods: frozenset[str] = frozenset({"GET", "POST"})
    actions: frozenset[str] = CORE_ACTIONS | LIST_ACTIONS
    aliases: Mapping[str, str] = field(default_factory=dict)
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
    repeats_last_code: bool = True
    counts: CountShape = CountShape.STRINGS
    count_cap: int | None = None
    prices: PriceShape = PriceShape.NUMBERS
    physical_count: bool = False
    empty: EmptyShape = EmptyShape.OBJECT
    wrapping: Wrapping = Wrapping.PLAIN
    errors: ErrorShape = ErrorShape.TEXT
    plain_refusals: bool = True
    active: ActiveShape = ActiveShape.ACTIVE
    lists_all_codes: bool = False
    nothing_active: NothingActive = NothingActive.TOKEN
    countries_as_list: bool = False
    country_flags: tuple[str, ...] = ("visible", "retry", "rent", "multiService")
    names_operators: bool = True
    plus: bool = False
    id_digits: int = 10
    price_header: bool = False
    languages: frozenset[str] = frozenset()
    bare_balance: bool = False
    charges_late: bool = False
    early_cancel: str = "EARLY_CANCEL_DENIED"
    price_prefix: str = ""
    json_tokens: bool = False
    number_v2: V2Shape | None = None
    whole_text: TextSource | None = None
    country_names: tuple[str, ...] = ("rus", "eng", "chn")
    content_type: str = "text/html; charset=UTF-8"
