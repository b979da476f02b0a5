"""The parameters of a call, from the URL, a form or JSON, with the uploaded files."""

import json
from dataclasses import dataclass, field

from aiohttp import web
from aiohttp.web_request import FileField

from bot.sandbox.telegram.errors import bad_request
from bot.sandbox.telegram.objects import Json

_ATTACHED = "attach://"


@dataclass(frozen=True)
class Upload:
    """A file in a request, before it is stored."""

    name: str
    mime: str
    content: bytes = field(repr=False)


async def read_params(request: web.Request) -> Json:
    """Return the parameters of a request.

    Raises:
        RefusedCall: The body is not a JSON object, though its content type says so.
    """
    params: Json = dict(request.query)
    if request.content_type == "application/json":
        try:
            body = json.loads(await request.read())
        except ValueError:
            raise bad_request("can't parse JSON object") from None
        if not isinstance(body, dict):
            raise bad_request("JSON object expected")
        return params | body
    for name, value in (await request.post()).items():
        if isinstance(value, FileField):
            params[name] = Upload(value.filename, value.content_type, value.file.read())
            value.file.close()
        else:
            params[name] = value
    return params


def attach(params: Json) -> Json:
    """Replace `attach://` references by the uploaded files, and remove the parameters of these files."""
    uploads = {name: value for name, value in params.items() if isinstance(value, Upload)}
    used: set[str] = set()

    def resolve(value: object) -> object:
        if isinstance(value, str) and value.startswith(_ATTACHED):
            name = value.removeprefix(_ATTACHED)
            used.add(name)
            return uploads.get(name, value)
        if isinstance(value, dict):
            return {key: resolve(item) for key, item in value.items()}
        if isinstance(value, list):
            return [resolve(item) for item in value]
        return value

    resolved = {name: resolve(value) for name, value in params.items()}
    return {name: value for name, value in resolved.items() if name not in used}
