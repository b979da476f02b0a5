"""The command check-provider: what it asks, prints and suggests."""

import asyncio
import io
from pathlib import Path

import pytest

from bot.__main__ import main
from bot.sandbox.provider import FAMILY, Dialect, ProviderServer, SandboxProvider

KEY = "0badc0ffee5ec2e70badc0ffee5ec2e7"
WRONG_KEY = "0" * 32
SVN_NAMES = (
    'getCountries = "getCountryAndOperators"',
    'getServicesList = "getServicesAndCost"',
    'getOperators = "getCountryAndOperators"',
    'getActiveActivations = "getCurrentActivationsList"',
)


async def check(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    provider: SandboxProvider,
    facts: str,
) -> list[str]:
    """Run the command for a profile with the given fields, and return the lines that it prints."""
    async with ProviderServer(provider) as server:
        file = folder / "providers.toml"
        file.write_text(f'[mine]\nname = "Mine"\nurl = "{server.url}"\nkey_rate = 1000\n{facts}\n')
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{KEY}\n"))
        status = await asyncio.to_thread(main, ["check-provider", "mine", "--file", str(file)])
    assert status == 0
    output = capsys.readouterr().out
    assert KEY not in output
    return output.splitlines()


def provider_of(dialect: Dialect) -> SandboxProvider:
    """Return a provider with one account that has bought a number."""
    provider = SandboxProvider(dialect=dialect)
    account = provider.open_account(KEY)
    provider.buy(account, "tg", "10")
    return provider


def suggested(lines: list[str]) -> list[str]:
    """Return the suggested fields."""
    return lines[lines.index("[mine]") + 1 :]


async def test_it_asks_and_buys_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every reading action is asked and its answer is printed; nothing is bought or changed."""
    provider = provider_of(FAMILY["vak"])
    lines = await check(tmp_path, monkeypatch, capsys, provider, "")
    assert lines[:2] == [
        "Asking Mine at 127.0.0.1. Nothing is bought.",
        "getBalance: 200 ACCESS_BALANCE:9.38",
    ]
    assert "getOperators: 200 BAD_ACTION → UnsupportedAction" in lines
    assert "getStatus of an unknown number: 200 BAD_ACTION → UnsupportedAction" in lines
    assert suggested(lines) == [
        'lacks = ["getActiveActivations", "getNumbersStatus", "getOperators"]',
        'bad_action = "anything"',
    ]
    actions = {request.action for request in provider.requests}
    assert {"getBalance", "getPrices", "getCountries", "getStatus"} <= actions
    assert not {
        action for action in actions if action.startswith(("getNumberV", "set")) or action == "getNumber"
    }
    assert len(provider.ledger) == 1
    assert {request.params["api_key"] for request in provider.requests} == {KEY, WRONG_KEY}


@pytest.mark.parametrize(
    ("name", "facts", "expected"),
    [
        (
            "smsbower",
            'method = "post"',
            ['method = "get"', 'lacks = ["getActiveActivations", "getNumbersStatus"]'],
        ),
        (
            "svn",
            "",
            [
                'params = { lang = "en" }',
                'lacks = ["getNumbersStatus"]',
                f"renamed = {{ {', '.join(SVN_NAMES)} }}",
            ],
        ),
        (
            "smshub",
            "",
            [
                'lacks = ["getCountries", "getOperators", "getServicesList"]',
                'renamed = { getActiveActivations = "getCurrentActivations" }',
                'cost_told = "list"',
            ],
        ),
    ],
)
async def test_suggestions(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
    facts: str,
    expected: list[str],
) -> None:
    """The answers suggest the method, parameters of all requests, missing actions and other names."""
    lines = await check(tmp_path, monkeypatch, capsys, provider_of(FAMILY[name]), facts)
    assert sorted(suggested(lines)) == sorted(expected)


async def test_a_profile_that_is_right(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A profile that the answers agree with gets no suggestion."""
    provider = provider_of(FAMILY["herosms"])
    lines = await check(tmp_path, monkeypatch, capsys, provider, 'cost_told = "list"')
    assert lines[-1] == "The answers agree with the profile."


def test_a_name_or_a_key_that_is_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """An unknown name lists the known ones, and an empty key is refused, before anything is asked."""
    monkeypatch.chdir(tmp_path)
    assert main(["check-provider", "nobody"]) == 2
    assert "The known names are daisyio, getatext, " in capsys.readouterr().err
    monkeypatch.setattr("sys.stdin", io.StringIO("\n"))
    assert main(["check-provider", "vak"]) == 2
    assert "No API key was typed." in capsys.readouterr().err


async def test_a_provider_that_does_not_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A failed connection is a line, and the lists are not asked. The file is that of PROVIDERS_FILE."""
    (tmp_path / ".env").write_text("PROVIDERS_FILE=mine.toml\nBOT_TOKEN=\n")
    (tmp_path / "mine.toml").write_text('[mine]\nname = "M"\nurl = "http://127.0.0.1:9/"\nkey_rate = 1000\n')
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.stdin", io.StringIO(KEY))
    assert await asyncio.to_thread(main, ["check-provider", "mine"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1] == "getBalance: no answer: ClientConnectorError"
    assert lines[-1].startswith("The balance cannot be read with this key")
