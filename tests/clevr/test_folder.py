from pathlib import Path

import pytest

from visreason.clevr.folder import ClevrFolder, image_filename
from visreason.errors import DataError


def test_the_layout_is_that_of_the_release(shared: Path) -> None:
    folder = ClevrFolder(shared / "data" / "clevr_real")
    assert folder.splits() == ("train",)
    assert folder.scenes_file("train").is_file()
    assert folder.questions_file("train").is_file()
    assert folder.images_dir("train").is_dir()
    assert folder.image_path("train", image_filename("train", 0)).is_file()


def test_splits_are_found_those_of_referring_expressions_too(tmp_path: Path) -> None:
    folder = ClevrFolder(tmp_path)
    for file in (folder.scenes_file("val"), folder.questions_file("val"), folder.questions_file("test_hard")):
        file.parent.mkdir(exist_ok=True)
        file.touch()
    folder.referring_file("val").touch()
    folder.referring_file("train").touch()
    (tmp_path / "questions" / "notes.json").touch()
    assert folder.splits() == ("test_hard", "train", "val")
    assert str(tmp_path) in repr(folder)


def test_an_absent_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is no folder"):
        ClevrFolder(tmp_path / "none").splits()


def test_images_of_referring_expressions_may_have_a_folder_of_their_own(tmp_path: Path) -> None:
    folder = ClevrFolder(tmp_path)
    assert (
        folder.image_path("val", "CLEVR_val_000000.png") == folder.images_dir("val") / "CLEVR_val_000000.png"
    )
    own = folder.images_dir("loc_val") / "CLEVR_loc_val_000000.png"
    assert folder.image_path("val", own.name) == folder.image_path("loc_val", own.name) == own


@pytest.mark.parametrize("name", ["../secret.png", "/etc/passwd", "a/b.png", "..", ""])
def test_an_image_cannot_lie_elsewhere(tmp_path: Path, name: str) -> None:
    with pytest.raises(DataError, match="no plain file name"):
        ClevrFolder(tmp_path).image_path("val", name)
