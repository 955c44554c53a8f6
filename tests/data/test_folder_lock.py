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
