"""Keyed fingerprints of API keys, by which one account of the provider is known."""

import hashlib
import hmac

from pydantic import SecretStr


def fingerprint(secret: str, api_key: SecretStr) -> str:
    """Return the fingerprint of an API key: the same for the same key, and useless without the secret."""
    return hmac.new(secret.encode(), api_key.get_secret_value().encode(), hashlib.sha256).hexdigest()[:32]
