"""Seals API keys for the database and opens them again."""

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from pydantic import SecretStr

from bot.errors import SealError


class Vault:
    """Seals with the first of its keys, opens with any of them.

    The user's id is sealed together with the key and compared on opening, so a row copied to another
    user does not open.
    """

    def __init__(self, sealing_keys: list[SecretStr]) -> None:
        self._fernet = MultiFernet([Fernet(key.get_secret_value()) for key in sealing_keys])

    @staticmethod
    def new_sealing_key() -> str:
        """Return a fresh sealing key for the settings."""
        return Fernet.generate_key().decode()

    def seal(self, user_id: int, api_key: SecretStr) -> str:
        """Return the sealed form of a user's API key."""
        return self._fernet.encrypt(f"{user_id}:{api_key.get_secret_value()}".encode()).decode()

    def open(self, user_id: int, sealed: str) -> SecretStr:
        """Return the API key that was sealed for this user.

        Raises:
            SealError: sealed with another key, damaged, or sealed for another user.
        """
        try:
            owner, _, api_key = self._fernet.decrypt(sealed.encode()).decode().partition(":")
        except InvalidToken:
            raise SealError("sealed with another key, or damaged") from None
        if owner != str(user_id):
            raise SealError("sealed for another user")
        return SecretStr(api_key)

    def reseal(self, sealed: str) -> str:
        """Return the same secret sealed with the newest sealing key.

        Raises:
            SealError: none of the sealing keys opens it.
        """
        try:
            return self._fernet.rotate(sealed).decode()
        except InvalidToken:
            raise SealError("sealed with another key, or damaged") from None
