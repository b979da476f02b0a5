"""A fork server for the real program: imports everything once, then forks for each order.

The forked child runs the command line with its own arguments, environment, working directory and output.
Orders are JSON lines on the standard input, reports are JSON lines on the standard output. An order may
shorten delays and name a step at which the child kills itself; functions are wrapped from outside for that.
"""

import ctypes
import functools
import gc
import inspect
import json
import logging
import os
import pkgutil
import signal
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any, Final, NoReturn, TypeVar

import bot.__main__
from bot import app, logs
from bot.provider.budget import Budget
from bot.provider.client import ProviderClient
from bot.provider.transport import Transport
from bot.storage import database
from bot.storage.database import Database
from bot.telegram.messenger import ChatMessenger
from bot.telegram.session import BotSession

T = TypeVar("T")
Order = dict[str, Any]

_DIE_WITH_PARENT: Final = 1
"""PR_SET_PDEATHSIG of Linux."""


class Steps:
    """Reports each step of a process once, and kills the process at one of them."""

    def __init__(self, tell: Callable[[Order], None], step: str | None, nth: int) -> None:
        """Set the step at which the process dies, and at which occurrence; None is no step."""
        self._tell = tell
        self._step = step
        self._left = nth
        self._told: set[str] = set()

    def take(self, name: str) -> None:
        """Report a step; kill the process if it is the chosen one."""
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
        """Return the coroutine function with a step before and after it."""

        @functools.wraps(method)
        async def stepped(*args: Any, **kwargs: Any) -> T:
            called = name(*args, **kwargs)
            self.take(f"before {called}")
            result = await method(*args, **kwargs)
            self.take(f"after {called}")
            return result

        return stepped

    def around_writes(self, run: Callable[..., T]) -> Callable[..., T]:
        """Return the function that runs transactions, with steps before, in and after each write."""

        def stepped(connection: Any, begin: str, function: Callable[[], Any]) -> T:
            if begin == "BEGIN":
                return run(connection, begin, function)
            transaction = inspect.getclosurevars(function).nonlocals["transaction"]
            transaction = getattr(transaction, "func", transaction)  # it may be a partial function
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
    def asked(_: Transport, _key: Any, action: str, fields: dict[str, str]) -> str:
        return " ".join(["asking", action, fields.get("status", "")]).strip()

    def called(_session: Any, _bot: Any, method: Any, *_args: Any, **_kwargs: Any) -> str:
        return f"calling {method.__api_method__}"

    # Each of these is looked up at the time of the call, so replacing the attribute is enough.
    vars(database)["_run"] = steps.around_writes(database._run)  # noqa: SLF001
    Transport._send = steps.around(Transport._send, asked)  # type: ignore[method-assign]  # noqa: SLF001
    BotSession.make_request = steps.around(BotSession.make_request, called)  # type: ignore[method-assign]
    for kind in ("code", "notice", "card"):
        sent = steps.around(getattr(ChatMessenger, kind), lambda *_, kind=kind: f"sending a {kind}")
        setattr(ChatMessenger, kind, sent)


def _shorten(values: dict[str, Any], timeouts: dict[str, float], pauses: float) -> None:
    """Set constants by module or class and name, and timeouts; scale the pauses a provider asks for."""
    for path, value in values.items():
        owner, _, name = path.rpartition(".")
        if not hasattr(pkgutil.resolve_name(owner), name):
            raise AttributeError(path)
        setattr(pkgutil.resolve_name(owner), name, value)
    if ProviderClient.__init__.__kwdefaults__ is not None:
        ProviderClient.__init__.__kwdefaults__.update(timeouts)
    read = Transport.request

    @functools.wraps(read)
    async def shortened(*args: Any, **kwargs: Any) -> Any:
        try:
            return await read(*args, **kwargs)
        except Exception as error:
            if hasattr(error, "retry_after"):
                error.retry_after *= pauses
            raise

    Transport.request = shortened  # type: ignore[method-assign]
    note = Budget.pause

    def note_shortened(self: Budget, key: Any, error: Any, action_class: Any) -> None:
        error.retry_after *= pauses
        note(self, key, error, action_class)
        error.retry_after /= pauses

    Budget.pause = note_shortened  # type: ignore[method-assign]


def _shift_clock(ahead: float, jumps: list[tuple[float, float]]) -> None:
    """Shift the wall clock of the program, and let it jump while the program runs.

    Args:
        ahead: seconds by which the true time of the scenario is ahead of the time of the machine.
        jumps: for each jump its time in seconds after the start, and the error of the clock after it.
    """
    real, start = time.time, time.monotonic()

    def shifted() -> float:
        since = time.monotonic() - start
        return real() + ahead + next((error for at, error in reversed(jumps) if since >= at), 0.0)

    time.time = shifted
    app.build.__wrapped__.__defaults__ = (shifted, *app.build.__wrapped__.__defaults__[1:])  # type: ignore[attr-defined]


def _log_everything() -> None:
    """Log every library at DEBUG, also those that the program limits to warnings."""
    configure = logs.configure

    def configure_all(level: str, secrets: list[str]) -> None:
        configure(level, secrets)
        for name in ("", *logging.Logger.manager.loggerDict):
            logging.getLogger(name).setLevel(logging.DEBUG)

    logs.configure = configure_all


def _become(order: Order, outputs: tuple[int, int], tell: Callable[[Order], None]) -> NoReturn:
    """Turn this child into the program; never returns."""
    status = 70
    try:
        os.environ.clear()
        os.environ.update(order["environment"])
        os.chdir(order["folder"])
        for source, target in ((os.open(os.devnull, os.O_RDONLY), 0), (outputs[0], 1), (outputs[1], 2)):
            os.dup2(source, target)
        _shorten(order.get("constants", {}), order.get("timeouts", {}), order.get("pauses", 1.0))
        if "ahead" in order or "jumps" in order:
            _shift_clock(order.get("ahead", 0.0), order.get("jumps", []))
        if "busy timeout" in order:
            Database.open.__func__.__defaults__ = (None, order["busy timeout"])  # type: ignore[attr-defined]
        if order.get("debug"):
            _log_everything()
        if order.get("steps"):
            _watch_steps(Steps(tell, order.get("die at"), order.get("nth", 1)))
        if "script" in order:
            exec(order["script"], {})  # noqa: S102  # the script is a constant of a test
            status = 0
        else:
            status = bot.__main__.main(order.get("arguments", []))
    except SystemExit as ended:  # of the argument parser
        status = ended.code if isinstance(ended.code, int) else 0
    except BaseException:  # a child must never go on as its parent
        logging.getLogger("launcher").exception("the program did not end in order")
    finally:
        logging.shutdown()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)


def main() -> None:
    """Fork for each order on the standard input; report its start and end on the standard output."""
    _die_with_parent()
    output = os.dup(1)
    os.dup2(2, 1)

    def tell(message: Order) -> None:
        os.write(output, json.dumps(message).encode() + b"\n")

    gc.collect()
    gc.freeze()
    tell({"ready": True})
    for line in sys.stdin:
        order = json.loads(line)
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        outputs = os.open(order["output"], flags, 0o600), os.open(order["errors"], flags, 0o600)
        child = os.fork()
        if child == 0:
            _die_with_parent()
            _become(order, outputs, tell)
        for output_of_child in outputs:
            os.close(output_of_child)
        tell({"started": child})
        # Reaped only after the report is confirmed: until then its process id cannot be used again.
        ended = os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
        tell({"ended": 0 if ended is None else ended.si_status})
        sys.stdin.readline()
        os.waitpid(child, 0)


if __name__ == "__main__":
    main()
