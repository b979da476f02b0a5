"""The command line: run the bot, run the demo, and the operator's commands."""

import argparse
import asyncio
import getpass
import logging
import os
import signal
import sys
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import Final

from pydantic import SecretStr
from yarl import URL

from bot import __version__, app, logs
from bot.accounts.vault import Vault
from bot.errors import BotError, ProviderChanged, SealError, SettingsError
from bot.provider import profile_files
from bot.provider.probe import Probe
from bot.provider.profiles import Profile
from bot.settings import ENV_FILE, Settings, providers_file
from bot.storage.private_files import restrict

EXIT_WRONG_SETTINGS: Final = 2

log = logging.getLogger("bot")  # this module is called __main__ when it runs


def main(arguments: list[str] | None = None) -> int:
    """Run a command; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m bot", description=__doc__)
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", metavar="command")
    commands.add_parser("run", help="run the bot (the default)")
    demo = commands.add_parser("demo", help="try it in a browser: no token, no key, no network")
    demo.add_argument(
        "--port", type=_port, help="the page's port; by default the first free one from 8080 on"
    )
    commands.add_parser("new-key", help="print a new sealing key")
    commands.add_parser("reseal", help="encrypt every API key with the newest of SEALING_KEYS")
    check = commands.add_parser(
        "check-provider", help="ask a provider every reading action and compare the answers with its profile"
    )
    check.add_argument("name", help="the name of its profile")
    check.add_argument("--file", type=Path, help="the file with the profile; by default PROVIDERS_FILE")
    check.add_argument("--country", help="the id of a country that it sells")
    chosen = parser.parse_args(arguments)
    try:
        return _run(chosen)
    except ProviderChanged as error:
        print("The bot cannot start: numbers are open at a provider that is gone.", file=sys.stderr)
        for problem in error.problems:
            print(f"  {problem}", file=sys.stderr)
        return EXIT_WRONG_SETTINGS
    except SettingsError as error:
        print("Invalid settings:", file=sys.stderr)
        for problem in error.problems:
            print(f"  {problem}", file=sys.stderr)
        print("Copy .env.example to .env and fill it in, or set them in the environment.", file=sys.stderr)
        return EXIT_WRONG_SETTINGS
    except SealError as error:
        print(f"The bot cannot start: an API key in its database was {error}.", file=sys.stderr)
        print("SEALING_KEYS must hold the key it was sealed with; nothing has been changed.", file=sys.stderr)
        return 1
    except BotError as error:
        print(f"The bot cannot start: {error}.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0


def _run(chosen: argparse.Namespace) -> int:
    match chosen.command:
        case "new-key":
            print(Vault.new_sealing_key())
        case "reseal":
            count = asyncio.run(_reseal(Settings.load()))
            print(f"API keys sealed with the newest sealing key: {count}")
        case "check-provider":
            known = profile_files.load(chosen.file or providers_file())
            if chosen.name not in known:
                raise SettingsError([f"The known names are {', '.join(sorted(known))}."])
            asyncio.run(_check(known[chosen.name], _typed_key(), chosen.country))
        case "demo":
            asyncio.run(_demo(chosen.port))
        case _:
            asyncio.run(_serve(Settings.load()))
    return 0


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) not in range(65536):
        raise argparse.ArgumentTypeError("must be a number from 0 to 65535")
    return int(text)


async def _serve(settings: Settings) -> None:
    # Only the half of the token that is secret: it looks the same in every encoding of a URL.
    token = settings.bot_token.get_secret_value().partition(":")[2]
    logs.configure(settings.log_level, [token, *(key.get_secret_value() for key in settings.sealing_keys)])
    restrict(ENV_FILE)
    for warning in settings.warnings:
        log.warning("%s", warning)
    async with app.build(settings) as running:
        await running.run(_stop_signal())


async def _reseal(settings: Settings) -> int:
    async with app.build(settings) as built:
        return await built.accounts.reseal()


def _typed_key() -> SecretStr:
    """Return the API key that is typed at a prompt, or that the standard input has."""
    key = getpass.getpass("API key: ") if sys.stdin.isatty() else sys.stdin.readline()
    if not key.strip():
        raise SettingsError(["No API key was typed."])
    return SecretStr(key.strip())


async def _check(profile: Profile, key: SecretStr, country: str | None) -> None:
    print(f"Asking {profile.name} at {URL(profile.url).host}. Nothing is bought.")
    default = profile.only_countries[0] if profile.only_countries else "10"
    async for line in Probe(profile, key, country or default).run():
        print(line)


async def _demo(port: int | None) -> None:
    from bot.sandbox.demo import Demo  # noqa: PLC0415  # only the demo loads the sandbox

    logs.configure("WARNING", [])
    demo = Demo(port)
    stop = _stop_signal(demo.begin_anew)
    async with AsyncExitStack() as stack:
        try:
            await stack.enter_async_context(demo)
        except OSError as error:
            where = "every port from 8080 on" if port is None else f"port {port}"
            raise BotError(f"{where}: {os.strerror(error.errno or 0)}") from None
        print(f"The demo is at {demo.url} - press Ctrl+C to end it.", flush=True)
        while not stop.is_set():
            turn = demo.next_turn()
            settings = Settings.load(None, **demo.settings)
            async with app.build(settings, demo.clock, steady=demo.clock.steady) as running:
                await running.run(turn)


def _stop_signal(and_then: Callable[[], object] = lambda: None) -> asyncio.Event:
    """Return an event that is set when the process is asked to end, just before something else is done."""
    stop = asyncio.Event()

    def end() -> None:
        stop.set()
        and_then()

    loop = asyncio.get_running_loop()
    for signal_ in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError):  # Windows has no signal handlers on the loop
            loop.add_signal_handler(signal_, end)
    return stop


if __name__ == "__main__":
    sys.exit(main())
