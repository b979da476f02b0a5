"""The dialect of each provider of the family."""

from dataclasses import replace
from typing import Final

from bot.sandbox.provider.dialects import (
    CORE_ACTIONS,
    ActiveShape,
    CountShape,
    Dialect,
    EmptyShape,
    ErrorShape,
    NothingActive,
    OperatorRule,
    PriceShape,
    TextSource,
    V2Shape,
)

_WITHOUT_COUNTS: Final = CORE_ACTIONS - {"getNumbersStatus"}

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
    number_v2=V2Shape.ZONED,
    whole_text=TextSource.DATA,
    content_type="application/json",
)

SMSBOWER: Final = Dialect(
    name="SMSBower",
    methods=frozenset({"GET"}),
    actions=_WITHOUT_COUNTS | {"getCountries", "getServicesList", "getOperators"},
    repeats_last_code=False,
    errors=ErrorShape.SMSBOWER,
    number_v2=V2Shape.BARE,
    country_flags=(),
    names_operators=False,
)

TIGER: Final = Dialect(
    name="Tiger",
    actions=_WITHOUT_COUNTS | {"getCountries", "getServicesList", "getActiveActivations"},
    checks_country=True,
    operator_rule=OperatorRule.IGNORED,
    cancelled="ACCESS_CANCEL",
    prices=PriceShape.STRINGS,
    errors=ErrorShape.TIGER,
    active=ActiveShape.DATA,
    nothing_active=NothingActive.LIST,
    whole_text=TextSource.SMS,
    countries_as_list=True,
    country_flags=("visible", "retry", "multiService"),
)

DAISYSMS: Final = Dialect(
    name="DaisySMS",
    actions=_WITHOUT_COUNTS,
    default_country="187",
    statuses=frozenset({"6", "8"}),
    max_price=("max_price", "maxPrice"),
    failed_cancel="ACCESS_READY",
    count_cap=100,
    price_header=True,
)

GRIZZLY: Final = Dialect(
    name="Grizzly",
    actions=_WITHOUT_COUNTS | {"getCountries", "getServicesList", "getActiveActivations"},
    operator_rule=OperatorRule.IGNORED,
    active=ActiveShape.LIST,
    nothing_active=NothingActive.NULL,
    number_v2=V2Shape.WITH_CANCEL,
)

SMSHUB: Final = Dialect(
    name="SMSHub",
    actions=CORE_ACTIONS | {"getCurrentActivations"},
    aliases={"getCurrentActivations": "getActiveActivations"},
    counts=CountShape.SUFFIX,
    prices=PriceShape.LADDER,
    active=ActiveShape.ARRAY,
    nothing_active=NothingActive.FAIL,
)

VAK: Final = Dialect(
    name="VAK-SMS",
    actions=_WITHOUT_COUNTS | {"getCountries", "getServicesList"},
    keyless=frozenset({"getCountries"}),
    errors=ErrorShape.VAK,
    countries_as_list=True,
)

SMS365: Final = Dialect(
    name="365SMS",
    methods=frozenset({"GET"}),
    actions=CORE_ACTIONS | {"getCountries", "getServicesList", "getOperators"},
    default_country=None,
)

SMSONLINEPRO: Final = Dialect(name="sms-online.pro", price_prefix="$")

SVN: Final = Dialect(
    name="SMS Verification Number",
    actions=_WITHOUT_COUNTS | {"getCountryAndOperators", "getServicesAndCost", "getCurrentActivationsList"},
    aliases={"getCurrentActivationsList": "getActiveActivations"},
    statuses=frozenset({"3", "6", "8"}),
    active=ActiveShape.NUMBER_IDS,
    nothing_active=NothingActive.LIST,
    languages=frozenset({"en", "ru"}),
    bare_balance=True,
    early_cancel="CANNOT_BEFORE_2_MIN",
    number_v2=V2Shape.MASKED,
)

SMSMAN: Final = Dialect(
    name="SMS-MAN",
    actions=_WITHOUT_COUNTS | {"getCountries", "getServices"},
    aliases={"getServices": "getServicesList"},
    statuses=frozenset({"3", "6", "-1"}),
    operator_rule=OperatorRule.IGNORED,
    country_flags=(),
    country_names=("name_en",),
)

DAISYIO: Final = replace(
    DAISYSMS,
    name="DaisySMS.io",
    methods=frozenset({"GET"}),
    max_price=("max_price",),
    whole_text=TextSource.HEADER,
)

SMSVERIFIED: Final = Dialect(
    name="SMSVerified",
    actions=CORE_ACTIONS | {"getCountries"},
    counts=CountShape.SUFFIX,
    plus=True,
    id_digits=16,
    whole_text=TextSource.FULL,
)

GETATEXT: Final = Dialect(
    name="Getatext",
    methods=frozenset({"GET"}),
    actions=CORE_ACTIONS,
    statuses=frozenset({"6", "8"}),
    default_country="187",
)

PRIVATESMS: Final = Dialect(
    name="PrivateSMS",
    actions=_WITHOUT_COUNTS | {"getCountries", "getServicesList"},
    errors=ErrorShape.STATUS,
    prices=PriceShape.BARE,
    charges_late=True,
)

SMSPOOL: Final = Dialect(
    name="SMSPool", actions=_WITHOUT_COUNTS | {"getCountries", "getServicesList"}, max_price=("max_price",)
)

POLAR: Final = Dialect(
    name="PolarSMS",
    actions=_WITHOUT_COUNTS | {"getCountries", "getServicesList", "getActiveActivations"},
    errors=ErrorShape.POLAR,
    active=ActiveShape.ACTIVATIONS,
    nothing_active=NothingActive.LIST,
    json_tokens=True,
    content_type="application/json",
)

FAMILY: Final = {
    "sms3t": SMS3T,
    "herosms": HEROSMS,
    "smsbower": SMSBOWER,
    "grizzly": GRIZZLY,
    "tiger": TIGER,
    "smshub": SMSHUB,
    "vak": VAK,
    "sms365": SMS365,
    "smsonlinepro": SMSONLINEPRO,
    "svn": SVN,
    "smsman": SMSMAN,
    "daisyio": DAISYIO,
    "smsverified": SMSVERIFIED,
    "getatext": GETATEXT,
    "privatesms": PRIVATESMS,
    "smspool": SMSPOOL,
    "polar": POLAR,
}
"""The dialects by the ids of the profiles that ship with the bot."""

_WORLD: Final = (
    "0 1 2 3 4 5 6 7 8 10 11 13 14 15 16 19 21 22 24 31 32 33 "
    "36 37 38 39 40 43 44 45 46 48 49 52 54 56 60 62 63 73 78 82 86 187"
)

WORLDWIDE: Final = replace(
    SMS_ACTIVATE, name="worldwide", countries=tuple(_WORLD.split()), nothing_active=NothingActive.TOKEN
)
