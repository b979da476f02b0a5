"""The profiles: those that ship with the bot, and the checks of an operator's file."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest
from yarl import URL

from bot.errors import SettingsError
from bot.provider import profile_files, profiles
from bot.provider.profiles import Profile

ROOT = Path(__file__).parents[2]
OFFERED = (
    "sms3t herosms smsbower grizzly tiger smshub vak sms365 smsonlinepro "
    "svn smsman daisyio smsverified getatext privatesms smspool polar"
)
MINE = '[mine]\nname = "Mine"\nurl = "https://mine.example/api"\n'

WRONG = [
    ('[mine]\nurl = "https://mine.example/"', "[mine] name is missing"),
    ('[mine]\nname = "Mine"', "[mine] url is missing"),
    (MINE + "colour = 1", "[mine] colour is not a field of a profile"),
    (MINE.replace("Mine", ""), "[mine] name must not be empty"),
    (MINE.replace("Mine", "M" * 33), "[mine] name must not be longer than 32 characters"),
    (MINE + "lifetime = true", "[mine] lifetime must be a whole number"),
    (MINE + "lifetime = 0", "[mine] lifetime must be greater than 0"),
    (MINE + 'cancel_after = "5"', "[mine] cancel_after must be a whole number"),
    (MINE + "cancel_after = -1", "[mine] cancel_after must be at least 0"),
    (MINE + 'key_rate = "2"', "[mine] key_rate must be a number"),
    (MINE + "key_rate = inf", "[mine] key_rate must be a number"),
    (MINE + 'resend = "yes"', "[mine] resend must be true or false"),
    (MINE + "currency = 1", "[mine] currency must be a text"),
    (MINE + 'method = "put"', "[mine] method must be one of 'get' or 'post'"),
    (MINE + 'lacks = "getPrices"', "[mine] lacks must be a list"),
    (
        MINE + 'lacks = ["getBalance"]',
        (
            "[mine] lacks may only have getActiveActivations, getCountries, getNumbersStatus, getOperators, "
            "getPrices, getServicesList"
        ),
    ),
    (MINE + "params = [1]", "[mine] params must be a table"),
    (MINE + 'params = { api_key = "x" }', "[mine] params must not name api_key or action"),
    (MINE + 'only_countries = ["u s"]', "[mine] only_countries must be country ids"),
    (MINE.replace("https", "http"), "[mine] url must be https, or plain_http must be true"),
    (MINE.replace("https://", ""), "[mine] url must be a complete address"),
    (MINE.replace("https", "ftp"), "[mine] url must be a complete address"),
    (MINE.replace("example/", "example:99999/"), "[mine] url must be a complete address"),
    (MINE + 'key_page = "http://mine.example/"', "[mine] key_page must be an https address"),
    (MINE + 'site = "mine.example"', "[mine] site must be an https address"),
    (MINE + 'state = "new"', "[mine] state must be one of ready, adapt, seen, gone"),
    ("default = 1", "default must be a table"),
    ('mine = "Mine"', "mine must stand in the table of a profile"),
    (
        MINE.replace("[mine]", "[Mine]"),
        "[Mine] must be named by 1 to 16 of a-z, 0-9, - and _, and not own",
    ),
    (MINE.replace("[mine]", "[own]"), "[own] must be named by 1 to 16 of a-z, 0-9, - and _, and not own"),
    (MINE.replace("mine.example", "HERO-sms.com:443"), "[herosms] and [mine] have the same host"),
]


def _file(folder: Path, text: str) -> Path:
    file = folder / "providers.toml"
    file.write_text(text, encoding="utf-8")
    return file


def _script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("provider_tables", ROOT / "docs" / "provider_tables.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_shipped_profiles_are_valid() -> None:
    """Each shipped provider is on offer, at a host of its own, with a page on its own https site."""
    shipped = profile_files.load()
    assert list(shipped) == OFFERED.split()
    assert len({profiles.authority(each.url) for each in shipped.values()}) == len(shipped)
    for each in shipped.values():
        domain = ".".join(URL(each.site).host.split(".")[-2:])  # type: ignore[union-attr]  # checked by load
        assert each.key_link is not None
        assert URL(each.key_link).host in (domain, f"www.{domain}")
        own_domain = "smsbower.page" if each.id == "smsbower" else domain
        assert (each.host or "").endswith(own_domain)
        assert each.unencrypted == (each.id == "sms3t")


def test_a_profile_says_only_what_differs(tmp_path: Path) -> None:
    """A profile of two fields has the values of sms-activate in all others."""
    read = profile_files.load(_file(tmp_path, MINE))["mine"]
    assert read == Profile(id="mine", name="Mine", url="https://mine.example/api")
    assert (read.method, read.lifetime, read.cancel_status, read.lacks) == ("get", 1200, 8, frozenset())


def test_a_file_changes_a_shipped_profile(tmp_path: Path) -> None:
    """A table with the name of a shipped profile changes only the fields that it has."""
    shipped = profile_files.load()
    changed = profile_files.load(
        _file(tmp_path, '[herosms]\nurl = "http://127.0.0.1:8080/x"\ncurrency = "EUR"')
    )
    assert changed.keys() == shipped.keys()
    assert (changed["herosms"].url, changed["herosms"].currency) == ("http://127.0.0.1:8080/x", "EUR")
    assert changed["herosms"].sms_sent is shipped["herosms"].sms_sent is False


def test_the_table_default_holds_for_the_profiles_of_the_file(tmp_path: Path) -> None:
    """The fields of [default] are those of each profile of the file that does not have them itself."""
    text = f'[default]\nmethod = "post"\ncurrency = "USD"\n{MINE}currency = "EUR"\n'
    read = profile_files.load(_file(tmp_path, text))
    assert (read["mine"].method, read["mine"].currency, read["vak"].method) == ("post", "EUR", "get")
    assert "default" not in read


def test_only_tried_profiles_are_on_offer(tmp_path: Path) -> None:
    """A profile that was only seen, or that is gone, is in the file for its readers; notes are allowed."""
    notes = 'sure = "D"\nlast = "2026"\nwants = ["more"]\nsources = ["a page"]\n'
    text = (
        f'{MINE}state = "seen"\n[old]\nstate = "gone"\n[new]\nname = "N"\nurl = "https://n.example"\n{notes}'
    )
    read = profile_files.load(_file(tmp_path, text))
    assert "new" in read
    assert not {"mine", "old"} & read.keys()


@pytest.mark.parametrize(("text", "problem"), WRONG)
def test_a_wrong_profile_gives_one_message(tmp_path: Path, text: str, problem: str) -> None:
    """Each wrong field gives one sentence with the name of the profile and of the field."""
    with pytest.raises(SettingsError) as caught:
        profile_files.load(_file(tmp_path, text))
    assert caught.value.problems == [f"PROVIDERS_FILE: {problem}."]


def test_an_unreadable_file_is_refused(tmp_path: Path) -> None:
    """A file that is missing, in another encoding, or no TOML is refused."""
    (tmp_path / "utf16").write_text(MINE, encoding="utf-16")
    for name in ("missing", "utf16"):
        with pytest.raises(SettingsError, match=r"^PROVIDERS_FILE cannot be read as UTF-8 text\.$"):
            profile_files.load(tmp_path / name)
    with pytest.raises(SettingsError, match=r"^PROVIDERS_FILE is not valid TOML: "):
        profile_files.load(_file(tmp_path, "[mine"))


def test_the_countries_on_offer() -> None:
    """The operator's list of countries holds where the ids are those of sms-activate."""
    known = profile_files.load()
    assert known["vak"].countries_of(("10", "6")) == ("10", "6")
    assert known["smsman"].countries_of(("10", "6")) == ("all",)
    assert known["daisyio"].countries_of(("10", "6")) == ("187",)


@pytest.mark.parametrize(
    ("file", "name", "function"),
    [("README.md", "providers", "providers"), ("docs/providers.md", "fields", "profile_fields")],
)
def test_the_tables_of_the_documents(file: str, name: str, function: str) -> None:
    """The tables of the providers and of a profile's fields are those that the script makes from the code."""
    text = (ROOT / file).read_text(encoding="utf-8")
    found = re.search(rf"<!-- {name} -->\n(.*?)<!-- end -->", text, re.DOTALL)
    assert found is not None
    assert found[1] == getattr(_script(), function)()


def test_the_example_of_the_guide(tmp_path: Path) -> None:
    """The file that the guide shows is valid."""
    guide = (ROOT / "docs" / "providers.md").read_text(encoding="utf-8")
    example = re.search(r"```toml\n(.*?)```", guide, re.DOTALL)
    assert example is not None
    read = profile_files.load(_file(tmp_path, example[1]))
    assert (read["mine"].currency, read["smshub"].currency) == ("USD", "RUB")
