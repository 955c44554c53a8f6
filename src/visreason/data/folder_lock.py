"""One process at a time in a folder."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from visreason.errors import UsageError


@contextmanager
def folder_lock(folder: Path, *, wait: bool) -> Iterator[None]:
    """Hold a folder for oneself; the lock ends with the process and leaves no file.

    Args:
        folder: an existing folder.
        wait: wait while another process holds it, or raise.

    Raises:
        UsageError: another process holds the folder.

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

    handle = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            raise UsageError(
                f"another process is at work in {folder}. Wait for it, or choose another folder."
            ) from None
        except OSError:  # some network file systems lock no folders
            pass
        yield
    finally:
        os.close(handle)
