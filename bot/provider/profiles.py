"""Profiles: the facts of the providers."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """The facts of one provider. Times are in seconds.

    Attributes:
        id: a short name, which the database carries.
        name: the name for people.
        url: the address of the API.
        method: the HTTP method of all requests.
        currency: of balance and prices; empty if it is not known.
        lifetime: how long a number is active.
        cancel_after: after the purchase, from when a cancel is allowed.
        key_rate: requests per second with one API key.
        host_rate: requests per second with all keys together.
    """

    id: str
    name: str
    url: str
    method: str = "post"
    currency: str = ""
    lifetime: int = 1200
    cancel_after: int = 120
    key_rate: float = 2.0
    host_rate: float = 20.0
