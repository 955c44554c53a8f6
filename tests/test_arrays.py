import zipfile
from pathlib import Path

import numpy as np
import pytest

from visreason.arrays import map_array, read_npz
from visreason.errors import DataError


@pytest.mark.parametrize("shape", ["(1000000000000,)", "(-3,)", "(3,", "'x'", "(10**9,) * 9"])
def test_a_header_that_claims_what_is_not_there(tmp_path: Path, shape: str) -> None:
    path = tmp_path / "a.npy"
    header = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}".ljust(117).encode() + b"\n"
    path.write_bytes(b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + bytes(24))
    with pytest.raises(DataError, match=r"a\.npy cannot be read as numbers: "):
        map_array(path)
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.write(path, "a.npy")
    with pytest.raises(DataError, match=r"a\.npz is no \.npz of plain"):
        read_npz(tmp_path / "a.npz", ["a"])


def test_objects_are_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.array([{}], object))
    np.savez(tmp_path / "a.npz", a=np.array([{}], object))
    with pytest.raises(DataError, match="cannot be read"):
        map_array(tmp_path / "a.npy")
    with pytest.raises(DataError, match="is no"):
        read_npz(tmp_path / "a.npz", ["a"])


def test_an_archive_that_would_fill_the_memory_is_not_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    np.savez_compressed(tmp_path / "zeros.npz", a=np.zeros(1_000_000))
    assert read_npz(tmp_path / "zeros.npz", ["a"])["a"].shape == (1_000_000,)
    monkeypatch.setattr("visreason.arrays._MOST_BYTES", 1000)
    with pytest.raises(DataError, match="hundreds of times its size"):
        read_npz(tmp_path / "zeros.npz", ["a"])
