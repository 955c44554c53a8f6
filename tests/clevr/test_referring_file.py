import json
from pathlib import Path

import pytest

from visreason.clevr.records import write_records
from visreason.clevr.referring_file import holds_expressions, iter_expressions, read_image_size
from visreason.clevr.scenes_file import release_info
from visreason.errors import DataError

from .test_referring import record


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "CLEVR_loc_val_questions.json"
    records = [record(question_index=i) for i in range(3)]
    write_records(path, "questions", records, release_info("val") | {"image_size": [96, 64]})
    return path


def test_expressions_come_one_by_one(file: Path) -> None:
    assert [expression.index for expression in iter_expressions(file)] == [0, 1, 2]


def test_an_error_names_the_file_and_the_expression(tmp_path: Path) -> None:
    path = tmp_path / "loc.json"
    path.write_text(json.dumps({"questions": [record(), record(bbox="here")]}))
    with pytest.raises(DataError, match=f"{path}: expression 1, 'bbox' should be"):
        list(iter_expressions(path))


def test_boxes_tell_expressions_from_questions(file: Path, tmp_path: Path) -> None:
    assert holds_expressions(file)
    plain, empty = tmp_path / "plain.json", tmp_path / "empty.json"
    write_records(plain, "questions", [{"question": "Is it red?"}], {})
    write_records(empty, "questions", [], {})
    assert not holds_expressions(plain)
    assert not holds_expressions(empty)
    with pytest.raises(DataError, match="does not exist"):
        holds_expressions(tmp_path / "none.json")


def test_the_size_of_the_images(file: Path, tmp_path: Path) -> None:
    assert read_image_size(file) == ((96, 64), True)
    others = tmp_path / "others.json"
    others.write_text('{"questions": [], "info": {"image_size": [1, 1]}}')
    assert read_image_size(others) == ((480, 320), False)
    others.write_text('{"split": "val", "info": {"image_size": "large"}, "questions": []}')
    with pytest.raises(DataError, match=r"'image_size' in 'info' should be \[width, height\], not 'large'"):
        read_image_size(others)
