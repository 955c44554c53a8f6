"""One process at a time in a folder."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from visreason.errors import UsageError

_held: set[int] = set()
"""Open handles of the folders that this process holds."""


@contextmanager
def folder_lock(folder: Path, *, wait: bool) -> Iterator[None]:
    """Hold a folder for oneself; the lock ends with the process, however it ends, and leaves no file.

    It is `flock(2)` on the folder itself. Processes that split off do not hold it on, so that workers which
    outlive a killed command do not keep its folder from the next one.

    Args:
        folder: an existing folder.
        wait: wait while another process holds it, or raise.

    Raises:
        UsageError: another process holds the folder, or has put another in its place.

    Example:
        >>> import tempfile
        >>> with folder_lock(Path(tempfile.mkdtemp()), wait=False):
        ...     print("alone")
        alone
    """
    if os.name != "posix":  # other systems cannot lock a folder
        yield
        return
    import fcntl

    _let_go_in_children()
    handle = os.open(folder, os.O_RDONLY)
    _held.add(handle)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            raise UsageError(
                f"another process is at work in {folder}. Wait for it, or choose another folder."
            ) from None
        except OSError:  # some network file systems lock no folders
            pass
        if not folder.exists() or not os.path.samestat(os.fstat(handle), folder.stat()):
            raise UsageError(f"another process has just moved or replaced {folder}. Run the command again.")
        yield
    finally:
        if handle in _held:  # not in a child
            _held.discard(handle)
            os.close(handle)


@cache
def _let_go_in_children() -> None:
    """Close the handles in every process that splits off from now on; the lock stays with this one."""
    os.register_at_fork(after_in_child=_let_go)


def _let_go() -> None:
    for handle in _held:
        os.close(handle)
    _held.clear()
