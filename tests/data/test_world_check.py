from pathlib import Path

import pytest

from visreason.clevr.folder import ClevrFolder
from visreason.clevr.rules import Rules
from visreason.data import world_check
from visreason.data.check import Check
from visreason.data.world import generate_world
from visreason.data.world_check import check_data
from visreason.data.world_split import WorldSplit
from visreason.errors import DataError
from visreason.files import read_json, write_json

RULES = Rules.parse(["cogent=A", "depth<=6", "objects=3-4", "relations!=left+red"])
SPLIT = WorldSplit("val", 3, 4, (48, 32), only=RULES, refexps_per_scene=1, captions_per_scene=1)


@pytest.fixture
def world(tmp_path: Path) -> ClevrFolder:
    return generate_world(tmp_path / "world", SPLIT, jobs=1).folder


def checks(folder: ClevrFolder) -> dict[str, Check]:
    return {check.name: check for check in check_data(folder.root)}


def test_a_whole_world(world: ClevrFolder) -> None:
    found = checks(world)
    assert {check.status for check in found.values()} == {"ok"}
    assert found["val world"].found == f"visreason 0.1.0, seed 0, rules: {RULES}"
    assert found["val checksums"].found == "7 files unchanged"
    assert found["val rules"].found == f"{RULES}: obeyed by all"
    assert found["val counts"].found == "3 scenes, 12 questions, 3 refexps, 3 captions"


def test_scenes_and_questions_that_break_a_rule_are_named(world: ClevrFolder) -> None:
    manifest = read_json(world.root / "world.json")
    manifest["splits"]["val"]["arguments"]["only"] = ["objects=5", "depth<=1"]
    write_json(world.root / "world.json", manifest)
    found = checks(world)["val rules"]
    assert found.status == "broken"
    assert found.problems[0] == "scene 0 breaks objects=5"
    kinds = {problem.split()[0] for problem in found.problems}
    assert kinds == {"scene", "question", "referring", "captions"}


def test_changed_and_lost_files_are_named(world: ClevrFolder) -> None:
    world.image_path("val", "CLEVR_val_000001.png").unlink()
    path = world.questions_file("val")
    path.write_bytes(path.read_bytes() + b" ")
    found = checks(world)
    assert set(found["val checksums"].problems) == {
        "images/val/CLEVR_val_000001.png is missing",
        "questions/CLEVR_val_questions.json has changed",
    }
    assert found["val questions"].status == "ok"


def test_the_list_of_checksums_is_watched_itself(world: ClevrFolder) -> None:
    path = world.root / "checksums" / "CLEVR_val.sha256"
    path.write_text(path.read_text().replace("a", "b"))
    problems = checks(world)["val checksums"].problems
    assert problems[0] == "CLEVR_val.sha256 is not the list that world.json knows"
    path.unlink()
    assert "cannot be read" in checks(world)["val checksums"].problems[0]


def test_lost_records_are_counted(world: ClevrFolder) -> None:
    value = read_json(world.questions_file("val"))
    value["questions"].pop()
    write_json(world.questions_file("val"), value)
    assert checks(world)["val counts"].problems == ("11 questions, 12 were made",)


def test_a_split_that_is_not_finished(tmp_path: Path) -> None:
    def interrupt(stage: str, done: int, total: int) -> None:
        if stage == "images":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        generate_world(tmp_path, SPLIT, jobs=1, progress=interrupt)
    found = {check.name: check for check in check_data(tmp_path)}
    assert found["val world"].status == "broken"
    assert "not finished" in found["val world"].found


def test_another_version_is_noted(world: ClevrFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(world_check, "__version__", "9.9")
    found = checks(world)["val world"]
    assert found.status == "note"
    assert "this is 9.9" in found.found


def test_a_broken_manifest_is_one_fault(world: ClevrFolder) -> None:
    (world.root / "world.json").write_text("{")
    found = checks(world)
    assert [name for name, check in found.items() if check.status == "broken"] == ["world.json"]


def test_no_data(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"CLEVR v1\.0 layout"):
        list(check_data(tmp_path))
