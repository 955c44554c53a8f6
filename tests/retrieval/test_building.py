from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from visreason.errors import UsageError
from visreason.retrieval.building import IndexBuilder, write_index
from visreason.retrieval.index_folder import IndexSettings, RetrievalIndex

SETTINGS = IndexSettings(
    model="rn", fingerprint="f", layer="g2", aggregation="mean", normalise="both", size=2
)
NAMES = [f"{number}.png" for number in range(6)]
ROWS = np.arange(12, dtype=np.float32).reshape(6, 2)


def test_an_interrupted_index_is_gone_on_with(tmp_path: Path) -> None:
    first = IndexBuilder(tmp_path / "index", NAMES, SETTINGS)
    with pytest.raises(KeyboardInterrupt), first.at_work():
        first.append(ROWS[:1], {"1.png": "broken"})
        first.append(ROWS[2:3], {})
        with (first.part / "vectors.bin").open("ab") as file:
            file.write(b"half a row")  # written, but not noted any more
        raise KeyboardInterrupt
    assert not (tmp_path / "index").exists()
    second = IndexBuilder(tmp_path / "index", NAMES, SETTINGS)
    with second.at_work():
        assert second.done == 3
        second.append(ROWS[3:], {})
        index = second.finish()
    assert index.ids == ("0.png", "2.png", "3.png", "4.png", "5.png")
    np.testing.assert_array_equal(index.features, ROWS[[0, 2, 3, 4, 5]])
    assert second.unreadable == {"1.png": "broken"}
    assert [path.name for path in tmp_path.iterdir()] == ["index"]
    assert sorted(path.name for path in index.folder.iterdir()) == ["features.npy", "ids.json", "index.json"]


@pytest.mark.parametrize(
    ("names", "settings"), [(NAMES[:5], SETTINGS), (NAMES, replace(SETTINGS, layer="conv"))]
)
def test_an_unfinished_index_of_something_else_is_kept(
    tmp_path: Path, names: list[str], settings: IndexSettings
) -> None:
    first = IndexBuilder(tmp_path / "index", NAMES, SETTINGS)
    with first.at_work():
        first.append(ROWS[:2], {})
    other = IndexBuilder(tmp_path / "index", names, settings)
    with (
        pytest.raises(UsageError, match="unfinished index of other images or other settings"),
        other.at_work(),
    ):
        pass
    with other.at_work(overwrite=True):
        assert other.done == 0


def test_a_finished_index_is_replaced_only_when_asked_to(tmp_path: Path) -> None:
    folder = tmp_path / "index"
    write_index(folder, ROWS, NAMES, SETTINGS)
    with pytest.raises(UsageError, match="holds an index already"):
        write_index(folder, ROWS[:1], NAMES[:1], SETTINGS)
    assert len(RetrievalIndex.open(folder)) == 6
    assert len(write_index(folder, ROWS[:1], NAMES[:1], SETTINGS, overwrite=True)) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["index"]


def test_other_things_are_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").touch()
    with pytest.raises(UsageError, match="holds something else"):
        write_index(tmp_path, ROWS, NAMES, SETTINGS)


def test_two_at_work_on_one_index(tmp_path: Path) -> None:
    first, second = (IndexBuilder(tmp_path / "index", NAMES, SETTINGS) for _ in range(2))
    with first.at_work(), pytest.raises(UsageError, match="another process is at work"), second.at_work():
        pass


def test_nothing_readable_is_no_index(tmp_path: Path) -> None:
    builder = IndexBuilder(tmp_path / "index", NAMES[:1], SETTINGS)
    with builder.at_work():
        builder.append(ROWS[:0], {"0.png": "it is broken."})
        with pytest.raises(UsageError, match=r"none of the 1 images can be read\. 0\.png: it is broken"):
            builder.finish()


def test_features_of_another_size_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"need features of \[6, 2\]; got \[6, 3\]"):
        write_index(tmp_path / "index", np.zeros((6, 3), np.float32), NAMES, SETTINGS)


def test_sixteen_bits_are_kept(tmp_path: Path) -> None:
    index = write_index(tmp_path / "index", ROWS, NAMES, replace(SETTINGS, dtype="float16"))
    assert index.features.dtype == np.float16
    assert index.search(ROWS[3:4], 1)[0].tolist() == [[3]]
