"""The error that an action raises, with the protocol's token; the dialect sets its format."""

from enum import StrEnum


class RefusalReason(StrEnum):
    """The reason of an error; the value is the token that most providers send."""

    NO_KEY = "NO_KEY"
    BAD_LANG = "BAD_LANG"
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
    # Most providers send BAD_STATUS for these two.
    OTP_RECEIVED = "OTP_RECEIVED"
    ACTIVATION_NOT_ACTIVE = "ACTIVATION_NOT_ACTIVE"
    # A parameter that only some dialects require is missing.
    UNPROCESSABLE_ENTITY = "UNPROCESSABLE_ENTITY"


class RefusedRequest(Exception):
    """The provider refuses a request.

    Attributes:
        reason: The reason.
        detail: A value that belongs to it: the lowest price, or the seconds until a cancel is allowed.
    """

    def __init__(self, reason: RefusalReason, detail: str = "") -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.detail = detail
