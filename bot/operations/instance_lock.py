"""Instance lock: only one process at a time uses a database."""

import os
import sys
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from bot.errors import DatabaseInUse, StorageError
from bot.storage.private_files import create_private_file

_PID_BYTES: Final = 32
"""Bytes of the lock file that hold the process id."""

if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        os.lseek(descriptor, 2 * _PID_BYTES, os.SEEK_SET)  # beyond the process id, which others must read
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


class InstanceLock:
    """An exclusive lock on a file beside the database, held until the context ends or the process dies."""

    def __init__(self, database: Path) -> None:
        # Two paths to one database must give one lock file.
        self.path: Final = Path(f"{os.path.realpath(database)}.lock")
        self._database = database
        self._descriptor: int | None = None

    def __enter__(self) -> Self:
        """Take the lock and write the process id into its file.

        Raises:
            DatabaseInUse: another process holds the lock.
            StorageError: the file cannot be created or locked.
        """
        while self._descriptor is None:
            try:
                self._descriptor = self._take()
            except OSError as error:
                raise StorageError(f"{self.path} cannot be locked: {error.strerror}") from None
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Delete the file and release the lock."""
        if self._descriptor is not None:
            with suppress(OSError):  # Windows deletes no open file
                self.path.unlink()
            os.close(self._descriptor)
            self._descriptor = None

    def _take(self) -> int | None:
        """Return the locked descriptor; None if the file was deleted by its holder in the meantime."""
        descriptor = create_private_file(self.path)
        try:
            try:
                _lock(descriptor)
            except (BlockingIOError, PermissionError):
                holder = _holder(descriptor)
                raise DatabaseInUse(
                    f"{holder} uses the database {self._database} already; stop it first"
                ) from None
            if not self._is_current(descriptor):
                os.close(descriptor)
                return None
            os.ftruncate(descriptor, 0)
            os.lseek(descriptor, 0, os.SEEK_SET)
            os.write(descriptor, str(os.getpid()).encode())
        except BaseException:
            with suppress(OSError):
                os.close(descriptor)
            raise
        return descriptor

    def _is_current(self, descriptor: int) -> bool:
        """Return whether the path still leads to the file of a descriptor."""
        try:
            return os.path.samestat(os.fstat(descriptor), self.path.stat())
        except FileNotFoundError:
            return False


def _holder(descriptor: int) -> str:
    """Return who holds the lock, by the process id in its file."""
    os.lseek(descriptor, 0, os.SEEK_SET)
    text = os.read(descriptor, _PID_BYTES).decode("ascii", errors="replace").strip()
    return f"process {text}" if text.isdecimal() else "another process"
