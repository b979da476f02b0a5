"""Settings of the bot, from environment variables or a .env file."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

from pydantic import AfterValidator, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, InitSettingsSource, NoDecode, SettingsConfigDict
from yarl import URL

from bot.errors import SettingsError
from bot.provider import profile_files, profiles
from bot.provider.profiles import Profile

ENV_FILE: Final = Path(".env")
"""The file of the current folder with values that the environment does not set."""
MIN_RECOMMENDED_INTERVAL: Final = 3.0
"""Seconds; some providers treat a shorter poll interval as abuse."""

_TOKEN: Final = re.compile(r"[0-9]+:[A-Za-z0-9_-]+")
_SEALING_KEY: Final = re.compile(r"[A-Za-z0-9_-]{43}=")

_FACTS: Final = {
    "provider_method": "method",
    "currency": "currency",
    "provider_site": "site",
    "activation_lifetime": "lifetime",
    "cancel_after": "cancel_after",
}
"""Settings about the provider of PROVIDER_URL → field of its profile."""
_RATES: Final = {"poll_interval": "poll", "key_rate": "key_rate", "provider_rate": "host_rate"}
"""Settings that hold for all providers → field of a profile."""

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
    providers: Annotated[tuple[str, ...], NoDecode] = ("sms3t",)
    providers_file: Path | None = None
    provider_url: HttpUrl | None = None
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
                settings = cls(_build_sources=((InitSettingsSource(cls, values),), {}))
            else:
                settings = cls(_env_file=env_file, **values)
        except ValidationError as error:
            raise SettingsError(sorted({_sentence(problem) for problem in error.errors()})) from None
        except (OSError, UnicodeDecodeError):
            raise SettingsError([f"{env_file} cannot be read as UTF-8 text."]) from None
        settings.profiles  # noqa: B018  # a wrong profile stops the start too
        return settings

    @cached_property
    def profiles(self) -> tuple[Profile, ...]:
        """The profiles of the providers on offer: that of PROVIDER_URL, or those that PROVIDERS names.

        Raises:
            SettingsError: with one sentence for each problem.
        """
        known = profile_files.load(self.providers_file)
        if self.provider_url is None:
            chosen = profiles.choose(known, self.providers)
        else:
            chosen = (self._own_profile(self.provider_url, known.values()),)
        fields = _RATES if "providers" in self.model_fields_set else _RATES | _FACTS
        changes = {
            field: getattr(self, setting) for setting, field in fields.items() if self._is_changed(setting)
        }
        return tuple(replace(profile, **changes) for profile in chosen)

    def for_provider(self, profile: Profile) -> Self:
        """Return these settings with the facts of one provider."""
        return self.model_copy(
            update={setting: getattr(profile, field) for setting, field in (_FACTS | _RATES).items()}
        )

    def _own_profile(self, url: str, known: Iterable[Profile]) -> Profile:
        """Return the profile of PROVIDER_URL; its website and currency are those of a known profile."""
        same = next((each for each in known if profiles.authority(each.url) == profiles.authority(url)), None)
        profile = profiles.own(url, self.provider_method)
        if same is None:
            return profile
        return replace(profile, site=same.site, key_page=same.key_page, currency=same.currency)

    def _is_changed(self, setting: str) -> bool:
        """Return whether a setting has another value than its default."""
        return bool(getattr(self, setting) != type(self).model_fields[setting].default)

    @property
    def warnings(self) -> list[str]:
        """One sentence for each value that is allowed but not recommended."""
        found = []
        if self.poll_interval < MIN_RECOMMENDED_INTERVAL:
            found.append(f"POLL_INTERVAL is {self.poll_interval:g} s; some providers block accounts for this")
        for profile in self.profiles:
            if profile.unencrypted:
                name = "PROVIDER_URL" if profile.id == profiles.OWN else profile.name
                found.append(f"{name} is plain http; API keys are sent to the provider unencrypted")
        if "providers" in self.model_fields_set:
            found += [
                f"{setting.upper()} has no effect beside PROVIDERS; set {field} in PROVIDERS_FILE"
                for setting, field in _FACTS.items()
                if self._is_changed(setting)
            ]
        return found

    @property
    def key_page(self) -> str | None:
        """The page with the API key of the only provider; None if it is not known or there are several."""
        return self.profiles[0].key_link if len(self.profiles) == 1 else None

    @model_validator(mode="after")
    def _check_choice(self) -> Self:
        if self.provider_url is not None and "providers" in self.model_fields_set:
            raise ValueError("PROVIDERS and PROVIDER_URL exclude each other; leave one of them empty")
        return self

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

    @field_validator("countries", "providers", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return _comma_list(value)

    @field_validator("providers")
    @classmethod
    def _check_providers(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not value:
            raise ValueError("needs at least one name of a provider")
        return value

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


class _ProvidersFile(BaseSettings):
    """The one setting that names the file with profiles."""

    model_config = SettingsConfigDict(
        env_file=ENV_FILE, env_file_encoding="utf-8", extra="ignore", env_ignore_empty=True
    )

    providers_file: Path | None = None


def providers_file() -> Path | None:
    """Return the value of PROVIDERS_FILE, without a look at the other settings."""
    return _ProvidersFile().providers_file


def _sentence(problem: Mapping[str, Any]) -> str:
    """Return one sentence for a validation error, with the name of the setting but not its value."""
    kind = problem["type"]
    context = problem.get("ctx", {})
    if not problem["loc"]:
        return f"{context['error']}."
    name = str(problem["loc"][0]).upper()
    if kind == "value_error":
        return f"{name} {context['error']}."
    template = _MESSAGES.get(kind)
    return f"{name} {template.format(**context)}." if template else f"{name}: {problem['msg']}."
