"""What the Bot API says when it does not do what it was asked."""

from typing import Any


class RefusedCall(Exception):
    """An answer with `ok: false`, as it goes over the wire."""

    def __init__(self, code: int, description: str, *, retry_after: int | None = None) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.retry_after = retry_after

    def body(self) -> dict[str, Any]:
        """Return the JSON of the answer."""
        body: dict[str, Any] = {"ok": False, "error_code": self.code, "description": self.description}
        if self.retry_after is not None:
            body["parameters"] = {"retry_after": self.retry_after}
        return body


def bad_request(what: str) -> RefusedCall:
    """Make the 400 that most refusals are."""
    return RefusedCall(400, f"Bad Request: {what}")


def forbidden(what: str) -> RefusedCall:
    """Make the 403 of a chat that is closed to the bot."""
    return RefusedCall(403, f"Forbidden: {what}")


def flood(seconds: int) -> RefusedCall:
    """Make the 429 that says how long to wait."""
    return RefusedCall(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)
