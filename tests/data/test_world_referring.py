"""Referring expressions and captions of a generated world."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from visreason.clevr.boxes import around, mask_boxes
from visreason.clevr.captions_file import iter_captions
from visreason.clevr.executor import execute, outputs
from visreason.clevr.records import read_info
from visreason.clevr.referring_file import iter_expressions
from visreason.clevr.scenes_file import read_scenes
from visreason.data import world_images
from visreason.data.world import Generated, generate_world
from visreason.data.world_split import WorldSplit
from visreason.errors import UsageError

SMALL = WorldSplit(
    "val",
    5,
    questions_per_scene=1,
    image_size=(72, 48),
    images=False,
    masks=True,
    refexps_per_scene=6,
    captions_per_scene=3,
)
TWO_WINDOWS = WorldSplit(
    "val",
    252,
    questions_per_scene=0,
    image_size=(48, 32),
    images=False,
    refexps_per_scene=2,
    captions_per_scene=1,
)


def contents(root: Path) -> dict[str, bytes]:
    """Every file of a folder, hidden ones too."""
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Generated:
    return generate_world(tmp_path_factory.mktemp("small"), SMALL, jobs=1)


@pytest.fixture(scope="module")
def two_windows(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    root = tmp_path_factory.mktemp("two_windows")
    generate_world(root, TWO_WINDOWS, jobs=1)
    return contents(root)


def test_every_box_is_that_of_the_object_in_the_mask(small: Generated) -> None:
    folder, scenes = small.folder, read_scenes(small.folder.scenes_file("val"))
    assert read_info(folder.referring_file("val"))["image_size"] == [72, 48]
    expressions = list(iter_expressions(folder.referring_file("val")))
    assert [expression.index for expression in expressions] == list(range(30))
    for expression in expressions:
        assert expression.program is not None
        assert expression.image_index is not None
        scene = scenes[expression.image_index]
        assert expression.image_filename == scene.image_filename
        found = outputs(expression.program, scene)[-1]
        mask_HW = np.asarray(Image.open(folder.root / "masks" / "val" / scene.image_filename)).astype(int) - 1
        assert expression.object_index == found
        assert expression.box == mask_boxes(mask_HW, len(scene))[int(found)]
        assert expression.box is not None
        assert expression.full_box is not None
        assert around(expression.box, expression.full_box) == expression.full_box


def test_every_caption_is_true(small: Generated) -> None:
    scenes = read_scenes(small.folder.scenes_file("val"))
    captions = list(iter_captions(small.folder.captions_file("val")))
    assert Counter(caption.image_index for caption in captions) == dict.fromkeys(range(5), 3)
    for caption in captions:
        assert caption.program is not None
        assert execute(caption.program, scenes[caption.image_index]) == "yes"
    assert (small.refexps, small.captions) == (30, 15)


def test_scenes_questions_and_masks_are_the_same_without(small: Generated, tmp_path: Path) -> None:
    plain = WorldSplit("val", 5, questions_per_scene=1, image_size=(72, 48), images=False, masks=True)
    generate_world(tmp_path, plain, jobs=1)
    own, others = contents(tmp_path), contents(small.folder.root)
    told = {"world.json", "checksums/CLEVR_val.sha256"}
    assert {name: own[name] for name in own.keys() - told}.items() <= others.items()
    further = {"questions/CLEVR_loc_val_questions.json", "captions/CLEVR_val_captions.json"}
    assert others.keys() - own.keys() == further


def test_the_same_for_any_number_of_processes(two_windows: dict[str, bytes], tmp_path: Path) -> None:
    generate_world(tmp_path, TWO_WINDOWS, jobs=2)
    assert contents(tmp_path) == two_windows


@pytest.mark.parametrize("done", [0, 250])
def test_the_same_after_an_interruption(two_windows: dict[str, bytes], tmp_path: Path, done: int) -> None:
    def stop(stage: str, so_far: int, total: int) -> None:
        if stage == "expressions and captions" and so_far >= done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        generate_world(tmp_path, TWO_WINDOWS, jobs=1, progress=stop)
    begun = contents(tmp_path)
    assert "scenes/CLEVR_val_scenes.json" in begun
    assert "questions/CLEVR_loc_val_questions.json" not in begun
    assert any("texts_00000" in name for name in begun) is (done == 250)
    steps: list[tuple[str, int]] = []
    generate_world(
        tmp_path, TWO_WINDOWS, jobs=1, progress=lambda stage, done, total: steps.append((stage, done))
    )
    assert steps[0] == ("expressions and captions", done)
    assert contents(tmp_path) == two_windows


def test_a_lost_file_is_made_again_to_the_byte(small: Generated) -> None:
    root = small.folder.root
    before = contents(root)
    small.folder.referring_file("val").unlink()
    assert generate_world(root, SMALL, jobs=1).refexps == small.refexps
    assert contents(root) == before


def test_a_longer_split_begins_with_the_shorter_one(tmp_path: Path) -> None:
    wanted = WorldSplit(
        "val", 3, image_size=(48, 32), images=False, refexps_per_scene=2, captions_per_scene=1
    )
    folder = generate_world(tmp_path, wanted, jobs=1).folder
    short = list(iter_expressions(folder.referring_file("val")))
    longer = generate_world(tmp_path, replace(wanted, scenes=5), jobs=1, compress=True)
    assert (longer.refexps, longer.captions) == (10, 5)
    assert list(iter_expressions(folder.referring_file("val")))[:6] == short
    assert folder.referring_file("val").suffix == ".gz"


def test_another_seed_says_other_things(small: Generated, tmp_path: Path) -> None:
    other = generate_world(tmp_path, WorldSplit("val", 5, refexps_per_scene=6, images=False, seed=1), jobs=1)
    texts = [
        [one.text for one in iter_expressions(made.folder.referring_file("val"))] for made in (small, other)
    ]
    assert texts[0] != texts[1]
    assert other.captions == 0
    assert not other.folder.captions_file("val").exists()
    assert read_info(other.folder.referring_file("val"))["image_size"] == [480, 320]


def test_overwriting_takes_away_what_is_no_longer_wanted(tmp_path: Path) -> None:
    wanted = WorldSplit("val", 2, images=False, refexps_per_scene=1, captions_per_scene=1)
    folder = generate_world(tmp_path, wanted, jobs=1).folder
    plain = WorldSplit("val", 2, images=False)
    with pytest.raises(UsageError, match="refexps per scene 1 there, 0 now"):
        generate_world(tmp_path, plain, jobs=1)
    generate_world(tmp_path, plain, jobs=1, overwrite=True)
    assert not folder.referring_file("val").exists()
    assert not folder.captions_file("val").parent.exists()


@pytest.mark.parametrize("kind", ["refexps", "captions"])
def test_more_than_there_are_families_is_an_error_before_anything_is_made(tmp_path: Path, kind: str) -> None:
    wanted = WorldSplit("val", 2, images=False, **{f"{kind}_per_scene": 99})  # type: ignore[arg-type]
    with pytest.raises(UsageError, match=r"99 (referring expressions|captions) a scene from \d+ families"):
        generate_world(tmp_path / "world", wanted, jobs=1)
    assert not (tmp_path / "world").exists()


def test_batches_of_images_end_with_the_windows() -> None:
    batches = world_images.image_batches(WorldSplit("val", 600, image_size=(32, 32)))
    assert [index for batch in batches for index in batch] == list(range(600))
    assert {250, 500} <= {batch.stop for batch in batches}
