"""Files that only their owner may read."""

import logging
import os
import stat
from pathlib import Path

log = logging.getLogger(__name__)


def create_private_file(path: Path) -> int:
    """Open a file for reading and writing, and return its descriptor.

    A missing file, and missing folders above it, are created for the owner only. An existing file that
    others may read is restricted to the owner.

    Raises:
        OSError: the file cannot be opened.
    """
    for folder in reversed(path.parents):
        if not folder.exists():
            folder.mkdir(mode=0o700, exist_ok=True)
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR | getattr(os, "O_CLOEXEC", 0), 0o600)
    restrict(path)
    return descriptor


def restrict(path: Path) -> None:
    """Let only the owner read a file that others may read; a failure is logged. A missing file is ignored."""
    if os.name != "posix":
        return
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & 0o077:
            path.chmod(mode & 0o700)
            log.warning("%s could be read by others (mode %03o); now only by its owner", path, mode)
    except FileNotFoundError:
        return
    except OSError as error:
        log.warning("%s can be read by others, and this cannot be changed: %s", path, error.strerror)
