"""Methods about how updates and files reach the bot."""

from typing import TYPE_CHECKING

from bot.sandbox.telegram.objects import Json
from bot.sandbox.telegram.refusals import Refusal, bad_request

if TYPE_CHECKING:
    from bot.sandbox.telegram.state import Telegram

WEBHOOK_ACTIVE = (
    "Conflict: can't use getUpdates method while webhook is active; "
    "use deleteWebhook to delete the webhook first"
)
MOST_UPDATES = 100
LONGEST_POLL = 50


async def get_updates(telegram: "Telegram", params: Json) -> list[Json]:
    """Hand out what happened since the last time, waiting for it if there is nothing."""
    if telegram.webhook.url:
        raise Refusal(409, WEBHOOK_ACTIVE)
    if "allowed_updates" in params:
        telegram.updates.allow(params["allowed_updates"])
    limit = min(max(int(params.get("limit") or MOST_UPDATES), 1), MOST_UPDATES)
    seconds = min(float(params.get("timeout") or 0), LONGEST_POLL)
    return await telegram.updates.take(int(params.get("offset") or 0), limit, seconds)


def set_webhook(telegram: "Telegram", params: Json) -> bool:
    """Have updates delivered from now on; plain HTTP is fine on the loopback."""
    url = params.get("url") or ""
    if not url:
        return delete_webhook(telegram, params)
    if not url.startswith(("http://127.0.0.1", "http://localhost", "https://")):
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    if params.get("drop_pending_updates"):
        telegram.updates.clear()
    if "allowed_updates" in params:
        telegram.updates.allow(params["allowed_updates"])
    telegram.webhook.url = url
    telegram.webhook.secret_token = params.get("secret_token") or ""
    telegram.webhook.last_error = ""
    telegram.updates.interrupt("terminated by setWebhook request")
    telegram.changed()
    return True


def delete_webhook(telegram: "Telegram", params: Json) -> bool:
    """Go back to polling."""
    if params.get("drop_pending_updates"):
        telegram.updates.clear()
    telegram.webhook.url = ""
    telegram.changed()
    return True


def get_webhook_info(telegram: "Telegram", _params: Json) -> Json:
    """Say where updates go, and how many wait."""
    info: Json = {
        "url": telegram.webhook.url,
        "has_custom_certificate": False,
        "pending_update_count": len(telegram.updates),
    }
    if telegram.webhook.last_error:
        info |= {"last_error_date": telegram.now(), "last_error_message": telegram.webhook.last_error}
    return info


def get_file(telegram: "Telegram", params: Json) -> Json:
    """Say where a file can be fetched."""
    file = telegram.files.get(params.get("file_id", ""))
    if file is None:
        raise bad_request("invalid file_id")
    return {
        "file_id": file.file_id,
        "file_unique_id": file.file_id[-16:],
        "file_size": len(file.content),
        "file_path": file.path,
    }
