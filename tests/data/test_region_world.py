import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from visreason.data.knowledge import read_knowledge
from visreason.data.region_world import RegionSplit, generate_regions, region_scene
from visreason.data.regions.coco import read_coco
from visreason.errors import UsageError
from visreason.region_world import drawing
from visreason.region_world.ceilings import CeilingTally, expected_ceilings
from visreason.region_world.scene import RegionDesign

SMALL = RegionSplit("val", 55, image_size=64)


def contents(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("regions")
    generate_regions(root, SMALL, jobs=1)
    return root


def test_images_annotations_and_ceilings_belong_together(whole: Path) -> None:
    document = json.loads((whole / "annotations" / "instances_val.json").read_text())
    assert [record["id"] for record in document["images"]] == list(range(55))
    assert [record["id"] for record in document["annotations"]] == list(
        range(1, len(document["annotations"]) + 1)
    )
    tally = CeilingTally()
    for index in range(55):
        tally.add(region_scene(SMALL, index), SMALL.design)
    noted = json.loads((whole / "world.json").read_text())["splits"]["val"]["contents"]
    assert noted["ceilings"] == {"expected": expected_ceilings(SMALL.design), "measured": tally.accuracies()}
    assert noted["regions"] == len(document["annotations"]) == tally.regions["all"]
    for index in (0, 24, 25, 54):
        drawn = drawing.draw_region_scene(region_scene(SMALL, index), 64)
        image = np.asarray(Image.open(whole / "images" / "val" / document["images"][index]["file_name"]))
        np.testing.assert_array_equal(image, drawn.image)
        boxes = [record["bbox"] for record in document["annotations"] if record["image_id"] == index]
        assert boxes == [list(drawn.box(place)) for place in range(len(boxes))]
    assert not (whole / ".unfinished").exists()


def test_the_reader_of_cocos_format_finds_nothing_odd(whole: Path) -> None:
    found = read_coco(whole / "annotations" / "instances_val.json", whole / "images" / "val")
    classes, relations = read_knowledge(whole / "knowledge.json")
    assert found.classes == classes
    assert {"part of", "mirrors", "looks like"} <= set(relations)
    assert (found.report.images, found.report.oddities) == (55, ())
    scene = region_scene(SMALL, 3)
    drawn = drawing.draw_region_scene(scene, 64)
    assert [classes[label] for label in found.images[3].labels] == [region.name for region in scene.regions]
    assert [words[:2] for words in found.images[3].attributes] == [
        (one.needs, one.view) for one in scene.regions
    ]
    for (x1, y1, x2, y2), mask_HW in zip(
        found.images[3].boxes.astype(int).tolist(), drawn.masks, strict=True
    ):
        assert mask_HW[y1 : y2 + 1, x1 : x2 + 1].sum() == mask_HW.sum()
        assert mask_HW[y1].any()
        assert mask_HW[:, x2].any()


def test_jobs_and_interruptions_leave_no_mark(whole: Path, tmp_path: Path) -> None:
    def interrupt(stage: str, done: int, total: int) -> None:
        if done == 25:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        generate_regions(tmp_path, SMALL, jobs=1, progress=interrupt)
    assert (tmp_path / ".unfinished" / "val" / "regions_00000.json").exists()
    assert not (tmp_path / "annotations").exists()
    (tmp_path / "images" / "val" / "val_000007.png").unlink()
    stages: list[tuple[str, int, int]] = []
    generate_regions(tmp_path, SMALL, jobs=2, progress=lambda *stage: stages.append(stage))
    assert contents(tmp_path) == contents(whole)
    (tmp_path / "images" / "val" / "val_000053.png").unlink()
    (tmp_path / "annotations" / "instances_val.json").unlink()
    (tmp_path / "knowledge.json").unlink()
    generate_regions(tmp_path, SMALL, jobs=1)
    assert contents(tmp_path) == contents(whole)


def test_a_finished_folder_is_left_alone_and_takes_other_splits(tmp_path: Path) -> None:
    wanted = RegionSplit("val", 3, image_size=64)
    made = generate_regions(tmp_path, wanted, jobs=1)
    before = {
        path: path.read_bytes()
        for path in tmp_path.rglob("*.*")
        if path.name != "world.json" and path.is_file()
    }
    times = {path: path.stat().st_mtime_ns for path in before if path.name != "knowledge.json"}
    assert generate_regions(tmp_path, wanted, jobs=1) == made
    assert {path: path.stat().st_mtime_ns for path in times} == times
    generate_regions(tmp_path, RegionSplit("train", 2, image_size=64), jobs=1)
    assert {path: path.read_bytes() for path in before} == before
    assert len(list((tmp_path / "images").rglob("*.png"))) == 5


def test_another_order_is_refused_unless_it_replaces(tmp_path: Path) -> None:
    generate_regions(tmp_path, RegionSplit("val", 4, image_size=64), jobs=1)
    other = RegionSplit("val", 2, image_size=64, design=RegionDesign(clear=0.5))
    with pytest.raises(UsageError, match=r"images 4 there, 2 now; clear 0\.3 there, 0\.5 now"):
        generate_regions(tmp_path, other, jobs=1)
    generate_regions(tmp_path, other, jobs=1, overwrite=True)
    assert len(list((tmp_path / "images").rglob("*.png"))) == 2


def test_nothing_foreign_is_touched(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    wanted = RegionSplit("val", 1, image_size=64)
    with pytest.raises(UsageError, match=r"holds something else \(mine.txt\)"):
        generate_regions(tmp_path, wanted, jobs=1)
    with pytest.raises(UsageError, match="is a file"):
        generate_regions(tmp_path / "mine.txt", wanted, jobs=1)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"split": "a/b"}, "a split is named"),
        ({"images": 0}, "images must be 1 to"),
        ({"image_size": 63}, "image size must be 64 to 1024; got 63"),
        ({"seed": -1}, "seed must be 0 to"),
    ],
)
def test_settings_out_of_range(settings: dict[str, int], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        RegionSplit(**({"split": "val", "images": 3} | settings))
