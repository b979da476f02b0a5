"""Methods about how updates and files reach the bot."""

from bot.sandbox.telegram.objects import Json
from bot.sandbox.telegram.service import Telegram

MOST_UPDATES = 100
LONGEST_POLL = 50


async def get_updates(telegram: Telegram, params: Json) -> list[Json]:
    """Hand out what happened since the last time, waiting for it if there is nothing."""
    if "allowed_updates" in params:
        telegram.updates.allow(params["allowed_updates"])
    limit = min(max(int(params.get("limit") or MOST_UPDATES), 1), MOST_UPDATES)
    seconds = min(float(params.get("timeout") or 0), LONGEST_POLL)
    return await telegram.updates.take(int(params.get("offset") or 0), limit, seconds)


def delete_webhook(_telegram: Telegram, _params: Json) -> bool:
    """Answer a bot that makes sure that updates are polled for; the sandbox has no webhooks."""
    return True
