from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from visreason.clevr.rules import Rules
from visreason.data import world_files, world_images
from visreason.data.world import generate_world
from visreason.data.world_split import WorldSplit
from visreason.errors import UsageError

FEW = Rules.parse(["objects=3-4"])
TEXTS = WorldSplit("val", 6, 1, images=False, only=FEW, refexps_per_scene=1, captions_per_scene=1)
PICTURES = WorldSplit("val", 3, questions_per_scene=2, image_size=(48, 32), masks=True)


@pytest.fixture(autouse=True)
def small_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four scenes a window and two images a batch, so that small splits have several, the last one not full."""
    monkeypatch.setattr(world_files, "WINDOW", 4)
    monkeypatch.setattr(world_images, "_BATCH_IMAGES", 2)


def contents(root: Path) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()
    }


@pytest.mark.parametrize(("split", "longer"), [(TEXTS, 11), (PICTURES, 5), (PICTURES, 4)])
def test_a_longer_split_is_as_if_made_at_once(split: WorldSplit, longer: int, tmp_path: Path) -> None:
    generate_world(tmp_path / "grown", split, jobs=1)
    kept = tmp_path / "grown/images/val/CLEVR_val_000001.png"
    drawn = kept.stat().st_mtime_ns if split.images else None
    steps: dict[str, int] = {}
    more = replace(split, scenes=longer)
    generate_world(
        tmp_path / "grown", more, jobs=1, progress=lambda stage, done, total: steps.setdefault(stage, done)
    )
    generate_world(tmp_path / "whole", more, jobs=1)
    assert contents(tmp_path / "grown") == contents(tmp_path / "whole")
    if split.images:
        assert kept.stat().st_mtime_ns == drawn
        assert steps["images"] == 2


@pytest.mark.parametrize("compress", [False, True])
@pytest.mark.parametrize(
    ("split", "more"),
    [
        (replace(TEXTS, refexps_per_scene=0, captions_per_scene=0), {"refexps_per_scene": 2}),
        (replace(TEXTS, captions_per_scene=0), {"captions_per_scene": 1}),
        (replace(PICTURES, masks=False), {"masks": True, "refexps_per_scene": 1}),
        (replace(PICTURES, masks=False, images=False), {"images": True, "image_size": (40, 24)}),
    ],
)
def test_what_is_added_later_is_as_if_made_at_once(
    split: WorldSplit, more: dict[str, Any], compress: bool, tmp_path: Path
) -> None:
    generate_world(tmp_path / "grown", split, jobs=1, compress=compress)
    scenes = next((tmp_path / "grown/scenes").iterdir())
    written = scenes.stat().st_mtime_ns
    richer = replace(split, **more)
    generate_world(tmp_path / "grown", richer, jobs=1, compress=compress)
    generate_world(tmp_path / "whole", richer, jobs=1, compress=compress)
    assert contents(tmp_path / "grown") == contents(tmp_path / "whole")
    assert scenes.stat().st_mtime_ns == written


def test_an_interrupted_extension_goes_on(tmp_path: Path) -> None:
    def interrupt(stage: str, done: int, total: int) -> None:
        if done:
            raise KeyboardInterrupt

    generate_world(tmp_path / "grown", TEXTS, jobs=1)
    for scenes in (11, 13):
        with pytest.raises(KeyboardInterrupt):
            generate_world(tmp_path / "grown", replace(TEXTS, scenes=scenes), jobs=1, progress=interrupt)
    generate_world(tmp_path / "grown", replace(TEXTS, scenes=13), jobs=1)
    generate_world(tmp_path / "whole", replace(TEXTS, scenes=13), jobs=1)
    assert contents(tmp_path / "grown") == contents(tmp_path / "whole")


@pytest.mark.parametrize(
    "change",
    [
        {"scenes": 2},
        {"scenes": 4, "seed": 1},
        {"scenes": 4, "only": FEW},
        {"scenes": 4, "refexps_per_scene": 1},
        {"scenes": 2, "captions_per_scene": 1},
    ],
)
def test_all_else_is_refused_and_changes_nothing(tmp_path: Path, change: dict[str, Any]) -> None:
    generate_world(tmp_path, PICTURES, jobs=1)
    before = contents(tmp_path)
    with pytest.raises(UsageError, match=r"made differently: scenes 3 there.*only --scenes may grow"):
        generate_world(tmp_path, replace(PICTURES, **change), jobs=1)
    assert contents(tmp_path) == before
