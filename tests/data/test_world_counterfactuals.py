from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from visreason.clevr.counterfactual_files import iter_pair_notes
from visreason.clevr.folder import ClevrFolder
from visreason.clevr.oracle import judge
from visreason.clevr.questions_file import read_questions
from visreason.clevr.rules import Rules
from visreason.clevr.scenes_file import read_scenes
from visreason.data import world_counterfactuals, world_files, world_images
from visreason.data.world import generate_world
from visreason.data.world_counterfactuals import CounterfactualSplit, make_counterfactuals
from visreason.data.world_manifest import read_manifest
from visreason.data.world_split import WorldSplit
from visreason.errors import UsageError

UNSEEN = WorldSplit("val", 7, questions_per_scene=4, images=False)
SMALL = WorldSplit("val", 3, questions_per_scene=3, image_size=(48, 32), masks=True)


def contents(root: Path) -> dict[str, bytes]:
    """Every file of a folder, hidden ones too."""
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def make(root: Path, split: WorldSplit, per_scene: int, jobs: int = 1) -> dict[str, bytes]:
    generate_world(root, split, jobs=1)
    make_counterfactuals(root, CounterfactualSplit(split, per_scene), jobs=jobs)
    return contents(root)


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three scenes a window and two images a batch, so that a small split has several."""
    for module in (world_files, world_counterfactuals):
        monkeypatch.setattr(module, "WINDOW", 3)
    monkeypatch.setattr(world_images, "_BATCH_IMAGES", 2)


def test_pairs_take_images_with_their_split_later(tmp_path: Path) -> None:
    make(tmp_path / "grown", replace(SMALL, images=False, masks=False), 2)
    assert make(tmp_path / "grown", SMALL, 2) == make(tmp_path / "whole", SMALL, 2)


def test_pairs_are_the_same_for_any_number_of_processes_and_leave_the_split_as_it_is(tmp_path: Path) -> None:
    alone = tmp_path / "alone"
    generate_world(alone, UNSEEN, jobs=1)
    before = contents(alone)
    one = make(tmp_path / "one", UNSEEN, 1)
    assert one == make(tmp_path / "two", UNSEEN, 1, jobs=2)
    files = {f"{kind}/CLEVR_cf_val_{kind}.json" for kind in ("scenes", "questions")}
    assert set(one) == set(before) | files | {"checksums/CLEVR_cf_val.sha256"}
    assert {name: one[name] for name in before if name != "world.json"} == {
        name: data for name, data in before.items() if name != "world.json"
    }


def test_a_split_of_its_own_that_every_reader_of_clevr_reads(tmp_path: Path) -> None:
    made = make(tmp_path, SMALL, 4)
    folder = generate_world(tmp_path, SMALL, jobs=1).folder
    assert folder.splits() == ("cf_val", "val")
    scenes, questions = (
        read_scenes(folder.scenes_file("cf_val")),
        read_questions(folder.questions_file("cf_val")),
    )
    assert [scene.image_index for scene in scenes] == [question.image_index for question in questions]
    assert [question.index for question in questions] == list(range(12))
    assert all(verdict.agrees for verdict in judge(questions, scenes))
    for kind in ("images", "masks"):
        assert sum(name.startswith(f"{kind}/cf_val/CLEVR_cf_val_") for name in made) == 12
    with Image.open(folder.image_path("cf_val", questions[11].image_filename)) as image:
        assert image.size == (48, 32)
    originals = {question.index: question for question in read_questions(folder.questions_file("val"))}
    for notes, question in zip(iter_pair_notes(folder.questions_file("cf_val")), questions, strict=True):
        original = originals[notes.original_index]
        assert (original.answer, original.image_index) == (notes.original_answer, notes.original_image)
        assert original.text == question.text
        assert notes.changes == (question.answer != original.answer)


def test_edited_scenes_obey_the_rules_of_the_split(tmp_path: Path) -> None:
    rules = Rules.parse(["cogent=A", "objects=3-5"])
    make(tmp_path, replace(SMALL, scenes=10, only=rules, images=False, masks=False), 6)
    scenes = read_scenes(tmp_path / "scenes" / "CLEVR_cf_val_scenes.json")
    assert len(scenes) > 40
    assert not any(rules.broken_by_scene(scene) for scene in scenes)


@pytest.mark.parametrize(("stage", "done"), [("counterfactuals", 3), ("images", 2)])
def test_what_was_interrupted_is_completed(tmp_path: Path, stage: str, done: int) -> None:
    split = UNSEEN if stage == "counterfactuals" else SMALL
    wanted = CounterfactualSplit(split, 1)
    whole = make(tmp_path / "whole", split, 1)
    out = tmp_path / "interrupted"
    generate_world(out, split, jobs=1)

    def stop(now: str, made: int, total: int) -> None:
        if now == stage and made >= done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_counterfactuals(out, wanted, jobs=1, progress=stop)
    assert contents(out) != whole
    make_counterfactuals(out, wanted, jobs=1)
    assert contents(out) == whole


def test_other_arguments_are_refused_and_overwritten_on_request(tmp_path: Path) -> None:
    split = replace(SMALL, images=False, masks=False)
    make(tmp_path, split, 2)
    with pytest.raises(UsageError, match="counterfactuals 2 there, 3 now"):
        make_counterfactuals(tmp_path, CounterfactualSplit(split, 3), jobs=1)
    assert make_counterfactuals(tmp_path, CounterfactualSplit(split, 3), jobs=1, overwrite=True) == 9


def test_a_longer_split_has_longer_pairs_that_begin_as_before(tmp_path: Path) -> None:
    short, long = (replace(UNSEEN, scenes=scenes) for scenes in (4, 7))
    make(tmp_path / "world", short, 2)
    before = read_questions(tmp_path / "world" / "questions" / "CLEVR_cf_val_questions.json")
    assert make(tmp_path / "world", long, 2) == make(tmp_path / "at once", long, 2)
    after = read_questions(tmp_path / "world" / "questions" / "CLEVR_cf_val_questions.json")
    assert (len(before), len(after), after[: len(before)]) == (8, 14, before)


def test_pairs_are_counted_sealed_and_compressed(tmp_path: Path) -> None:
    split = replace(SMALL, images=False, masks=False)
    generate_world(tmp_path, split, jobs=1)
    make_counterfactuals(tmp_path, CounterfactualSplit(split, 2), jobs=1, compress=True)
    contents_of = read_manifest(tmp_path)["splits"]["cf_val"]["contents"]
    assert (contents_of["scenes"], contents_of["questions"]) == (6, 6)
    assert sorted(contents_of["files"]) == [
        f"{kind}/CLEVR_cf_val_{kind}.json.gz" for kind in ("questions", "scenes")
    ]
    assert len(list(iter_pair_notes(ClevrFolder(tmp_path).questions_file("cf_val")))) == 6


def test_pairs_of_scenes_that_are_made_anew_are_deleted(tmp_path: Path) -> None:
    make(tmp_path, SMALL, 2)
    generate_world(tmp_path, replace(SMALL, seed=1), jobs=1, overwrite=True)
    assert not [name for name in contents(tmp_path) if "cf_val" in name]


def test_arguments_that_cannot_be_met() -> None:
    with pytest.raises(UsageError, match="--counterfactuals must be at least 1; got -1"):
        CounterfactualSplit(SMALL, -1)
    with pytest.raises(UsageError, match="--questions-per-scene is 0"):
        CounterfactualSplit(replace(SMALL, questions_per_scene=0), 1)
