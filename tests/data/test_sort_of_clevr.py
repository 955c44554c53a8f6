import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from visreason.clevr.questions_file import read_questions
from visreason.data.dataset import ClevrQuestions
from visreason.data.inputs import ImageView
from visreason.data.samples import collate
from visreason.data.sort_of_clevr import ImportedSplit, SortOfClevrSplit, flat_scenes, generate_sort_of_clevr
from visreason.data.vocabulary import SORT_OF_CLEVR_VOCABULARY
from visreason.errors import DataError, UsageError
from visreason.sort_of_clevr.arrays import read_arrays
from visreason.sort_of_clevr.folder import arrays_file, flat_scenes_file, iter_flat_scenes
from visreason.sort_of_clevr.oracle import judge_flat
from visreason.sort_of_clevr.scene import draw_flat_scene

SMALL = SortOfClevrSplit("val", 6, questions_per_scene=5, arrays=True)


def contents(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_a_folder_that_every_reader_reads(tmp_path: Path) -> None:
    made = generate_sort_of_clevr(tmp_path, SMALL)
    assert (made.scenes, made.questions, made.images, made.folder.splits()) == (6, 60, 6, ("val",))
    data = ClevrQuestions(made.folder, "val", SORT_OF_CLEVR_VOCABULARY, ImageView((75, 75)))
    batch = collate([data[row] for row in (0, 1, 59)])
    assert batch.images is not None
    assert batch.images.shape == (2, 3, 75, 75)  # two questions share an image
    scenes = list(iter_flat_scenes(flat_scenes_file(tmp_path, "val")))
    questions = read_questions(made.folder.questions_file("val"))
    assert all(verdict.agrees for verdict in judge_flat(questions, scenes))
    assert data.table.type(0) == questions[0].type
    for scene in scenes:
        image = np.asarray(Image.open(made.folder.image_path("val", scene.image_filename)))
        np.testing.assert_array_equal(image, draw_flat_scene(scene))


def test_the_same_settings_give_the_same_bytes_also_after_an_interruption(tmp_path: Path) -> None:
    generate_sort_of_clevr(tmp_path / "whole", SMALL)
    generate_sort_of_clevr(tmp_path / "again", SMALL)
    whole = contents(tmp_path / "whole")
    (tmp_path / "again" / "images" / "val" / "CLEVR_val_000003.png").unlink()
    arrays_file(tmp_path / "again", "val").unlink()
    assert contents(tmp_path / "again") != whole
    stages = []
    generate_sort_of_clevr(tmp_path / "again", SMALL, progress=lambda *stage: stages.append(stage))
    assert contents(tmp_path / "again") == whole
    assert ("images", 5, 6) in stages


def test_a_finished_folder_is_left_alone(tmp_path: Path) -> None:
    generate_sort_of_clevr(tmp_path, SMALL)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.*")}
    generate_sort_of_clevr(tmp_path, SMALL)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.*")} == before


def test_splits_and_seeds_differ() -> None:
    texts = [
        [scene.things for scene, _ in flat_scenes(SortOfClevrSplit(split, 3, seed=seed))]
        for split, seed in (("train", 0), ("val", 0), ("val", 1))
    ]
    assert texts[0] != texts[1] != texts[2] != texts[0]


def test_the_public_form_round_trips(tmp_path: Path) -> None:
    wanted = SortOfClevrSplit("val", 4, arrays=True)
    made = generate_sort_of_clevr(tmp_path / "ours", wanted)
    source = arrays_file(tmp_path / "ours", "val")
    arrays = read_arrays(source)
    assert (arrays.images.shape, arrays.relational_answers.shape) == ((4, 75, 75, 3), (4, 10))
    theirs = generate_sort_of_clevr(tmp_path / "theirs", ImportedSplit.read("val", source))
    assert (theirs.scenes, theirs.questions) == (4, 80)
    for part in ("questions", "images"):
        assert contents(tmp_path / "theirs" / part) == contents(tmp_path / "ours" / part)
    assert made.folder.questions_file("val").is_file()
    assert not flat_scenes_file(tmp_path / "theirs", "val").exists()


def test_another_order_for_the_same_split_is_refused_unless_it_is_replaced(tmp_path: Path) -> None:
    generate_sort_of_clevr(tmp_path, SortOfClevrSplit("val", 4, arrays=True))
    other = SortOfClevrSplit("val", 6)
    with pytest.raises(UsageError, match="scenes 4 there, 6 now"):
        generate_sort_of_clevr(tmp_path, other)
    generate_sort_of_clevr(tmp_path, other, overwrite=True)
    assert json.loads((tmp_path / "world.json").read_text())["splits"]["val"]["arguments"]["scenes"] == 6
    assert not (tmp_path / "arrays").exists()


def test_nothing_foreign_is_touched(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(UsageError, match=r"holds something else \(mine.txt\)"):
        generate_sort_of_clevr(tmp_path, SMALL)
    with pytest.raises(UsageError, match="is a file"):
        generate_sort_of_clevr(tmp_path / "mine.txt", SMALL)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"split": "a/b"}, "a split is named"),
        ({"scenes": 0}, "scenes must be 1 to"),
        ({"questions_per_scene": 19}, "questions per scene must be 1 to 18; got 19"),
        ({"seed": -1}, "seed must be 0 to"),
    ],
)
def test_settings_out_of_range(settings: dict[str, int], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        SortOfClevrSplit(**({"split": "val", "scenes": 3} | settings))


def test_arrays_that_stand_for_nothing_leave_no_questions(tmp_path: Path) -> None:
    generate_sort_of_clevr(tmp_path / "ours", SortOfClevrSplit("val", 2, arrays=True))
    source = arrays_file(tmp_path / "ours", "val")
    loaded = dict(np.load(source))
    loaded["relational_answers"][1, 0] = 77
    np.savez(tmp_path / "wrong.npz", **loaded)
    with pytest.raises(DataError, match=r"wrong\.npz: image 1, relational question 0 has the answer 77"):
        generate_sort_of_clevr(tmp_path / "out", ImportedSplit.read("val", tmp_path / "wrong.npz"))
    assert list((tmp_path / "out").rglob("*questions.json")) == []
