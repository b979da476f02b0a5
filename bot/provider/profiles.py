"""Profiles: in what each provider differs from sms-activate."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Final, Literal

from pydantic import ConfigDict, Field
from yarl import URL

from bot.errors import SettingsError

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

_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})

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


def own(url: str, method: Literal["get", "post"] = "post") -> Profile:
    """Return the profile of an address of which nothing is known."""
    name = URL(url).host_port_subcomponent or OWN
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
