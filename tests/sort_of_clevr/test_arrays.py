import io
import pickle
import zipfile
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest

from visreason.clevr.sampling import scene_rng
from visreason.errors import DataError
from visreason.sort_of_clevr.arrays import Arrays, read_arrays, to_arrays, write_arrays
from visreason.sort_of_clevr.questions import FLAT_QUESTIONS, choose_questions
from visreason.sort_of_clevr.scene import draw_flat_scene, sample_flat_scene


@pytest.fixture
def arrays() -> Arrays:
    scenes = [sample_flat_scene(scene_rng(0, "val", i), i, "val") for i in range(3)]
    asked = [choose_questions(scene, np.random.default_rng(0), 4) for scene in scenes]
    return to_arrays([draw_flat_scene(scene) for scene in scenes], asked)


def test_arrays_survive_the_file(arrays: Arrays, tmp_path: Path) -> None:
    write_arrays(tmp_path / "a.npz", arrays)
    again = read_arrays(tmp_path / "a.npz")
    with zipfile.ZipFile(
        tmp_path / "a.npz"
    ) as archive:  # no time of day, so that the bytes are always the same
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    for name, array in asdict(arrays).items():
        np.testing.assert_array_equal(array, getattr(again, name))


def test_questions_and_answers_survive_the_bits() -> None:
    scene = sample_flat_scene(scene_rng(0, "val", 0), 0, "val")
    asked = choose_questions(scene, np.random.default_rng(0), 10)
    made = to_arrays([draw_flat_scene(scene)], [asked])
    assert made.questions(0) == asked
    assert made.relational_questions.shape == made.nonrelational_questions.shape == (1, 10, 11)


def test_other_number_types_are_read(arrays: Arrays, tmp_path: Path) -> None:
    loose = asdict(arrays) | {"relational_questions": arrays.relational_questions.astype(np.float32)}
    np.savez(tmp_path / "a.npz", **loose)
    np.testing.assert_array_equal(
        read_arrays(tmp_path / "a.npz").relational_questions, arrays.relational_questions
    )


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("images", np.zeros((3, 64, 64, 3), np.uint8), r"images is uint8 of shape \[3, 64, 64, 3\]"),
        ("images", np.zeros((3, 75, 75, 3), np.float32), "images should hold RGB as uint8"),
        ("relational_answers", np.zeros((3, 9), np.int64), r"relational_answers is int64 of shape \[3, 9\]"),
        ("relational_answers", np.full((3, 4), 0.5), "relational_answers should hold whole numbers"),
        ("nonrelational_questions", np.full((3, 4, 11), "x"), "nonrelational_questions is <U1"),
    ],
)
def test_other_shapes_and_types_are_refused(
    arrays: Arrays, tmp_path: Path, name: str, value: np.ndarray, message: str
) -> None:
    np.savez(tmp_path / "a.npz", **(asdict(arrays) | {name: value}))
    with pytest.raises(DataError, match=message):
        read_arrays(tmp_path / "a.npz")


def test_a_missing_array_or_file_is_named(arrays: Arrays, tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", images=arrays.images)
    with pytest.raises(DataError, match="lacks relational_questions"):
        read_arrays(tmp_path / "a.npz")
    with pytest.raises(DataError, match="does not exist"):
        read_arrays(tmp_path / "b.npz")


@pytest.mark.parametrize("kind", ["pickle", "objects", "noise", "truncated", "npy"])
def test_nothing_is_unpickled(arrays: Arrays, tmp_path: Path, kind: str) -> None:
    path, buffer = tmp_path / "a.npz", io.BytesIO()
    if kind == "objects":
        np.savez(buffer, **(asdict(arrays) | {"images": np.array([{}], dtype=object)}))
    elif kind == "npy":
        np.save(buffer, arrays.images)
    else:
        np.savez(buffer, **asdict(arrays))
    written = {"pickle": pickle.dumps([1, 2]), "noise": b"noise", "truncated": buffer.getvalue()[:3000]}
    path.write_bytes(written.get(kind, buffer.getvalue()))
    with pytest.raises(DataError, match=r"no \.npz of plain arrays"):
        read_arrays(path)


def test_classes_and_groups_that_are_none_are_named(arrays: Arrays) -> None:
    wrong = replace(arrays, relational_answers=arrays.relational_answers + 10)
    with pytest.raises(
        DataError, match=r"mine: image 1, relational question 0 has the answer \d+; .* 0 to 9"
    ):
        wrong.questions(1, "mine")
    swapped = replace(arrays, relational_questions=arrays.nonrelational_questions)
    with pytest.raises(DataError, match="the bits of the other group"):
        swapped.questions(0)


def test_images_must_have_equally_many_questions() -> None:
    image = np.zeros((75, 75, 3), np.uint8)
    one, two = [(FLAT_QUESTIONS[0], "square")], [(question, "yes") for question in FLAT_QUESTIONS[:2]]
    with pytest.raises(DataError, match="equally many"):
        to_arrays([image, image], [one, two])
