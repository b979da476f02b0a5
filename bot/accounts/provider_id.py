"""The name under which an API key is bound to its provider."""

from yarl import URL


def provider_id(address: str) -> str:
    """Return the provider that a URL leads to: its host and path, and a port that is not the usual one.

    The scheme, the parameters, upper-case letters of the host and slashes at the end make no difference.
    """
    url = URL(address)
    host = (url.host or "").lower().rstrip(".")
    port = "" if url.is_default_port() or url.port in {80, 443} else f":{url.port}"
    path = "/".join(part for part in url.path.split("/") if part)
    return f"{host}{port}/{path}"
