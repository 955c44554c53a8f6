import subprocess
from pathlib import Path

import numpy as np
import pytest
from scipy.io import savemat

from visreason.data.regions.matlab_index import KEYS, main, read_index
from visreason.errors import DataError


@pytest.fixture
def index(tmp_path: Path) -> dict[str, np.ndarray]:
    """Two images of two classes, which the test writes."""
    return {
        "filename": np.array(["a.jpg", "b.jpg"], object),
        "folder": np.array(["images/training", "images/validation"], object),
        "typeset": np.array([1, 2]),
        "objectnames": np.array(["-", "abacus"], object),
    }


def test_the_index_is_read_in_another_process(index: dict[str, np.ndarray], tmp_path: Path) -> None:
    savemat(tmp_path / "index.mat", {"index": index})
    found = read_index(tmp_path / "index.mat")
    assert tuple(found) == KEYS
    assert found["filename"] == ["a.jpg", "b.jpg"]
    assert found["typeset"] == [1, 2]


def test_lists_of_different_lengths(index: dict[str, np.ndarray], tmp_path: Path) -> None:
    savemat(tmp_path / "index.mat", {"index": index | {"typeset": np.array([1, 2, 2])}})
    with pytest.raises(ValueError, match="different lengths"):
        main(str(tmp_path / "index.mat"))


def test_a_reader_that_crashes_is_an_error_that_names_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(DataError, match="there is no such file"):
        read_index(tmp_path / "index.mat")
    (tmp_path / "index.mat").write_bytes(b"MATLAB 5.0")
    crashed = subprocess.CompletedProcess([], -11, "", "")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: crashed)
    with pytest.raises(DataError, match=r"index\.mat is not the index of ADE20K: it is damaged"):
        read_index(tmp_path / "index.mat")
