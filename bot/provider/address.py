"""The address under which an API key is bound to its provider."""

from yarl import URL


def address(url: str) -> str:
    """Return where a URL leads to: its host and path, and a port that is not the usual one.

    The scheme, the parameters, upper-case letters of the host and slashes at the end make no difference.
    """
    parsed = URL(url)
    host = (parsed.host or "").lower().rstrip(".")
    port = "" if parsed.is_default_port() or parsed.port in {80, 443} else f":{parsed.port}"
    path = "/".join(part for part in parsed.path.split("/") if part)
    return f"{host}{port}/{path}"
