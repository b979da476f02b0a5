"""The command line: run the bot, run the demo, and the operator's commands."""

import argparse
import asyncio
import logging
import signal
import sys
from contextlib import suppress
from typing import Final

from bot import __version__, app, logs
from bot.errors import BotError, SettingsError
from bot.sandbox.demo import Demo
from bot.settings import Settings
from bot.vault import Vault

EXIT_WRONG_SETTINGS: Final = 2

log = logging.getLogger(__name__)


def main(arguments: list[str] | None = None) -> int:
    """Run a command; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m bot", description=__doc__)
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", metavar="command")
    commands.add_parser("run", help="run the bot (the default)")
    demo = commands.add_parser("demo", help="try it in a browser: no token, no key, no network")
    demo.add_argument("--port", type=int, default=8080, help="the page's port; 0 takes a free one")
    commands.add_parser("new-key", help="print a new sealing key")
    commands.add_parser("reseal", help="seal every API key anew with the newest of SEALING_KEYS")
    chosen = parser.parse_args(arguments)
    try:
        return _run(chosen)
    except SettingsError as error:
        print("The settings are not right yet:", file=sys.stderr)
        for problem in error.problems:
            print(f"  {problem}", file=sys.stderr)
        print("Copy .env.example to .env and fill it in, or set them in the environment.", file=sys.stderr)
        return EXIT_WRONG_SETTINGS
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
        case "demo":
            asyncio.run(_demo(chosen.port))
        case _:
            asyncio.run(_serve(Settings.load()))
    return 0


async def _serve(settings: Settings) -> None:
    logs.configure(settings.log_level, [settings.bot_token.get_secret_value()])
    for warning in settings.warnings:
        log.warning("%s", warning)
    async with app.build(settings) as running:
        await running.run(_stop_signal())


async def _reseal(settings: Settings) -> int:
    async with app.build(settings) as built:
        return await built.accounts.reseal()


async def _demo(port: int) -> None:
    stop = _stop_signal()
    async with Demo(port) as demo, app.build(Settings.load(None, **demo.settings)) as running:
        logs.configure("WARNING", [])
        print(f"The demo is at {demo.url} - press Ctrl+C to end it.", flush=True)
        await running.run(stop)


def _stop_signal() -> asyncio.Event:
    """Return an event that is set when the process is asked to end."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signal_ in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError):  # Windows has no signal handlers on the loop
            loop.add_signal_handler(signal_, stop.set)
    return stop


if __name__ == "__main__":
    sys.exit(main())
