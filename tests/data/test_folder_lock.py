import os
import signal
from pathlib import Path

import pytest

from visreason.data.folder_lock import folder_lock
from visreason.errors import UsageError


def test_a_folder_is_held_by_one(tmp_path: Path) -> None:
    with folder_lock(tmp_path, wait=False), pytest.raises(UsageError, match="another process is at work in"):
        folder_lock(tmp_path, wait=False).__enter__()


def test_a_folder_is_free_afterwards_and_holds_no_lock_file(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), folder_lock(tmp_path, wait=False):
        _ = 1 / 0
    with folder_lock(tmp_path, wait=True):
        assert list(tmp_path.iterdir()) == []


def test_a_process_that_splits_off_does_not_hold_the_folder_on(tmp_path: Path) -> None:
    """Such as a worker that outlives its killed parent."""
    reader, writer = os.pipe()
    with folder_lock(tmp_path, wait=False):
        child = os.fork()
        if child == 0:
            os.write(writer, b"here")
            signal.pause()
        os.read(reader, 4)
    with folder_lock(tmp_path, wait=False):
        assert os.waitpid(child, os.WNOHANG) == (0, 0)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def test_a_folder_that_took_the_place_of_the_locked_one_is_told_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between opening and locking, as when an index that another process made is renamed into its place."""
    folder, opened = tmp_path / "folder", os.open
    folder.mkdir()

    def late(path: Path, flags: int) -> int:
        handle = opened(path, flags)
        folder.rename(tmp_path / "finished")
        return handle

    monkeypatch.setattr(os, "open", late)
    with pytest.raises(UsageError, match="has just moved or replaced"):
        folder_lock(folder, wait=False).__enter__()
