"""Fernet encryption of API keys."""

import json

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from pydantic import SecretStr

from bot.errors import SealError


class Vault:
    """Encrypts (seals) with the first sealing key and decrypts (opens) with any of them.

    The user's id and the address of the provider are encrypted together with the API key and checked on
    decryption, so that a row copied to another user, or changed to another provider, cannot be used.
    """

    def __init__(self, sealing_keys: list[SecretStr]) -> None:
        self._fernet = MultiFernet([Fernet(key.get_secret_value()) for key in sealing_keys])

    @staticmethod
    def new_sealing_key() -> str:
        """Return a new random sealing key for the settings."""
        return Fernet.generate_key().decode()

    def seal(self, user_id: int, address: str, api_key: SecretStr) -> str:
        """Return a user's API key in encrypted form; it is sent to this address only."""
        content = {"user": user_id, "provider": address, "key": api_key.get_secret_value()}
        return self._fernet.encrypt(json.dumps(content).encode()).decode()

    def open(self, user_id: int, address: str, sealed: str) -> SecretStr:
        """Return the API key of a user, to be sent to this address, in plain form.

        Raises:
            SealError: no sealing key fits, the text is damaged, or the user or the address is another one.
        """
        content = self._decrypt(sealed)
        if not content.startswith("{"):
            raise SealError("sealed for no provider")
        opened = json.loads(content)
        if opened["user"] != user_id:
            raise SealError("sealed for another user")
        if opened["provider"] != address:
            raise SealError("sealed for another provider")
        return SecretStr(opened["key"])

    def open_without_address(self, user_id: int, sealed: str) -> SecretStr:
        """Return an API key that an earlier version has sealed, as ``user id:key`` without a provider.

        Raises:
            SealError: no sealing key fits, the text is damaged, it names a provider, or the key belongs to
                another user.
        """
        content = self._decrypt(sealed)
        if content.startswith("{"):
            raise SealError("sealed for another provider")
        owner, _, api_key = content.partition(":")
        if owner != str(user_id):
            raise SealError("sealed for another user")
        return SecretStr(api_key)

    def reseal(self, sealed: str) -> str:
        """Return the same API key encrypted with the first sealing key.

        Raises:
            SealError: no sealing key fits, or the text is damaged.
        """
        try:
            return self._fernet.rotate(sealed).decode()
        except InvalidToken:
            raise SealError("sealed with another key, or damaged") from None

    def _decrypt(self, sealed: str) -> str:
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken:
            raise SealError("sealed with another key, or damaged") from None
