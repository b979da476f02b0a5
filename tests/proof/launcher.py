"""Starts the real program again and again, quickly, and lets it die at the step it is told to die at.

Run as a process, this imports everything once, and then forks for each order it reads: the child becomes the
program, with an environment, a folder and a log of its own. What is wrapped here is wrapped from outside; the
program itself knows nothing of it.
"""

import ctypes
import functools
import gc
import importlib
import inspect
import json
import logging
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any, Final, NoReturn, TypeVar

from aiogram.client.session.aiohttp import AiohttpSession

import bot.__main__
from bot import app, logs
from bot.provider.client import ProviderClient
from bot.provider.transport import Transport
from bot.storage import database
from bot.telegram.messenger import ChatMessenger

T = TypeVar("T")
Order = dict[str, Any]

_DIE_WITH_PARENT: Final = 1
"""PR_SET_PDEATHSIG of Linux."""
_JUMPS: Final = (0.0, -3600.0, 86400.0, 0.0, 7200.0)


class Steps:
    """The steps that a process takes, each told once, and the one at which it dies.

    Attributes:
        step: the step at which to die; None for none.
        nth: at which time the step is taken.
    """

    def __init__(self, tell: Callable[[Order], None], step: str | None, nth: int) -> None:
        self._tell = tell
        self._step = step
        self._left = nth
        self._told: set[str] = set()

    def take(self, name: str) -> None:
        """Take a step, and die if it is the one."""
        if name not in self._told:
            self._told.add(name)
            self._tell({"step": name})
        if name != self._step:
            return
        self._left -= 1
        if self._left <= 0:
            self._tell({"died at": name})
            os.kill(os.getpid(), signal.SIGKILL)

    def around(self, method: Callable[..., Awaitable[T]], name: Callable[..., str]) -> Callable[..., Any]:
        """Return a coroutine function with a step before and after it."""

        @functools.wraps(method)
        async def stepped(*args: Any, **kwargs: Any) -> T:
            called = name(*args, **kwargs)
            self.take(f"before {called}")
            result = await method(*args, **kwargs)
            self.take(f"after {called}")
            return result

        return stepped

    def around_writes(self, run: Callable[..., T]) -> Callable[..., T]:
        """Return the function that runs transactions, with steps before, in and after each that writes."""

        def stepped(connection: Any, begin: str, function: Callable[[], Any]) -> T:
            if begin == "BEGIN":
                return run(connection, begin, function)
            transaction = inspect.getclosurevars(function).nonlocals["transaction"]
            name = f"writing {transaction.__name__.strip('_')}"

            def uncommitted() -> Any:
                result = function()
                self.take(f"before the end of {name}")
                return result

            self.take(f"before {name}")
            result = run(connection, begin, uncommitted)
            self.take(f"after {name}")
            return result

        return stepped


def _watch_steps(steps: Steps) -> None:
    def asked(_: Transport, action: str, fields: dict[str, str]) -> str:
        return " ".join(["asking", action, fields.get("status", "")]).strip()

    def called(_session: Any, _bot: Any, method: Any, *_args: Any, **_kwargs: Any) -> str:
        return f"calling {method.__api_method__}"

    # These are the program's own doors to the world; each is looked up when it is used, so a wrap is enough.
    vars(database)["_run"] = steps.around_writes(database._run)  # noqa: SLF001
    Transport._send = steps.around(Transport._send, asked)  # type: ignore[method-assign]  # noqa: SLF001
    AiohttpSession.make_request = steps.around(AiohttpSession.make_request, called)  # type: ignore[method-assign]
    for kind in ("code", "notice", "card"):
        brought = steps.around(getattr(ChatMessenger, kind), lambda *_, kind=kind: f"bringing a {kind}")
        setattr(ChatMessenger, kind, brought)


def _hurry(values: dict[str, Any], timeouts: dict[str, float], pauses: float) -> None:
    """Shorten what takes minutes: constants by module and name, time-outs, and pauses the provider wants."""
    for path, value in values.items():
        module, _, name = path.rpartition(".")
        if not hasattr(importlib.import_module(module), name):
            raise AttributeError(path)
        setattr(importlib.import_module(module), name, value)
    if ProviderClient.__init__.__kwdefaults__ is not None:
        ProviderClient.__init__.__kwdefaults__.update(timeouts)
    read = Transport.request

    @functools.wraps(read)
    async def hurried(*args: Any, **kwargs: Any) -> Any:
        try:
            return await read(*args, **kwargs)
        except Exception as error:
            if hasattr(error, "retry_after"):
                error.retry_after *= pauses
            raise

    Transport.request = hurried  # type: ignore[method-assign]
    from bot.provider.budget import Budget  # noqa: PLC0415  # wrapped where it is used

    pause = Budget.pause

    def pause_less(self: Budget, key: Any, error: Any) -> None:
        error.retry_after *= pauses
        pause(self, key, error)
        error.retry_after /= pauses

    Budget.pause = pause_less  # type: ignore[method-assign]


def _shift_clock(ahead: float, *, jumps: bool) -> None:
    """Let the program start with another time, and let the time of day jump about while it runs."""
    steady, real, start = app.steady_clock, time.time, time.monotonic()

    def shifted() -> Callable[[], float]:
        clock = steady()
        return lambda: clock() + ahead

    app.steady_clock = shifted
    if jumps:

        def jumping() -> float:
            since = time.monotonic() - start
            return real() + (_JUMPS[int(since) % len(_JUMPS)] if since > 1 else 0.0)

        time.time = jumping


def _tell_everything() -> None:
    """Have every library log at DEBUG, also those that the program keeps quiet."""
    configure = logs.configure

    def talkative(level: str, secrets: list[str]) -> None:
        configure(level, secrets)
        for name in ("", *logging.Logger.manager.loggerDict):
            logging.getLogger(name).setLevel(logging.DEBUG)

    logs.configure = talkative


def _become(order: Order, tell: Callable[[Order], None]) -> NoReturn:
    """Turn this child into the program; never returns."""
    status = 70
    try:
        os.environ.clear()
        os.environ.update(order["environment"])
        os.chdir(order["folder"])
        log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        nothing = os.open(os.devnull, os.O_RDONLY)
        for source, target in ((nothing, 0), (log, 1), (log, 2)):
            os.dup2(source, target)
        _hurry(order.get("hurry", {}), order.get("timeouts", {}), order.get("pauses", 1.0))
        _shift_clock(order.get("ahead", 0.0), jumps=order.get("jumps", False))
        if order.get("debug"):
            _tell_everything()
        _watch_steps(Steps(tell, order.get("die at"), order.get("nth", 1)))
        status = bot.__main__.main([])
    except BaseException:  # whatever it is, a child must not go on as its parent
        logging.getLogger("launcher").exception("the program did not end in order")
    finally:
        logging.shutdown()
        os._exit(status)


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)


def main() -> None:
    """Fork for each order on the standard input, and tell on the standard output how it went."""
    _die_with_parent()
    output = os.dup(1)
    os.dup2(2, 1)

    def tell(message: Order) -> None:
        os.write(output, json.dumps(message).encode() + b"\n")

    gc.collect()
    gc.freeze()
    tell({"ready": True})
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            _die_with_parent()
            _become(json.loads(line), tell)
        tell({"started": child})
        # Not reaped before its end is told and answered: until then nothing else can have its number.
        ended = os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
        tell({"ended": 0 if ended is None else ended.si_status})
        sys.stdin.readline()
        os.waitpid(child, 0)


if __name__ == "__main__":
    main()
