from pathlib import Path

import numpy as np
import pytest

from visreason.data.class_vectors import file_vectors, hashed_vectors, retrofit
from visreason.errors import DataError

CLASSES = ("-", "traffic light", "light", "zebra")


def test_hashed_vectors_are_the_same_on_every_machine_and_alike_for_like_names() -> None:
    vectors = hashed_vectors(CLASSES)
    assert vectors.shape == (4, 300)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), [0, 1, 1, 1], atol=1e-6)
    assert vectors[1] @ vectors[2] > 0.5 > abs(vectors[2] @ vectors[3]) + 0.3
    assert (
        np.flatnonzero(hashed_vectors(["-", "ox"], 16)[1]).tolist()
        == np.flatnonzero(hashed_vectors(["-", "yak", "ox"], 16)[2]).tolist()
    )


def test_related_classes_are_drawn_together() -> None:
    vectors = hashed_vectors(CLASSES)
    drawn = retrofit(vectors, CLASSES, {"seen with": {("light", "zebra"): 1.0, ("zebra", "light"): 1.0}})
    assert drawn[2] @ drawn[3] > vectors[2] @ vectors[3] + 0.3
    np.testing.assert_allclose(drawn[1], vectors[1], atol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(drawn[1:], axis=1), 1, atol=1e-6)


def test_vectors_of_a_file_are_means_over_words(tmp_path: Path) -> None:
    path = tmp_path / "some.vec"
    path.write_text("4 2\nlight 1 2\nLight 9 9\ntraffic 3 4\ncat 0 0\n")
    vectors, without = file_vectors(path, CLASSES)
    assert vectors[:3].tolist() == [[0, 0], [2, 3], [1, 2]]
    assert without == ("zebra",)
    lengths = np.linalg.norm(vectors, axis=1)
    assert lengths[3] == pytest.approx(lengths[1:3].mean())
    path.write_text("traffic_light 5 6 7\nzebra.n.01 1 1 1\n")  # without a first line of two numbers
    assert file_vectors(path, CLASSES)[0][1].tolist() == [5, 6, 7]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("2 2\ncat 1 2\nlight 1 two\n", "line 3: .*a word and 2 numbers are expected"),
        ("cat 1 2\nlight 1 2 3\n", "line 2: a word and 2 numbers are expected"),
        ("cat 1 2\nlight 1 nan\n", "line 2: a word and 2 numbers"),
        ("light\n", "line 1: a word and 1 numbers"),
        ("cat 1 2\n", "for none of the 3 classes"),
        ("", "for none of the 3 classes"),
    ],
)
def test_wrong_files(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "some.vec"
    path.write_text(text)
    with pytest.raises(DataError, match=message):
        file_vectors(path, CLASSES)
    with pytest.raises(DataError, match="cannot be read: No such file"):
        file_vectors(tmp_path / "none.vec", CLASSES)
