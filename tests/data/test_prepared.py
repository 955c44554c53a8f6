import os
import pickle
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from visreason.data.prepared import prepared
from visreason.errors import DataError

List = Callable[[], list[Path]]


class Builder:
    """Counts how often something was prepared."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self) -> tuple[dict[str, np.ndarray[Any, Any]], dict[str, Any]]:
        self.calls += 1
        return {"numbers": np.arange(5) * self.calls}, {"call": self.calls}


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source.json"
    path.write_bytes(b"x" * 100_000)
    return path


def test_prepared_once_and_mapped(source: Path, cached: List) -> None:
    build = Builder()
    first, second = (prepared(source, {"version": 1}, build) for _ in range(2))
    assert build.calls == 1
    assert isinstance(second.arrays["numbers"], np.memmap)
    assert not second.arrays["numbers"].flags.writeable
    np.testing.assert_array_equal(first.arrays["numbers"], np.arange(5))
    assert second.notes == {"call": 1}
    assert len(cached()) == 1


def test_other_parameters_have_a_copy_of_their_own(source: Path, cached: List) -> None:
    build = Builder()
    prepared(source, {"version": 1}, build)
    prepared(source, {"version": 2}, build)
    prepared(source, {"version": 1}, build)
    assert build.calls == 2
    assert len(cached()) == 2


def _grow(path: Path) -> None:
    path.write_bytes(b"x" * 100_001)


def _touch(path: Path) -> None:
    os.utime(path, ns=(1, 1))


def _same_size_and_time_but_other_start(path: Path) -> None:
    times = path.stat()
    path.write_bytes(b"y" + b"x" * 99_999)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


@pytest.mark.parametrize("change", [_grow, _touch, _same_size_and_time_but_other_start])
def test_a_stale_copy_is_made_again(source: Path, cached: List, change: Callable[[Path], None]) -> None:
    build = Builder()
    prepared(source, {}, build)
    change(source)
    assert prepared(source, {}, build).notes == {"call": 2}
    assert len(cached()) == 1


def _truncate(folder: Path) -> None:
    path = folder / "numbers.npy"
    path.write_bytes(path.read_bytes()[:-8])


def _lose_array(folder: Path) -> None:
    (folder / "numbers.npy").unlink()


def _lose_manifest(folder: Path) -> None:
    (folder / "manifest.json").unlink()


def _spoil_manifest(folder: Path) -> None:
    (folder / "manifest.json").write_text('{"source": 3}')


@pytest.mark.parametrize("damage", [_truncate, _lose_array, _lose_manifest, _spoil_manifest])
def test_a_broken_copy_is_made_again(source: Path, cached: List, damage: Callable[[Path], None]) -> None:
    build = Builder()
    prepared(source, {}, build)
    damage(cached()[0])
    np.testing.assert_array_equal(prepared(source, {}, build).arrays["numbers"], np.arange(5) * 2)


def test_a_build_that_fails_leaves_nothing(source: Path, cached: List) -> None:
    def fail() -> tuple[dict[str, np.ndarray[Any, Any]], dict[str, Any]]:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        prepared(source, {}, fail)
    assert cached() == []


def test_a_copy_in_use_survives_its_renewal(source: Path, cached: List) -> None:
    build = Builder()
    old = prepared(source, {}, build)
    _grow(source)
    prepared(source, {}, build)
    np.testing.assert_array_equal(old.arrays["numbers"], np.arange(5))


def test_a_copy_opens_in_another_process_unless_it_was_replaced(source: Path, cached: List) -> None:
    build = Builder()
    luggage = pickle.dumps(prepared(source, {}, build))
    np.testing.assert_array_equal(pickle.loads(luggage).arrays["numbers"], np.arange(5))
    _grow(source)
    prepared(source, {}, build)
    with pytest.raises(DataError, match="replaced while it was in use"):
        pickle.loads(luggage)


def test_a_source_that_changes_meanwhile(source: Path, cached: List) -> None:
    def build() -> tuple[dict[str, np.ndarray[Any, Any]], dict[str, Any]]:
        _grow(source)
        return Builder()()

    with pytest.raises(DataError, match="changed while it was being prepared"):
        prepared(source, {}, build)


def test_leftovers_of_a_killed_process_go(source: Path, cached: List) -> None:
    prepared(source, {}, Builder())
    (copy,) = cached()
    leftover = copy.with_name(f".{copy.name}.killed")
    leftover.mkdir()
    _grow(source)
    prepared(source, {}, Builder())
    assert not leftover.exists()


def test_processes_that_start_together_prepare_once(source: Path, cached: List) -> None:
    build = Builder()
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: prepared(source, {}, build), range(4)))
    assert build.calls == 1
    assert all(each.notes == {"call": 1} for each in found)


def test_a_missing_source(tmp_path: Path, cached: List) -> None:
    with pytest.raises(DataError, match="does not exist"):
        prepared(tmp_path / "nothing.json", {}, Builder())


def test_a_cache_that_cannot_be_written(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("VISREASON_CACHE", str(tmp_path / "file"))
    with pytest.raises(DataError, match="set VISREASON_CACHE"):
        prepared(source, {}, Builder())
