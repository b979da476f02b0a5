"""The settings: accepted values, messages for refused values, and their documentation."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

from bot.errors import SettingsError
from bot.provider import profiles
from bot.settings import Settings

ROOT = Path(__file__).parent.parent
TOKEN = "123456:AAbb_cc-DD"
SEALING_KEY = "A" * 43 + "="
OTHER_KEY = "B" * 42 + "A="
REQUIRED = {"bot_token": TOKEN, "sealing_keys": SEALING_KEY}
ADDRESS = "must be a complete http or https address."
TOKEN_FORM = "must be a bot token from @BotFather, like 123456:ABC-DEF."
COUNTRY_IDS = "must be country ids like 10 or 10,6, or the word all."
USER_IDS = "must be Telegram user ids, separated by commas."

WRONG = [
    ("bot_token", "secret", TOKEN_FORM),
    ("bot_token", "secret:123", TOKEN_FORM),
    ("bot_token", "123:sec ret", TOKEN_FORM),
    ("bot_token", "123:secret/../me", TOKEN_FORM),
    ("bot_token", "123:", TOKEN_FORM),
    ("sealing_keys", "", "needs at least one key; `python -m bot new-key` prints one."),
    ("sealing_keys", "secret", "key 1 is not a sealing key; `python -m bot new-key` prints one."),
    ("sealing_keys", "ключ", "key 1 is not a sealing key; `python -m bot new-key` prints one."),
    (
        "sealing_keys",
        f"{SEALING_KEY},{OTHER_KEY}{SEALING_KEY}",
        "key 2 is not a sealing key; `python -m bot new-key` prints one.",
    ),
    ("providers", "", "needs at least one name of a provider."),
    ("providers_file", "no/such/file", "cannot be read as UTF-8 text."),
    ("provider_url", "example.com/api.php", ADDRESS),
    ("provider_url", "ftp://example.com", ADDRESS),
    ("provider_url", "http://", ADDRESS),
    ("provider_url", "http://example.com:99999/", ADDRESS),
    ("provider_url", "http://exam ple.com/", ADDRESS),
    ("provider_method", "put", "must be one of 'post' or 'get'."),
    ("countries", "", COUNTRY_IDS),
    ("countries", "vietnam", COUNTRY_IDS),
    ("countries", "10,all", COUNTRY_IDS),
    ("countries", "-1", COUNTRY_IDS),
    ("countries", "1234567", COUNTRY_IDS),
    ("countries", "1\u0660", COUNTRY_IDS),
    ("currency", "doubloons", "must not be longer than 8 characters."),
    ("allowed_users", "@ann", USER_IDS),
    ("allowed_users", "1;2", USER_IDS),
    ("allowed_users", "9" * 5000, "must be a whole number within the possible range."),
    ("poll_interval", "often", "must be a number."),
    ("poll_interval", "0", "must be greater than 0."),
    ("poll_interval", "nan", "must be a number."),
    ("provider_rate", "inf", "must be a number."),
    ("provider_rate", "-1", "must be greater than 0."),
    ("key_rate", "2/s", "must be a number."),
    ("key_rate", "0", "must be greater than 0."),
    ("activation_lifetime", "20m", "must be a whole number."),
    ("activation_lifetime", "0", "must be greater than 0."),
    ("cancel_after", "-1", "must be at least 0."),
    ("cancel_after", "1.5", "must be a whole number."),
    ("max_active", "0", "must be at least 1."),
    ("max_active", "51", "must be at most 50."),
    ("send_max_price", "maybe", "must be yes or no."),
    ("retention_days", "-1", "must be at least 0."),
    ("retention_days", "1.5", "must be a whole number."),
    ("telegram_api_url", "api.telegram.org", ADDRESS),
    ("provider_site", "ftp://sms3t.com", ADDRESS),
    ("provider_site", "javascript:alert(1)", ADDRESS),
    ("log_level", "LOUD", "must be one of 'DEBUG', 'INFO', 'WARNING' or 'ERROR'."),
]


@pytest.fixture(autouse=True)
def _no_settings_around(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)


def _set(monkeypatch: pytest.MonkeyPatch, **values: str) -> Settings:
    for name, value in (REQUIRED | values).items():
        monkeypatch.setenv(name.upper(), value)
    return Settings.load()


def _problems(values: dict[str, Any]) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        Settings.load(None, **(REQUIRED | values))
    return caught.value.problems


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("provider_url", "https://example.com/api.php", "https://example.com/api.php"),
        ("provider_url", "http://127.0.0.1:8080/x", "http://127.0.0.1:8080/x"),
        ("providers", "herosms", ("herosms",)),
        ("providers", " sms3t, vak ,", ("sms3t", "vak")),
        ("provider_method", "get", "get"),
        ("provider_method", "POST", "post"),
        ("countries", "10", ("10",)),
        ("countries", " 10, 6,0 ,10,", ("10", "6", "0")),
        ("countries", "all", ("all",)),
        ("currency", "USD", "USD"),
        ("referral_id", "r-77", "r-77"),
        ("database_path", "/var/lib/bot/bot.db", Path("/var/lib/bot/bot.db")),
        ("allowed_users", "1, 22,333", frozenset({1, 22, 333})),
        ("poll_interval", "0.5", 0.5),
        ("provider_rate", "7.5", 7.5),
        ("key_rate", "0.1", 0.1),
        ("activation_lifetime", "1", 1),
        ("cancel_after", "0", 0),
        ("max_active", "1", 1),
        ("max_active", "50", 50),
        ("send_max_price", "yes", True),
        ("send_max_price", "no", False),
        ("telegram_api_url", "http://localhost:8081", "http://localhost:8081"),
        ("log_level", "debug", "DEBUG"),
        ("log_level", "ERROR", "ERROR"),
    ],
)
def test_a_setting_is_taken_from_the_environment(
    monkeypatch: pytest.MonkeyPatch, name: str, text: str, value: object
) -> None:
    """Each setting is read by its upper-case name and converted to its type."""
    assert getattr(_set(monkeypatch, **{name: text}), name) == value


def test_secrets_are_read_and_never_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The token and all sealing keys are read, newest first, and no printed form shows them."""
    settings = _set(monkeypatch, sealing_keys=f"{SEALING_KEY} , {OTHER_KEY}")
    assert settings.bot_token.get_secret_value() == TOKEN
    assert [key.get_secret_value() for key in settings.sealing_keys] == [SEALING_KEY, OTHER_KEY]
    shown = f"{settings!r} {settings} {settings.model_dump()} {settings.model_dump_json()}"
    assert not any(secret in shown for secret in (TOKEN, SEALING_KEY, OTHER_KEY))


@pytest.mark.parametrize(("name", "text", "sentence"), WRONG)
def test_a_wrong_value_gives_one_message(name: str, text: str, sentence: str) -> None:
    """Each wrong value gives exactly one message, with the name of the setting and the expected format."""
    assert _problems({name: text}) == [f"{name.upper()} {sentence}"]


def test_the_table_of_wrong_values_is_complete() -> None:
    """The table of wrong values leaves out only the settings that accept any text."""
    assert {name for name, _, _ in WRONG} | {"referral_id", "database_path"} == set(Settings.model_fields)


def test_all_problems_are_reported_together() -> None:
    """All wrong and missing settings are reported in one error."""
    with pytest.raises(SettingsError) as caught:
        Settings.load(None, max_active="x", log_level="x")
    assert caught.value.problems == [
        "BOT_TOKEN is missing.",
        "LOG_LEVEL must be one of 'DEBUG', 'INFO', 'WARNING' or 'ERROR'.",
        "MAX_ACTIVE must be a whole number.",
        "SEALING_KEYS is missing.",
    ]


@given(
    name=st.sampled_from(sorted(Settings.model_fields)),
    marker=st.text(st.sampled_from("!$%&#?"), min_size=6, max_size=12),
)
def test_no_message_repeats_a_value(name: str, marker: str) -> None:
    """A value never appears in the error: it may be a secret in the wrong line."""
    try:
        Settings.load(None, **(REQUIRED | {name: marker}))
    except SettingsError as error:
        assert marker not in f"{error} {error!r} {error.problems}"  # noqa: PT017  # some values are valid
        assert error.__cause__ is None  # noqa: PT017
        assert error.__suppress_context__  # noqa: PT017


def test_the_environment_overrides_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A value of .env is used if the environment has no value for it; an empty value is no value."""
    (tmp_path / ".env").write_text("MAX_ACTIVE=7\nCANCEL_AFTER=9\nKEY_RATE=\n", encoding="utf-8")
    settings = _set(monkeypatch, cancel_after="10", max_active="")
    assert (settings.max_active, settings.cancel_after, settings.key_rate) == (7, 10, 2.0)


def test_without_a_file_only_the_arguments_count(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without a file the environment is not read either, so the demo is the same on every machine."""
    (tmp_path / ".env").write_text("MAX_ACTIVE=7\n", encoding="utf-8")
    monkeypatch.setenv("CANCEL_AFTER", "10")
    settings = Settings.load(None, **REQUIRED)
    assert (settings.max_active, settings.cancel_after) == (5, 120)


def test_an_unknown_name_in_the_file_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An unknown name in .env is an error; unknown names in the environment are ignored."""
    (tmp_path / ".env").write_text("MAX_ACTIV=secret\n", encoding="utf-8")
    monkeypatch.setenv("MAX_ACTIVES", "7")
    with pytest.raises(SettingsError) as caught:
        _set(monkeypatch)
    assert caught.value.problems == ["MAX_ACTIV is not a known setting; see .env.example for the names."]


def test_a_file_that_is_not_utf8_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A .env file in another encoding is an error with a message."""
    (tmp_path / ".env").write_text("CURRENCY=₫\n", encoding="utf-16")
    with pytest.raises(SettingsError, match=r"^\.env cannot be read as UTF-8 text\.$"):
        _set(monkeypatch)


def test_the_settings_are_frozen() -> None:
    """A setting cannot be changed after loading."""
    settings = Settings.load(None, **REQUIRED)
    with pytest.raises(ValueError, match="frozen"):
        settings.max_active = 50  # type: ignore[misc]  # the assignment is what the test refuses


@pytest.mark.parametrize(
    ("values", "starts"),
    [
        ({"provider_url": "https://example.com/"}, []),
        ({"provider_url": "https://example.com/", "poll_interval": "3"}, []),
        ({"provider_url": "https://example.com/", "poll_interval": "2.9"}, ["POLL_INTERVAL is 2.9 s;"]),
        ({"provider_url": "http://example.com/"}, ["PROVIDER_URL is plain http;"]),
        ({"providers": "sms3t"}, ["sms3t is plain http;"]),
        ({"providers": "herosms"}, []),
    ],
)
def test_a_risky_value_gives_a_warning(values: dict[str, str], starts: list[str]) -> None:
    """Polling too often and sending keys over plain HTTP are allowed, with one warning each."""
    warnings = Settings.load(None, **(REQUIRED | values)).warnings
    assert [warning[: len(start)] for warning, start in zip(warnings, starts, strict=True)] == starts


def test_the_provider_name_is_its_host() -> None:
    """The name of the provider is its host, without port and path."""
    settings = Settings.load(None, **REQUIRED, provider_url="https://sms.example.com:8443/stubs/api.php")
    (profile,) = settings.profiles
    assert (profile.host, profile.unencrypted) == ("sms.example.com", False)


def test_only_keys_that_leave_the_machine_count_as_unencrypted() -> None:
    """A provider on the loopback, such as a tunnel, needs no warning."""
    assert Settings.load(None, **REQUIRED).profiles[0].unencrypted
    local = Settings.load(None, **REQUIRED, provider_url="http://127.0.0.1:8080/x")
    assert (local.profiles[0].unencrypted, local.warnings) == (False, [])


@pytest.mark.parametrize(
    ("address", "currency", "site", "key_page"),
    [
        ("http://vps.sms3t.com/x", "", "https://sms3t.com", "https://sms3t.com/account/api"),
        ("https://VAK-SMS.com./x", "RUB", "https://vak-sms.com", "https://vak-sms.com"),
        ("https://sms3t.com.example.com/x", "", "", None),
        ("https://nothero-sms.com/", "", "", None),
        ("http://127.0.0.1:8000/", "", "", None),
        ("http://[::1]/", "", "", None),
    ],
)
def test_an_address_has_the_site_and_the_currency_of_the_profile_with_the_same_host(
    address: str, currency: str, site: str, key_page: str | None
) -> None:
    """A known host of PROVIDER_URL has the pages and the currency of its profile; an unknown one has none."""
    settings = Settings.load(None, **REQUIRED, provider_url=address)
    (profile,) = settings.profiles
    assert (profile.currency, profile.site, settings.key_page) == (currency, site, key_page)


def test_the_settings_beside_an_address_override_the_known_facts() -> None:
    """CURRENCY and PROVIDER_SITE say more than the profile with the same host."""
    (profile,) = Settings.load(
        None,
        **REQUIRED,
        provider_url="https://vak-sms.com/x",
        currency="USD",
        provider_site="https://vak.example",
    ).profiles
    assert (profile.currency, profile.site) == ("USD", "https://vak.example")


def test_the_default_provider_takes_the_facts_of_the_settings() -> None:
    """Without PROVIDERS and PROVIDER_URL, the provider is sms3t, with the facts of the settings."""
    (plain,) = Settings.load(None, **REQUIRED).profiles
    assert (plain.id, plain.method, plain.currency, plain.cancel_after) == ("sms3t", "post", "", 120)
    (changed,) = Settings.load(None, **REQUIRED, currency="RUB", cancel_after="60", key_rate="9").profiles
    assert changed == replace(plain, currency="RUB", cancel_after=60, key_rate=9.0)


def test_an_address_is_a_profile_of_its_own_that_learns() -> None:
    """PROVIDER_URL makes one profile from the settings beside it; what the provider lacks is not known."""
    settings = Settings.load(
        None,
        **REQUIRED,
        provider_url="http://sms.example.com/x",
        provider_method="get",
        currency="USD",
        activation_lifetime="900",
        cancel_after="0",
        provider_rate="7",
        poll_interval="4",
    )
    assert settings.profiles == (
        profiles.Profile(
            id="own",
            name="sms.example.com",
            url="http://sms.example.com/x",
            plain_http=True,
            currency="USD",
            lifetime=900,
            cancel_after=0,
            prefixes=True,
            lacks=None,
            poll=4.0,
            host_rate=7.0,
        ),
    )


def test_providers_are_named_in_their_order() -> None:
    """PROVIDERS chooses shipped profiles; the settings of PROVIDER_URL change none of them, and are named."""
    settings = Settings.load(None, **REQUIRED, providers="vak,herosms,vak", currency="EUR", key_rate="9")
    assert [(each.id, each.currency, each.key_rate) for each in settings.profiles] == [
        ("vak", "RUB", 9.0),
        ("herosms", "USD", 9.0),
    ]
    assert settings.warnings == ["CURRENCY has no effect beside PROVIDERS; set currency in PROVIDERS_FILE"]
    for_vak = settings.for_provider(settings.profiles[0])
    assert (for_vak.currency, for_vak.provider_method, for_vak.provider_rate) == ("RUB", "get", 20.0)


def test_a_name_that_is_not_known_is_refused_with_the_known_ones() -> None:
    """An unknown name gives its place and the known names."""
    (problem,) = _problems({"providers": "sms3t,herosmss"})
    assert problem.startswith("PROVIDERS: name 2 is not known; the known names are daisyio, getatext, ")


def test_names_and_an_address_exclude_each_other() -> None:
    """PROVIDERS and PROVIDER_URL together are refused."""
    assert _problems({"providers": "sms3t", "provider_url": "https://example.com/"}) == [
        "PROVIDERS and PROVIDER_URL exclude each other; leave one of them empty."
    ]


def test_a_file_adds_and_changes_profiles(tmp_path: Path) -> None:
    """PROVIDERS can name a profile of PROVIDERS_FILE, and a shipped one that the file changes."""
    file = tmp_path / "mine.toml"
    file.write_text('[mine]\nname = "Mine"\nurl = "https://mine.example/"\n[vak]\ncurrency = "USD"\n')
    settings = Settings.load(None, **REQUIRED, providers="mine,vak", providers_file=file)
    assert [(each.name, each.currency) for each in settings.profiles] == [("Mine", ""), ("VAK-SMS", "USD")]


def _shown_default(name: str) -> str:
    """Return a default as .env.example shows it; empty if the setting has no default."""
    field = Settings.model_fields[name]
    if field.is_required() or (not field.default and field.default != 0):
        return ""
    if isinstance(field.default, bool):
        return "yes" if field.default else "no"
    if isinstance(field.default, tuple):
        return ",".join(field.default)
    return f"{field.default:g}" if isinstance(field.default, float) else str(field.default)


def test_the_example_file_holds_every_setting() -> None:
    """.env.example has each setting once, in the order of the code, with its default and a comment."""
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    found = re.findall(r"^((?:# .+\n)+)([A-Z_]+)=(.*)$", text, re.MULTILINE)
    assert [(name, value) for _, name, value in found] == [
        (name.upper(), _shown_default(name)) for name in Settings.model_fields
    ]
    assert len(found) == len(re.findall(r"^[^#\n]", text, re.MULTILINE))


def test_the_example_file_is_valid_with_its_required_lines_filled_in(tmp_path: Path) -> None:
    """A copy of .env.example with the two required lines filled in is valid and has all defaults."""
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    filled = text.replace("BOT_TOKEN=\n", f"BOT_TOKEN={TOKEN}\n")
    filled = filled.replace("SEALING_KEYS=\n", f"SEALING_KEYS={SEALING_KEY}\n")
    (tmp_path / ".env").write_text(filled, encoding="utf-8")
    assert Settings.load() == Settings.load(None, **REQUIRED)


def test_the_readme_holds_every_setting() -> None:
    """The table in the README has each setting once, in the order of the code, with its default."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([A-Z_]+)` \| ?(.*?) \| .+ \|$", text, re.MULTILINE)
    expected = []
    for name, field in Settings.model_fields.items():
        shown = _shown_default(name)
        default = "required" if field.is_required() else f"`{shown}`" if shown else ""
        expected.append((name.upper(), default))
    assert rows == expected
