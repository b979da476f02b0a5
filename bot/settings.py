"""Settings of the bot, from environment variables or a .env file."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

from pydantic import AfterValidator, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, InitSettingsSource, NoDecode, SettingsConfigDict
from yarl import URL

from bot.errors import SettingsError

ENV_FILE: Final = Path(".env")
"""The file of the current folder with values that the environment does not set."""
MIN_RECOMMENDED_INTERVAL: Final = 3.0
"""Seconds; some providers treat a shorter poll interval as abuse."""

_TOKEN: Final = re.compile(r"[0-9]+:[A-Za-z0-9_-]+")
_SEALING_KEY: Final = re.compile(r"[A-Za-z0-9_-]{43}=")
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})

_MESSAGES: Final = {
    "missing": "is missing",
    "extra_forbidden": "is not a known setting; see .env.example for the names",
    "int_parsing": "must be a whole number",
    "int_parsing_size": "must be a whole number within the possible range",
    "int_type": "must be a whole number",
    "bool_parsing": "must be yes or no",
    "float_parsing": "must be a number",
    "greater_than": "must be greater than {gt:g}",
    "greater_than_equal": "must be at least {ge:g}",
    "less_than_equal": "must be at most {le:g}",
    "string_too_long": "must not be longer than {max_length} characters",
    "literal_error": "must be one of {expected}",
    "finite_number": "must be a number",
}


def _http_url(value: str) -> str:
    try:
        url = URL(value)
    except ValueError:
        raise ValueError("must be a complete http or https address") from None
    if url.scheme not in ("http", "https") or not url.host or any(map(str.isspace, value)):
        raise ValueError("must be a complete http or https address")
    return value


def _comma_list(value: object) -> object:
    return (
        tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value
    )


HttpUrl = Annotated[str, AfterValidator(_http_url)]
Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Rate = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class Settings(BaseSettings):
    """All settings. A field name is the name of the environment variable in lower case.

    Use `load` to create an instance: it turns validation errors into a SettingsError.
    """

    model_config = SettingsConfigDict(
        env_file_encoding="utf-8",
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        env_ignore_empty=True,
    )

    bot_token: SecretStr
    sealing_keys: Annotated[tuple[SecretStr, ...], NoDecode]
    provider_url: HttpUrl = "http://vps.sms3t.com/stubs/handler_api.php"
    provider_method: Literal["post", "get"] = "post"
    countries: Annotated[tuple[str, ...], NoDecode] = ("10",)
    currency: str = Field(default="", max_length=8)
    provider_site: HttpUrl | None = None
    referral_id: str | None = None
    database_path: Path = Path("data/bot.db")
    allowed_users: Annotated[frozenset[int], NoDecode] = frozenset()
    poll_interval: Seconds = 5.0
    provider_rate: Rate = 20.0
    key_rate: Rate = 2.0
    activation_lifetime: int = Field(default=1200, gt=0)
    cancel_after: int = Field(default=120, ge=0)
    max_active: int = Field(default=5, ge=1, le=50)
    send_max_price: bool = False
    retention_days: int = Field(default=90, ge=0, le=36500)
    telegram_api_url: HttpUrl = "https://api.telegram.org"
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @classmethod
    def load(cls, env_file: Path | None = ENV_FILE, **values: Any) -> Self:
        """Return the settings.

        Args:
            env_file: a file with values that the environment does not set; None ignores the environment too.
            values: settings that override the environment and the file.

        Raises:
            SettingsError: with one sentence for each invalid setting.
        """
        try:
            if env_file is None:
                return cls(_build_sources=((InitSettingsSource(cls, values),), {}))
            return cls(_env_file=env_file, **values)
        except ValidationError as error:
            raise SettingsError(sorted({_sentence(problem) for problem in error.errors()})) from None
        except (OSError, UnicodeDecodeError):
            raise SettingsError([f"{env_file} cannot be read as UTF-8 text."]) from None

    @property
    def warnings(self) -> list[str]:
        """One sentence for each value that is allowed but not recommended."""
        found = []
        if self.poll_interval < MIN_RECOMMENDED_INTERVAL:
            found.append(f"POLL_INTERVAL is {self.poll_interval:g} s; some providers block accounts for this")
        if self.plain_http:
            found.append("PROVIDER_URL is plain http; API keys are sent to the provider unencrypted")
        return found

    @property
    def plain_http(self) -> bool:
        """Whether API keys leave this machine unencrypted."""
        url = URL(self.provider_url)
        return url.scheme == "http" and url.host not in _LOOPBACK

    @property
    def provider_name(self) -> str | None:
        """The host name of the provider; None for a local one."""
        host = URL(self.provider_url).host or ""
        return None if host in _LOOPBACK else host

    @field_validator("bot_token")
    @classmethod
    def _check_token(cls, value: SecretStr) -> SecretStr:
        if not _TOKEN.fullmatch(value.get_secret_value()):
            raise ValueError("must be a bot token from @BotFather, like 123456:ABC-DEF")
        return value

    @field_validator("sealing_keys", mode="before")
    @classmethod
    def _split_keys(cls, value: object) -> object:
        return _comma_list(value)

    @field_validator("sealing_keys")
    @classmethod
    def _check_keys(cls, value: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        if not value:
            raise ValueError("needs at least one key; `python -m bot new-key` prints one")
        for number, key in enumerate(value, 1):
            # Fernet ignores text after the padding, such as a second key without a comma.
            if not _SEALING_KEY.fullmatch(key.get_secret_value()):
                raise ValueError(f"key {number} is not a sealing key; `python -m bot new-key` prints one")
        return value

    @field_validator("provider_method", mode="before")
    @classmethod
    def _lower(cls, value: object) -> object:
        return value.lower() if isinstance(value, str) else value

    @field_validator("log_level", mode="before")
    @classmethod
    def _upper(cls, value: object) -> object:
        return value.upper() if isinstance(value, str) else value

    @field_validator("countries", mode="before")
    @classmethod
    def _split_countries(cls, value: object) -> object:
        return _comma_list(value)

    @field_validator("countries")
    @classmethod
    def _check_countries(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if value == ("all",):
            return value
        if not value or not all(id_.isascii() and id_.isdigit() and len(id_) <= 6 for id_ in value):  # noqa: PLR2004  # current ids have up to three digits
            raise ValueError("must be country ids like 10 or 10,6, or the word all")
        return tuple(dict.fromkeys(value))

    @field_validator("allowed_users", mode="before")
    @classmethod
    def _split_users(cls, value: object) -> object:
        ids = _comma_list(value)
        if isinstance(ids, tuple) and not all(id_.isascii() and id_.isdigit() for id_ in ids):
            raise ValueError("must be Telegram user ids, separated by commas")
        return ids


def _sentence(problem: Mapping[str, Any]) -> str:
    """Return one sentence for a validation error, with the name of the setting but not its value."""
    name = str(problem["loc"][0]).upper() if problem["loc"] else "The settings"
    kind = problem["type"]
    context = problem.get("ctx", {})
    if kind == "value_error":
        return f"{name} {context['error']}."
    template = _MESSAGES.get(kind)
    return f"{name} {template.format(**context)}." if template else f"{name}: {problem['msg']}."
