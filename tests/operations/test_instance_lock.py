"""The instance lock: only one process uses a database, and a second one says who does."""

import os
import re
import stat
from pathlib import Path

import pytest

from bot.errors import DatabaseInUse, StorageError
from bot.operations.instance_lock import InstanceLock


def test_a_second_lock_names_the_holder(tmp_path: Path) -> None:
    """While the lock is held, another one is refused with the process id; then it can be taken."""
    path = tmp_path / "bot.db"
    with InstanceLock(path) as lock:
        assert stat.S_IMODE(lock.path.stat().st_mode) == 0o600
        told = re.escape(f"process {os.getpid()} uses the database {path} already; stop it first")
        with pytest.raises(DatabaseInUse, match=told), InstanceLock(path):
            pass
        with pytest.raises(DatabaseInUse), InstanceLock(path):  # the refusal has not released it
            pass
    with InstanceLock(path):
        pass
    assert list(tmp_path.iterdir()) == []


def test_every_path_to_a_database_has_one_lock(tmp_path: Path) -> None:
    """A link to the database does not get around the lock."""
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with (
        InstanceLock(tmp_path / "real" / "bot.db"),
        pytest.raises(DatabaseInUse),
        InstanceLock(tmp_path / "link" / "bot.db"),
    ):
        pass


def test_a_file_that_a_killed_process_left_is_taken_over(tmp_path: Path) -> None:
    """A lock file without a holder stops no start."""
    (tmp_path / "bot.db.lock").write_text("4711", encoding="ascii")
    with InstanceLock(tmp_path / "bot.db") as lock:
        assert lock.path.read_text(encoding="ascii") == str(os.getpid())


def test_a_file_that_its_holder_deletes_is_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the holder ends between the opening and the locking of the file, the new file is locked."""
    path = tmp_path / "bot.db"
    ending = InstanceLock(path)
    ending.__enter__()
    opened = os.open

    def opened_before_the_end(*args: object, **kwargs: object) -> int:
        descriptor = opened(*args, **kwargs)  # type: ignore[arg-type]  # the parameters are passed on
        ending.__exit__(None, None, None)
        return descriptor

    monkeypatch.setattr(os, "open", opened_before_the_end)
    with InstanceLock(path) as lock, pytest.raises(DatabaseInUse), InstanceLock(path):
        pass
    assert not lock.path.exists()


def test_an_unusable_folder_is_a_storage_error(tmp_path: Path) -> None:
    """A file in place of the folder is reported."""
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match="cannot be locked"), InstanceLock(tmp_path / "file" / "bot.db"):
        pass
