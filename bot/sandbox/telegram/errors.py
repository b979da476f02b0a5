"""The error that a Bot API method raises, and functions that create its usual forms."""

from typing import Any


class RefusedCall(Exception):
    """A call that Telegram refuses: the response has `ok: false`."""

    def __init__(self, code: int, description: str, *, retry_after: int | None = None) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.retry_after = retry_after

    def body(self) -> dict[str, Any]:
        """Return the JSON of the response."""
        body: dict[str, Any] = {"ok": False, "error_code": self.code, "description": self.description}
        if self.retry_after is not None:
            body["parameters"] = {"retry_after": self.retry_after}
        return body


def bad_request(what: str) -> RefusedCall:
    """Return a 400, the usual error."""
    return RefusedCall(400, f"Bad Request: {what}")


def forbidden(what: str) -> RefusedCall:
    """Return a 403, the error of a chat in which the bot may not write."""
    return RefusedCall(403, f"Forbidden: {what}")


def flood(seconds: int) -> RefusedCall:
    """Return a 429 with the seconds to wait."""
    return RefusedCall(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)
