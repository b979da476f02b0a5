"""Fernet encryption of API keys."""

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from pydantic import SecretStr

from bot.errors import SealError


class Vault:
    """Encrypts (seals) with the first sealing key and decrypts (opens) with any of them.

    The user's id is encrypted together with the API key and checked on decryption, so that a row copied to
    another user cannot be used.
    """

    def __init__(self, sealing_keys: list[SecretStr]) -> None:
        self._fernet = MultiFernet([Fernet(key.get_secret_value()) for key in sealing_keys])

    @staticmethod
    def new_sealing_key() -> str:
        """Return a new random sealing key for the settings."""
        return Fernet.generate_key().decode()

    def seal(self, user_id: int, api_key: SecretStr) -> str:
        """Return a user's API key in encrypted form."""
        return self._fernet.encrypt(f"{user_id}:{api_key.get_secret_value()}".encode()).decode()

    def open(self, user_id: int, sealed: str) -> SecretStr:
        """Return the API key of a user in plain form.

        Raises:
            SealError: no sealing key fits, the text is damaged, or the key belongs to another user.
        """
        try:
            owner, _, api_key = self._fernet.decrypt(sealed.encode()).decode().partition(":")
        except InvalidToken:
            raise SealError("sealed with another key, or damaged") from None
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
