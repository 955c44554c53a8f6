import errno
import os
from pathlib import Path

import numpy as np
import pytest

from visreason.errors import DataError, UsageError
from visreason.files import claim_output, read_json, write_atomically, write_json


def test_a_written_file_is_whole_and_alone(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "file.txt"
    with write_atomically(target, "w") as file:
        file.write("héllo")
        assert not target.exists()
    assert target.read_text(encoding="utf-8") == "héllo"
    assert list(target.parent.iterdir()) == [target]


@pytest.mark.parametrize("error", [ValueError("mine"), KeyboardInterrupt()])
def test_a_failed_block_leaves_the_old_file_and_nothing_else(tmp_path: Path, error: BaseException) -> None:
    target = tmp_path / "file.txt"
    target.write_text("old")
    with pytest.raises(type(error)), write_atomically(target, "w") as file:
        file.write("new")
        raise error
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_full_disk_is_an_error_for_people(tmp_path: Path) -> None:
    target = tmp_path / "file.txt"
    target.write_text("old")
    with (
        pytest.raises(DataError, match=r"cannot write .*file\.txt: No space left.*untouched"),
        write_atomically(target),
    ):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert target.read_text() == "old"


def test_a_really_full_disk_leaves_nothing(tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full on this system")
    with pytest.raises(DataError, match="No space left"), write_atomically(tmp_path / "file") as file:
        Path("/dev/full").write_bytes(b"x")
        file.write(b"x")
    assert list(tmp_path.iterdir()) == []


def test_a_file_where_a_folder_should_be(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("a file")
    with pytest.raises(DataError, match="cannot write"), write_atomically(tmp_path / "a" / "b"):
        pass


def test_json_round_trip_with_numpy(tmp_path: Path) -> None:
    write_json(tmp_path / "x.json", {"a": np.arange(3), "b": np.float64(0.5)}, indent=True)
    assert read_json(tmp_path / "x.json") == {"a": [0, 1, 2], "b": 0.5}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "does not exist"),
        (b'{"a": [1, 2', "not valid JSON.*truncated"),
        (b"\xff\xfe", "not valid JSON"),
    ],
)
def test_unreadable_json_names_the_file(tmp_path: Path, content: bytes | None, message: str) -> None:
    path = tmp_path / "scenes.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(DataError, match=rf"(?s)scenes\.json.*{message}"):
        read_json(path)


def test_a_folder_is_not_json(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        read_json(tmp_path)


def test_results_are_not_written_over_something_else(tmp_path: Path) -> None:
    files = ("metrics.json",)
    claim_output(tmp_path / "new", files)
    (tmp_path / "metrics.json").write_text("{}")
    claim_output(tmp_path, files)
    (tmp_path / "thesis.tex").write_text("mine")
    with pytest.raises(UsageError, match=r"holds thesis.tex, which is none of the results \(metrics.json\)"):
        claim_output(tmp_path, files)
    claim_output(tmp_path, files, overwrite=True)
    with pytest.raises(UsageError, match="is a file"):
        claim_output(tmp_path / "thesis.tex", files)


def test_what_a_killed_process_left_is_no_obstacle(tmp_path: Path) -> None:
    (tmp_path / ".metrics.json.x1.part").touch()
    claim_output(tmp_path, ("metrics.json",))
    (tmp_path / ".other.json.x1.part").touch()
    with pytest.raises(UsageError, match=r"holds \.other\.json\.x1\.part"):
        claim_output(tmp_path, ("metrics.json",))
