"""What is known of a provider by its host: the currency of its prices, and its site."""

from collections.abc import Iterator
from ipaddress import ip_address
from typing import Final

from yarl import URL

CURRENCIES: Final = {
    "365sms.com": "RUB",
    "daisysms.io": "USD",
    "dssmshub.com.ng": "NGN",
    "getatext.com": "USD",
    "grizzlysms.com": "USD",
    "hero-sms.com": "USD",
    "polar-sms.com": "USD",
    "sms-rooms.com": "USD",
    "smsbower.page": "USD",
    "smspool.net": "USD",
    "smsverified.com": "USD",
    "tiger-sms.com": "USD",
    "vak-sms.com": "RUB",
    "virtualsms.io": "USD",
}
"""Domain of a provider's API → the currency of its amounts, where that is the same for every account."""
SITES: Final = {"smsbower.page": "https://smsbower.app", "smspool.net": "https://www.smspool.net"}
"""Domain of a provider's API → its site, where that has another name."""
_API_LABELS: Final = frozenset({"activate-api", "api", "vps", "www"})
"""First labels of hosts that serve an API; without them the host is that of the site."""


def currency_of(address: str) -> str:
    """Return the currency of the provider with this API address; empty if it is not known."""
    return next((CURRENCIES[domain] for domain in _domains(address) if domain in CURRENCIES), "")


def site_of(address: str) -> str | None:
    """Return the address of the site of the provider with this API address; None for an IP address."""
    domains = list(_domains(address))
    if not domains:
        return None
    for domain in domains:
        if domain in SITES:
            return SITES[domain]
    is_api = domains[0].partition(".")[0] in _API_LABELS and len(domains) > 1
    return f"https://{domains[is_api]}"


def _domains(address: str) -> Iterator[str]:
    """Yield the host of an address and the domains above it; nothing for a local host or an IP address."""
    host = (URL(address).host or "").lower().rstrip(".")
    try:
        ip_address(host)
    except ValueError:
        while "." in host:
            yield host
            host = host.partition(".")[2]
