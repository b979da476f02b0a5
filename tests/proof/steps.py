"""The steps at which the crash proof kills the program: one list, so that a seed gives the same decisions."""

from itertools import product
from typing import Final

_ACTIONS: Final = (
    *("getNumber", "getStatus", "getBalance", "getPrices", "getNumbersStatus", "getActiveActivations"),
    *("setStatus 1", "setStatus 3", "setStatus 6", "setStatus 8", "getOperators", "getServicesList"),
)
_METHODS: Final = (
    *("sendMessage", "editMessageText", "answerCallbackQuery", "deleteMessage", "getUpdates", "getMe"),
    *("setMyCommands", "setMyDescription", "setMyShortDescription", "sendChatAction", "deleteWebhook"),
)
_WRITES: Final = (
    *("add", "add_code", "add_notice", "adopt", "await_next_code", "bind", "bought", "cancel_sent"),
    *(
        "card_drawn",
        "delete_details",
        "delete_notices",
        "delete_old_quotes",
        "detach_card",
        "end",
        "get_or_create",
        "insert",
        "insert_order",
        "mark_code",
    ),
    *("notice_delivered", "outcome_unknown", "place", "record_refused_cancel", "refused", "remove"),
    *("save_before_purchase", "schedule", "schedule_cancel", "set_cancel_from", "set_country"),
    *("set_unknown_reason", "shift_times", "sms_sent", "star_activation", "star_quote"),
)
_SENDS: Final = ("code", "notice", "card")
AT_RANDOM_TIME: Final = "at a random time"
AT_SERVERS: Final = tuple(
    [f"the provider does {action}" for action in ("getNumber", "getStatus", "setStatus", "getBalance")]
    + ["the provider misses getNumber", "the provider misses setStatus"]
    + [f"Telegram does {method}" for method in ("sendMessage", "editMessageText", "answerCallbackQuery")]
)
CRITICAL: Final = (
    "after asking getNumber",
    "the provider does getNumber",
    "before the end of writing bought",
    "after sending a code",
    "after writing add_code",
    "after writing place",
)
"""The steps with the highest risk; they are chosen more often and waited for longer."""
STEPS: Final = (
    AT_RANDOM_TIME,
    *AT_SERVERS,
    *(f"{when} asking {action}" for when, action in product(("before", "after"), _ACTIONS)),
    *(f"{when} calling {method}" for when, method in product(("before", "after"), _METHODS)),
    *(f"{when} sending a {kind}" for when, kind in product(("before", "after"), _SENDS)),
    *(f"{w} writing {name}" for w, name in product(("before", "before the end of", "after"), _WRITES)),
)
