"""What is known of a provider by its host: its currency, its site, and its page with the API key."""

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final

from yarl import URL


@dataclass(frozen=True, slots=True)
class KnownProvider:
    """Facts of a provider.

    Attributes:
        currency: the currency of its amounts, if that is the same for every account; else empty.
        key_page: the page, on its site, from which a customer gets to their API key; None if it is not known.
        site: the address of its site, if that has another name than its API; else None.
    """

    currency: str = ""
    key_page: str | None = None
    site: str | None = None


KNOWN: Final = {
    "365sms.com": KnownProvider("RUB", "https://365sms.com"),
    "daisysms.io": KnownProvider("USD"),
    "dssmshub.com.ng": KnownProvider("NGN"),
    "getatext.com": KnownProvider("USD"),
    "grizzlysms.com": KnownProvider("USD", "https://grizzlysms.com"),
    "hero-sms.com": KnownProvider("USD", "https://hero-sms.com"),
    "polar-sms.com": KnownProvider("USD"),
    "sms-rooms.com": KnownProvider("USD"),
    "sms3t.com": KnownProvider(key_page="https://sms3t.com/account/api"),
    "smsbower.page": KnownProvider("USD", site="https://smsbower.app"),
    "smshub.org": KnownProvider(key_page="https://smshub.org"),
    "smspool.net": KnownProvider("USD", site="https://www.smspool.net"),
    "smsverified.com": KnownProvider("USD"),
    "tiger-sms.com": KnownProvider("USD", "https://tiger-sms.com"),
    "vak-sms.com": KnownProvider("RUB", "https://vak-sms.com"),
    "virtualsms.io": KnownProvider("USD"),
}
"""The providers by the domain of their API."""
_API_LABELS: Final = frozenset({"activate-api", "api", "vps", "www"})
"""First labels of hosts that serve an API; without them the host is that of the site."""


def currency_of(address: str) -> str:
    """Return the currency of the provider with this API address; empty if it is not known."""
    return _known(address).currency


def key_page_of(address: str) -> str | None:
    """Return the page with the API key of the provider with this API address; None if it is not known."""
    return _known(address).key_page


def site_of(address: str) -> str | None:
    """Return the address of the site of the provider with this API address; None for an IP address."""
    domains = list(_domains(address))
    if not domains:
        return None
    if site := _known(address).site:
        return site
    is_api = domains[0].partition(".")[0] in _API_LABELS and len(domains) > 1
    return f"https://{domains[is_api]}"


def _known(address: str) -> KnownProvider:
    return next((KNOWN[domain] for domain in _domains(address) if domain in KNOWN), KnownProvider())


def _domains(address: str) -> Iterator[str]:
    """Yield the host of an address and the domains above it; nothing for a local host or an IP address."""
    host = (URL(address).host or "").lower().rstrip(".")
    try:
        ip_address(host)
    except ValueError:
        while "." in host:
            yield host
            host = host.partition(".")[2]
