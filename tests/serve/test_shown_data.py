from pathlib import Path

import pytest

from visreason.clevr.folder import ClevrFolder
from visreason.clevr.scenes_file import read_scenes
from visreason.data.images import load_image
from visreason.errors import DataError
from visreason.serve.failures import ApiError
from visreason.serve.scene_records import record_of
from visreason.serve.shown_data import ShownData


def test_images_and_scenes_are_shown_by_number(tiny_data: Path) -> None:
    folder, data = ClevrFolder(tiny_data), ShownData(tiny_data)
    assert {one.split: one.images for one in data.record().splits} == {"train": 12, "val": 6}
    scene = read_scenes(folder.scenes_file("val"))[4]
    picture = data.picture("val", 4)
    assert picture.scene == record_of(scene)
    assert (picture.image_filename, picture.image) == (scene.image_filename, True)
    assert (data.pixels("val", 4) == load_image(folder.image_path("val", scene.image_filename))).all()


@pytest.mark.parametrize(
    ("split", "number"), [("val", 6), ("val", -1), ("test", 0), ("../val", 0), ("..", 0), ("", 0)]
)
def test_nothing_else_is_shown(tiny_data: Path, split: str, number: int) -> None:
    for look in (ShownData(tiny_data).picture, ShownData(tiny_data).pixels, ShownData(None).picture):
        with pytest.raises(ApiError, match="no such image") as refused:
            look(split, number)
        assert refused.value.status == 404


def test_a_folder_that_is_no_data_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="neither scenes nor questions"):
        ShownData(tmp_path)
    with pytest.raises(DataError, match="is no folder"):
        ShownData(tmp_path / "nowhere")
