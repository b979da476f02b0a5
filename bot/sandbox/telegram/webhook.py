"""Delivers updates to the bot's webhook, and does what the bot asks for in its answer."""

import asyncio
from typing import TYPE_CHECKING

import aiohttp

from bot.sandbox.telegram.dispatch import perform, prepare
from bot.sandbox.telegram.objects import Json
from bot.sandbox.telegram.refusals import Refusal
from bot.sandbox.telegram.uploads import Upload

if TYPE_CHECKING:
    from bot.sandbox.telegram.state import Telegram

RETRY_SECONDS = 0.2
PATIENCE = aiohttp.ClientTimeout(total=60)


async def deliver(telegram: "Telegram") -> None:
    """Bring updates to the webhook one by one, each until it is taken, for as long as there is a webhook."""
    async with aiohttp.ClientSession(timeout=PATIENCE) as session:
        while telegram.webhook.url:
            try:
                update = await telegram.updates.first()
            except Refusal:
                # Somebody else asked for updates, or the webhook was set anew.
                continue
            if telegram.webhook.url and await _deliver_one(telegram, session, update):
                telegram.updates.done(update["update_id"])
            else:
                await asyncio.sleep(RETRY_SECONDS)


async def _deliver_one(telegram: "Telegram", session: aiohttp.ClientSession, update: Json) -> bool:
    headers = {}
    if telegram.webhook.secret_token:
        headers["X-Telegram-Bot-Api-Secret-Token"] = telegram.webhook.secret_token
    try:
        async with session.post(telegram.webhook.url, json=update, headers=headers) as response:
            if not response.ok:
                reason = f"Wrong response from the webhook: {response.status} {response.reason}"
                telegram.webhook.last_error = reason
                return False
            call = await _read_call(response)
    except (aiohttp.ClientError, TimeoutError) as error:
        telegram.webhook.last_error = str(error) or "Connection timed out"
        return False
    if call.get("method"):
        await _perform_quietly(telegram, call)
    return True


async def _read_call(response: aiohttp.ClientResponse) -> Json:
    if response.content_type == "application/json":
        body = await response.json()
        return body if isinstance(body, dict) else {}
    if not response.content_type.startswith("multipart/"):
        return {}
    call: Json = {}
    reader = aiohttp.MultipartReader.from_response(response)
    while (part := await reader.next()) is not None:
        if not isinstance(part, aiohttp.BodyPartReader) or part.name is None:
            continue
        if part.filename is None:
            call[part.name] = await part.text()
        else:
            mime = part.headers.get("Content-Type", "application/octet-stream")
            call[part.name] = Upload(part.filename, mime, bytes(await part.read()))
    return call


async def _perform_quietly(telegram: "Telegram", call: Json) -> None:
    """Do what the bot asks for; as with Telegram, nobody tells it how that went."""
    try:
        method, params = prepare(telegram, str(call.pop("method")), call)
        await perform(telegram, method, params)
    except Refusal as refusal:
        telegram.notes.append(f"webhook answer refused: {refusal.description}")
