"""Profiles: in what each provider differs from sms-activate. They come from a TOML file and are checked."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from yarl import URL

from bot.errors import SettingsError

SHIPPED: Final = Path(__file__).with_name("providers.toml")
"""The profiles that ship with the bot."""
OWN: Final = "own"
"""The id of the profile that the setting PROVIDER_URL makes."""
OPTIONAL_ACTIONS: Final = frozenset(
    {
        "getNumbersStatus",
        "getPrices",
        "getCountries",
        "getServicesList",
        "getOperators",
        "getActiveActivations",
    }
)
"""The reading actions that some providers do not have, or have under another name."""

_DEFAULTS: Final = "default"
"""The table whose fields hold for all profiles of a file."""
_NOTES: Final = ("state", "sure", "last", "wants", "sources")
"""Fields about a profile itself, for its readers; the bot reads only ``state``."""
_OFFERED: Final = ("ready", "adapt")
_STATES: Final = (*_OFFERED, "seen", "gone")
_ID: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,15}")
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_RESERVED_PARAMS: Final = frozenset({"api_key", "action"})
_MESSAGES: Final = {
    "missing": "is missing",
    "unexpected_keyword_argument": "is not a field of a profile",
    "bool_type": "must be true or false",
    "int_type": "must be a whole number",
    "float_type": "must be a number",
    "finite_number": "must be a number",
    "string_type": "must be a text",
    "string_too_short": "must not be empty",
    "string_too_long": "must not be longer than {max_length} characters",
    "frozen_set_type": "must be a list",
    "tuple_type": "must be a list",
    "dict_type": "must be a table",
    "mapping_type": "must be a table",
    "literal_error": "must be one of {expected}",
    "greater_than": "must be greater than {gt:g}",
    "greater_than_equal": "must be at least {ge:g}",
}

Flag = Annotated[bool, Field(strict=True)]
Number = Annotated[int, Field(strict=True)]
Positive = Annotated[float, Field(strict=True, gt=0, allow_inf_nan=False)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """The facts of one provider; the defaults are those of sms-activate. Times are in seconds.

    Attributes:
        id: a short name, which the buttons and the database carry.
        name: the name on buttons.
        url: the address of the API.
        site: the website.
        key_page: the page with the API key, or words that say where it is on the website.
        plain_http: the address is meant to be http, so API keys are sent unencrypted.
        method: the HTTP method of all requests.
        params: parameters of all requests.
        currency: of balance and prices; empty prints none.
        lifetime: how long a number is active.
        cancel_after: after the purchase, from when a cancel is allowed.
        cancel_status: the value of ``setStatus`` that cancels.
        sms_sent: whether it takes status 1.
        resend: whether it takes status 3, for another code.
        operators: whether it sells numbers of a chosen operator.
        max_price: the parameter with the price limit; empty if it takes none.
        prefixes: whether it takes ``phoneException``.
        lacks: reading actions that it does not have.
        renamed: reading action → its name there.
        charges: whether it charges at the purchase, or when the code comes.
        bad_action: what the word BAD_ACTION means there.
        cost_told: where the charged price is: the header X-Price, the list of numbers, ``getNumberV2``.
        text_told: where the whole text of an SMS is: an action, the list, the header X-Text.
        number_v2: whether numbers are bought with ``getNumberV2``.
        countries: whose country ids it has.
        services: whose service codes it has.
        only_countries: the ids of the countries that it sells; empty if there are many.
        hard_cap: how many numbers an account may hold at once; 0 if that is not known.
        poll: between two status checks of a number.
        key_rate: requests per second with one API key.
        host_rate: requests per second with all keys together.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    id: str
    name: Annotated[str, Field(min_length=1, max_length=32)]
    url: str
    site: str = ""
    key_page: str = ""
    plain_http: Flag = False
    method: Literal["get", "post"] = "get"
    params: Mapping[str, str] = field(default_factory=dict)
    currency: Annotated[str, Field(max_length=8)] = ""
    lifetime: Annotated[Number, Field(gt=0)] = 1200
    cancel_after: Annotated[Number, Field(ge=0)] = 120
    cancel_status: Number = 8
    sms_sent: Flag = True
    resend: Flag = True
    operators: Flag = True
    max_price: str = "maxPrice"
    prefixes: Flag = False
    lacks: frozenset[str] | None = frozenset()  # None: to be learnt from the answers
    renamed: Mapping[str, str] = field(default_factory=dict)
    charges: Literal["purchase", "code"] = "purchase"
    bad_action: Literal["absent", "trouble", "anything"] = "absent"
    cost_told: Literal["", "header", "list", "v2"] = ""
    text_told: Literal["", "getFullSms", "getStatusV2", "list", "header"] = ""
    number_v2: Flag = False
    countries: Literal["sms-activate", "own"] = "sms-activate"
    services: Literal["sms-activate", "own"] = "sms-activate"
    only_countries: tuple[str, ...] = ()
    hard_cap: Annotated[Number, Field(ge=0)] = 0
    poll: Positive = 5.0
    key_rate: Positive = 2.0
    host_rate: Positive = 20.0

    @property
    def host(self) -> str | None:
        """The host that API keys are sent to; None for this machine."""
        host = URL(self.url).host or ""
        return None if host in _LOOPBACK else host

    @property
    def unencrypted(self) -> bool:
        """Whether API keys leave this machine unencrypted."""
        return URL(self.url).scheme == "http" and self.host is not None

    @property
    def key_link(self) -> str | None:
        """The address of the page with the API key, or of the website; None if neither is known."""
        return next((link for link in (self.key_page, self.site) if link.startswith("https://")), None)

    def countries_of(self, wanted: tuple[str, ...]) -> tuple[str, ...]:
        """Return the ids of the countries to offer, if the operator wants those with sms-activate's ids."""
        if self.only_countries:
            return self.only_countries
        return ("all",) if self.countries == "own" else wanted


def load(file: Path | None = None) -> dict[str, Profile]:
    """Return id → profile: those that ship with the bot, completed and changed by a file of the operator.

    Raises:
        SettingsError: with one sentence for each problem of the file.
    """
    rows, shipped = _shipped()
    if file is None:
        return dict(shipped)
    own = _tables(file)
    defaults = own.pop(_DEFAULTS, {})
    merged = {
        id_: {**defaults, **rows.get(id_, {}), **row} if isinstance(row, dict) else row
        for id_, row in own.items()
    }
    read, problems = _read(merged)
    profiles = {id_: profile for id_, profile in shipped.items() if id_ not in merged} | read
    problems += _shared_hosts(profiles.values())
    if problems:
        raise SettingsError([f"PROVIDERS_FILE: {problem}." for problem in problems])
    return profiles


def own(url: str, method: Literal["get", "post"] = "post") -> Profile:
    """Return the profile of an address of which nothing is known."""
    name = URL(url).host or OWN
    return Profile(id=OWN, name=name, url=url, plain_http=True, method=method, prefixes=True, lacks=None)


def choose(profiles: Mapping[str, Profile], ids: Iterable[str]) -> tuple[Profile, ...]:
    """Return the profiles with these ids, in this order.

    Raises:
        SettingsError: an id is not known; the message says which place, and the ids that are known.
    """
    ids = tuple(ids)
    known = ", ".join(sorted(profiles))
    if problems := [
        f"PROVIDERS: name {place} is not known; the known names are {known}."
        for place, id_ in enumerate(ids, 1)
        if id_ not in profiles
    ]:
        raise SettingsError(problems) from None
    return tuple(profiles[id_] for id_ in dict.fromkeys(ids))


def authority(url: str) -> str:
    """Return the host and port of an address, in lower case."""
    address = URL(url)
    return f"{(address.host or '').lower().rstrip('.')}:{address.port}"


@cache
def _shipped() -> tuple[dict[str, Any], dict[str, Profile]]:
    """Return the tables that ship with the bot, and their profiles."""
    rows = tomllib.loads(SHIPPED.read_text(encoding="utf-8"))
    profiles, problems = _read(rows)
    assert not problems, problems  # noqa: S101  # the tests read the same file
    return rows, profiles


def _tables(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        raise SettingsError(["PROVIDERS_FILE cannot be read as UTF-8 text."]) from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError([f"PROVIDERS_FILE is not valid TOML: {error}."]) from None


def _read(rows: Mapping[str, Any]) -> tuple[dict[str, Profile], list[str]]:
    """Return the profiles on offer in tables, and the problems of the tables."""
    adapter = TypeAdapter(Profile)
    profiles: dict[str, Profile] = {}
    problems: list[str] = []
    for id_, row in rows.items():
        if not isinstance(row, dict):
            problems.append(f"{id_} must stand in the table of a profile")
            continue
        if not _ID.fullmatch(id_) or id_ in (OWN, _DEFAULTS):
            problems.append(f"[{id_}] must be named by 1 to 16 of a-z, 0-9, - and _, and not {OWN}")
            continue
        if (state := row.get("state", "ready")) not in _STATES:
            problems.append(f"[{id_}] state must be one of {', '.join(_STATES)}")
            continue
        if state not in _OFFERED:
            continue
        facts = {name: value for name, value in row.items() if name not in _NOTES}
        try:
            profile = adapter.validate_python({**facts, "id": id_})
        except ValidationError as error:
            problems += dict.fromkeys(f"[{id_}] {_sentence(problem)}" for problem in error.errors())
            continue
        wrong = _contradictions(profile)
        problems += [f"[{id_}] {sentence}" for sentence in wrong]
        if not wrong:
            profiles[id_] = profile
    return profiles, problems


def _sentence(problem: Mapping[str, Any]) -> str:
    """Return what is wrong with a field, without its value."""
    template = _MESSAGES.get(problem["type"])
    name = str(problem["loc"][0])
    return f"{name} {template.format(**problem.get('ctx', {}))}" if template else f"{name} is not valid"


def _contradictions(profile: Profile) -> list[str]:
    """Return what is wrong with the values of a profile whose fields have the right types."""
    problems = []
    try:
        url = URL(profile.url)
        complete = url.scheme in ("http", "https") and bool(url.host) and not re.search(r"\s", profile.url)
    except ValueError:
        complete = False
    if not complete:
        problems.append("url must be a complete address")
    elif profile.unencrypted and not profile.plain_http:
        problems.append("url must be https, or plain_http must be true")
    if profile.site and not profile.site.startswith("https://"):
        problems.append("site must be an https address")
    if "://" in profile.key_page and not profile.key_page.startswith("https://"):
        problems.append("key_page must be an https address")
    if not _RESERVED_PARAMS.isdisjoint(profile.params):
        problems.append("params must not name api_key or action")
    for name, actions in (("lacks", profile.lacks or ()), ("renamed", profile.renamed)):
        if not OPTIONAL_ACTIONS.issuperset(actions):
            problems.append(f"{name} may only have {', '.join(sorted(OPTIONAL_ACTIONS))}")
    if not all(id_.isascii() and id_.isalnum() for id_ in profile.only_countries):
        problems.append("only_countries must be country ids")
    return problems


def _shared_hosts(profiles: Iterable[Profile]) -> list[str]:
    """Return one sentence for each host of several profiles: their requests would share its limits."""
    by_host: dict[str, list[str]] = {}
    for profile in profiles:
        by_host.setdefault(authority(profile.url), []).append(f"[{profile.id}]")
    return [f"{' and '.join(ids)} have the same host" for ids in by_host.values() if len(ids) > 1]
