import io
from pathlib import Path

import pytest
from rich.console import Console

from visreason.clevr.scenes_file import read_scenes
from visreason.data import embedded
from visreason.data.embedded import embedded_world
from visreason.errors import UsageError

SIZES = {"train": 4, "val": 2}


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("VISREASON_CACHE", str(tmp_path))
    return tmp_path


def quiet() -> Console:
    return Console(file=io.StringIO())


def test_both_splits_lie_in_one_folder_made_once(cache: Path) -> None:
    told = Console(file=io.StringIO())
    train = embedded_world(SIZES, "train", jobs=1, console=told)
    val = embedded_world(SIZES, "val", jobs=1, console=told)
    assert train.root == val.root
    assert train.root.parent == cache / "worlds"
    assert train.splits() == ("train", "val")
    assert [len(read_scenes(train.scenes_file(split))) for split in SIZES] == [4, 2]
    assert "scenes and questions: 4 to make" in told.file.getvalue()  # type: ignore[attr-defined]
    before = train.scenes_file("train").stat().st_mtime_ns
    again = Console(file=io.StringIO())
    assert embedded_world(SIZES, "train", jobs=1, console=again).root == train.root
    assert train.scenes_file("train").stat().st_mtime_ns == before
    assert again.file.getvalue() == ""  # type: ignore[attr-defined]


def test_other_settings_make_another_world() -> None:
    first = embedded_world(SIZES, "val", jobs=1, console=quiet()).root
    assert embedded_world(SIZES, "val", seed=1, jobs=1, console=quiet()).root != first
    assert embedded_world(SIZES | {"train": 5}, "val", jobs=1, console=quiet()).root != first
    unseen = embedded_world(SIZES, "val", image_size=(64, 64), jobs=1, console=quiet())
    assert unseen.root == first, "without images their size makes no difference"


def test_other_code_makes_another_world(monkeypatch: pytest.MonkeyPatch) -> None:
    first = embedded_world(SIZES, "val", jobs=1, console=quiet()).root
    monkeypatch.setattr(embedded, "folder_fingerprint", lambda *names: "changed")
    assert embedded_world(SIZES, "val", jobs=1, console=quiet()).root != first


def test_images_are_stored_on_request() -> None:
    folder = embedded_world({"val": 1}, "val", images=True, image_size=(48, 32), jobs=1, console=quiet())
    assert folder.image_path("val", "CLEVR_val_000000.png").is_file()


def test_a_split_it_does_not_have_is_refused(cache: Path) -> None:
    with pytest.raises(UsageError, match="has the splits train, val, not 'test'"):
        embedded_world(SIZES, "test", console=quiet())
    assert list(cache.iterdir()) == []
