from pathlib import Path

import pytest

from visreason.data.regions.class_list import read_class_list
from visreason.data.regions.region_set import BACKGROUND
from visreason.errors import DataError


def test_the_published_classes_of_ade(shared: Path) -> None:
    path = shared / "data" / "ade20k" / "ade_split" / "objectnames.txt"
    classes = read_class_list(path)
    assert len(classes) - 1 == 1484
    assert classes[:3] == (BACKGROUND, "acropolis", "advertisement")
    assert len(read_class_list(path, minimum=1)) == 2899
    assert len(read_class_list(path, minimum=1000)) < 200


def test_names_with_counts_beside_them_or_behind_them(tmp_path: Path) -> None:
    (tmp_path / "my_names.txt").write_text("-\ncup \nleft_arm\nplate\n")
    (tmp_path / "my_counts.txt").write_text("900\n4\n5\n6\n")
    assert read_class_list(tmp_path / "my_names.txt") == (BACKGROUND, "left arm", "plate")
    assert read_class_list(tmp_path / "my_names.txt", minimum=6) == (BACKGROUND, "plate")
    (tmp_path / "synsets.txt").write_text("fire_hydrant.n.01:12\ncup.n.01:4\n")
    assert read_class_list(tmp_path / "synsets.txt", minimum=1) == (
        BACKGROUND,
        "fire_hydrant.n.01",
        "cup.n.01",
    )


def test_a_plain_list_keeps_all(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("cup\n\n plate\n")
    assert read_class_list(tmp_path / "mine.txt") == (BACKGROUND, "cup", "plate")
    with pytest.raises(DataError, match="does not say how often each class occurs"):
        read_class_list(tmp_path / "mine.txt", minimum=3)


def test_wrong_lists(tmp_path: Path) -> None:
    path, counts = tmp_path / "names.txt", tmp_path / "counts.txt"
    with pytest.raises(DataError, match="cannot be read: No such file"):
        read_class_list(path)
    path.write_text("\n")
    with pytest.raises(DataError, match="is empty"):
        read_class_list(path)
    path.write_bytes(b"\xff\xfe\xfa")
    with pytest.raises(DataError, match="is no text"):
        read_class_list(path)
    path.write_text("cup\nplate\n")
    counts.write_text("3\n")
    with pytest.raises(DataError, match="a number for each of the 2 lines"):
        read_class_list(path)
    counts.write_text("3\n4\n")
    with pytest.raises(DataError, match="no class that occurs 5 times"):
        read_class_list(path)
    path.write_text("cup\ncup\n")
    with pytest.raises(DataError, match="has 'cup' twice"):
        read_class_list(path, minimum=1)
