"""Why a request is refused, in the protocol's own tokens; each dialect decides how it is said."""

from enum import StrEnum


class RefusalReason(StrEnum):
    """A refusal; the value is the token most providers send for it."""

    NO_KEY = "NO_KEY"
    BAD_KEY = "BAD_KEY"
    BAD_ACTION = "BAD_ACTION"
    BAD_SERVICE = "BAD_SERVICE"
    BAD_COUNTRY = "BAD_COUNTRY"
    BAD_OPERATOR = "BAD_OPERATOR"
    NO_NUMBERS = "NO_NUMBERS"
    NO_BALANCE = "NO_BALANCE"
    WRONG_EXCEPTION_PHONE = "WRONG_EXCEPTION_PHONE"
    WRONG_MAX_PRICE = "WRONG_MAX_PRICE"
    NO_ACTIVATION = "NO_ACTIVATION"
    BAD_STATUS = "BAD_STATUS"
    EARLY_CANCEL_DENIED = "EARLY_CANCEL_DENIED"
    OPERATORS_NOT_FOUND = "OPERATORS_NOT_FOUND"
    # Most providers say BAD_STATUS to these two; some have a word of their own.
    OTP_RECEIVED = "OTP_RECEIVED"
    ACTIVATION_NOT_ACTIVE = "ACTIVATION_NOT_ACTIVE"
    # A parameter that only some dialects insist on is missing.
    UNPROCESSABLE_ENTITY = "UNPROCESSABLE_ENTITY"


class RefusedRequest(Exception):
    """The provider says no.

    Attributes:
        reason: What for.
        detail: The fact that comes with it: the lowest price, or the seconds before a cancel is allowed.
    """

    def __init__(self, reason: RefusalReason, detail: str = "") -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.detail = detail
