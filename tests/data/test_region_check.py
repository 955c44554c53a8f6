import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from visreason.data.check import Check
from visreason.data.region_world import RegionSplit, generate_regions
from visreason.data.world_check import check_data

NAMES = ["val world", "val checksums", "val annotations", "val images", "knowledge"]


@pytest.fixture
def world(tmp_path: Path) -> Path:
    generate_regions(tmp_path, RegionSplit("val", 3, image_size=64), jobs=1)
    return tmp_path


def checks(root: Path) -> dict[str, Check]:
    return {check.name: check for check in check_data(root)}


def edit(path: Path, change: Callable[[Any], None]) -> None:
    document = json.loads(path.read_text())
    change(document)
    path.write_text(json.dumps(document))


def test_a_whole_world(world: Path) -> None:
    found = checks(world)
    assert list(found) == NAMES
    assert all(check.status == "ok" for check in found.values())
    assert found["val annotations"].found.startswith("3 images, ")


def first_box_outside(document: Any) -> None:
    document["annotations"][0]["bbox"][0] = 63


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (first_box_outside, "on an image of 64x64"),
        (lambda document: document["annotations"][3].update(category_id=999), "has the category 999"),
        (
            lambda document: document["annotations"][3].update(image_id=77),
            "is on image 77, which is not listed",
        ),
        (lambda document: document["annotations"].pop(), "regions, "),
        (lambda document: document["categories"].pop(), "the categories are not those of this world"),
        (lambda document: document.pop("images"), "is not in COCO's format"),
        (lambda document: document["annotations"][0].update(bbox=[1, 2]), "is not in COCO's format"),
    ],
)
def test_faults_of_the_annotations(world: Path, change: Callable[[Any], None], message: str) -> None:
    edit(world / "annotations" / "instances_val.json", change)
    found = checks(world)
    assert found["val checksums"].status == found["val annotations"].status == "broken"
    assert message in found["val annotations"].found


def test_faults_of_images_and_graph(world: Path) -> None:
    first, second, third = sorted((world / "images" / "val").iterdir())
    first.unlink()
    second.write_bytes(second.read_bytes()[:100])
    Image.new("RGB", (40, 64)).save(third)
    edit(world / "knowledge.json", lambda graph: graph["edges"].pop("part of"))
    found = checks(world)
    for said in (f"{first.name} is missing", f"{second.name} is broken", f"{third.name} is 40x64"):
        assert said in found["val images"].found
    assert "is not the graph of this world" in found["knowledge"].found
    (world / "annotations" / "instances_val.json").write_text("{")
    (world / "knowledge.json").unlink()
    found = checks(world)
    assert "not valid JSON" in found["val annotations"].found
    assert "does not exist" in found["knowledge"].found
