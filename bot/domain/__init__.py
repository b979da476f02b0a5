"""The product's entities and value classes, and the rules between an activation's states."""

from bot.domain.activations import (
    HELD,
    LAST_MINUTES,
    MOVES,
    OPEN,
    UNCLEAR,
    Activation,
    Code,
    Ending,
    State,
    Step,
    completes_itself,
    in_last_minutes,
    last_minutes_from,
)
from bot.domain.alerts import Watch
from bot.domain.catalog import Choice, Country, Offer, Operator, Page, Service
from bot.domain.history import Bought, Entry, Figures, Listing, Outcome, Result, Spending, Sum
from bot.domain.notices import Notice, NoticeKind
from bot.domain.status import Closed, CodeShown, NewCode, News, Over, Status, Waiting, WaitSeen, read_status
from bot.domain.time import DAY, day_of
from bot.domain.users import Chosen, Favourite, Kept, User

__all__ = [
    "DAY",
    "HELD",
    "LAST_MINUTES",
    "MOVES",
    "OPEN",
    "UNCLEAR",
    "Activation",
    "Bought",
    "Choice",
    "Chosen",
    "Closed",
    "Code",
    "CodeShown",
    "Country",
    "Ending",
    "Entry",
    "Favourite",
    "Figures",
    "Kept",
    "Listing",
    "NewCode",
    "News",
    "Notice",
    "NoticeKind",
    "Offer",
    "Operator",
    "Outcome",
    "Over",
    "Page",
    "Result",
    "Service",
    "Spending",
    "State",
    "Status",
    "Step",
    "Sum",
    "User",
    "WaitSeen",
    "Waiting",
    "Watch",
    "completes_itself",
    "day_of",
    "in_last_minutes",
    "last_minutes_from",
    "read_status",
]
