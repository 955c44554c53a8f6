"""Data folders broken on purpose, one way at a time."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from visreason.clevr.folder import ClevrFolder
from visreason.data import folder_check
from visreason.data.check import Check
from visreason.data.world_check import check_data


def checks(folder: ClevrFolder) -> dict[str, Check]:
    return {check.name: check for check in check_data(folder.root)}


def edit(path: Path, change: Callable[[Any], object]) -> None:
    value = json.loads(path.read_text())
    change(value)
    path.write_text(json.dumps(value))


def broken(folder: ClevrFolder) -> dict[str, tuple[str, ...]]:
    return {name: check.problems for name, check in checks(folder).items() if check.status == "broken"}


def test_a_whole_folder(world: ClevrFolder) -> None:
    found = checks(world)
    assert {name: check.status for name, check in found.items()} == {
        "val scenes": "ok",
        "val questions": "ok",
        "val answers": "ok",
        "val images": "ok",
    }
    assert found["val answers"].found == "24 looked at, all as the oracle says"


def test_wrong_answers_are_named(world: ClevrFolder) -> None:
    def change(value: Any) -> None:
        for question in value["questions"][:2]:
            question["answer"] = "10"

    edit(world.questions_file("val"), change)
    problems = broken(world)["val answers"]
    assert len(problems) == 2
    assert problems[0].startswith("question 0 (")
    assert problems[0].endswith("stored is '10'")


def test_every_faulty_record_is_listed_and_the_rest_is_read(world: ClevrFolder) -> None:
    def change(value: Any) -> None:
        questions = value["questions"]
        questions[1]["program"][-1]["function"] = "conut"
        del questions[3]["question"]
        questions[5]["image_filename"] = "CLEVR_val_999999.png"

    edit(world.questions_file("val"), change)
    found = broken(world)
    assert len(found["val questions"]) == 3
    assert "'question'" in found["val questions"][1]
    assert "conut" in found["val questions"][0]
    assert found["val questions"][2] == "question 5 is about CLEVR_val_999999.png, of which there is no scene"
    assert found["val images"] == ("CLEVR_val_999999.png is missing",)


def test_truncated_scenes_do_not_make_every_image_unknown(world: ClevrFolder) -> None:
    path = world.scenes_file("val")
    path.write_bytes(path.read_bytes()[:-200])
    found = broken(world)
    assert list(found) == ["val scenes"]
    assert "it may be truncated" in found["val scenes"][0]


def test_a_faulty_scene_is_a_scene_of_its_image(world: ClevrFolder) -> None:
    edit(world.scenes_file("val"), lambda value: value["scenes"][1]["objects"][0].update(color="pink"))
    edit(world.questions_file("val"), lambda value: value["questions"][0].update(image_filename="other.png"))
    found = broken(world)
    assert "color is 'pink'" in found["val scenes"][0]
    assert found["val questions"] == ("question 0 is about other.png, of which there is no scene",)


def test_a_name_that_leads_out_of_the_folder_is_a_fault(world: ClevrFolder) -> None:
    edit(world.questions_file("val"), lambda value: value["questions"][0].update(image_filename="../x.png"))
    found = broken(world)
    assert list(found) == ["val questions"]
    assert "'../x.png' is no plain file name" in found["val questions"][1]


def test_two_scenes_of_one_image(world: ClevrFolder) -> None:
    edit(world.scenes_file("val"), lambda value: value["scenes"].append(value["scenes"][2]))
    assert broken(world)["val scenes"] == ("scene 6 is a second one of CLEVR_val_000002.png",)


def test_images_that_are_missing_or_do_not_open(world: ClevrFolder) -> None:
    first, second, *_ = sorted(world.images_dir("val").iterdir())
    first.unlink()
    second.write_bytes(b"no image")
    problems = broken(world)["val images"]
    assert problems[0] == f"{first.name} is missing"
    assert problems[1].startswith(f"{second.name} is broken")


def test_a_few_scenes_stand_for_many(world: ClevrFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder_check, "_SAMPLE", 2)
    found = checks(world)["val answers"]
    assert (found.status, found.found) == ("ok", "12 looked at, all as the oracle says")


def test_real_data(shared: Path) -> None:
    for name, count in (
        ("clevr_real", "600, 600 with answers"),
        ("clevr_real_val_questions", "500, 500 with answers"),
    ):
        found = checks(ClevrFolder(shared / "data" / name))
        assert {check.status for check in found.values()} <= {"ok", "note"}
        assert any(check.found == count for check in found.values())
