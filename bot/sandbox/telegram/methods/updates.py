"""Methods about updates: getUpdates and deleteWebhook."""

from bot.sandbox.telegram.objects import Json
from bot.sandbox.telegram.service import Telegram

MAX_UPDATES = 100
MAX_POLL_SECONDS = 50


async def get_updates(telegram: Telegram, params: Json) -> list[Json]:
    """Return the new updates; wait up to the timeout if there are none."""
    if "allowed_updates" in params:
        telegram.updates.allow(params["allowed_updates"])
    limit = min(max(int(params.get("limit") or MAX_UPDATES), 1), MAX_UPDATES)
    seconds = min(float(params.get("timeout") or 0), MAX_POLL_SECONDS)
    return await telegram.updates.take(int(params.get("offset") or 0), limit, seconds)


def delete_webhook(_telegram: Telegram, _params: Json) -> bool:
    """Return True: the bot calls this at its start, and the sandbox has no webhooks."""
    return True
