"""The state of one open activation in the poll schedule."""

from dataclasses import dataclass

from bot.domain import Activation
from bot.provider.gateway import ApiKey


@dataclass(slots=True)
class PollEntry:
    """An open activation in the schedule. Times are seconds of the steady clock.

    Attributes:
        due: when its next check is due.
        not_before: the request budget allows the check only from then on.
        quick_since: the last event after which a code may come soon.
        failures: consecutive failed checks.
        unknown_answers: consecutive answers that the provider does not know the activation.
        refused_key: the API key that the provider refused at the last check, or None.
        final_checks: checks since the deadline, successful or not.
        waiting_at: when the provider last said that it waits, or sold the number; None if not in this run.
        waiting_until: until then the number stays open after the deadline, because the provider waits.
        list_due: the provider's list is to be read after the next answered check.
        list_attempts: consecutive failed attempts to read it.
        offset: difference of the clocks when the number was bought, if that was in this run of the bot; None
            for a number of an earlier run.
        failing_since: wall clock time (UTC seconds) of the first of the consecutive failed checks, or None.
        attempts: attempts to reconcile an unclear purchase.
        busy: a check is in progress.
        reminder: when its card is to be updated because the last minutes begin.
    """

    activation: Activation
    due: float
    quick_since: float
    not_before: float = 0.0
    failures: int = 0
    unknown_answers: int = 0
    refused_key: ApiKey | None = None
    final_checks: int = 0
    waiting_at: float | None = None
    waiting_until: float = 0.0
    list_due: bool = False
    list_attempts: int = 0
    offset: float | None = None
    failing_since: float | None = None
    attempts: int = 0
    busy: bool = False
    reminder: float | None = None
