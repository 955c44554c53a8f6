from pathlib import Path

import pytest

from visreason.clevr.oracle import judge
from visreason.clevr.questions_file import read_questions
from visreason.clevr.rules import Rules
from visreason.clevr.scenes_file import read_scenes
from visreason.data import world_images
from visreason.data.folder_lock import folder_lock
from visreason.data.world import generate_world
from visreason.data.world_split import WorldSplit
from visreason.errors import UsageError

FEW = Rules.parse(["objects=3-4"])
RULED = WorldSplit(
    "val", 251, 2, images=False, only=Rules.parse(["objects=3-4", "relations!=left+red", "depth<=5"])
)
TWO_WINDOWS = WorldSplit("val", 251, questions_per_scene=1, images=False, only=FEW)
SMALL = WorldSplit("train", 5, questions_per_scene=3, image_size=(48, 32), masks=True, seed=3)


def contents(root: Path) -> dict[str, bytes]:
    """Every file of a folder, hidden ones too."""
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


class Stop:
    """A progress callback that interrupts when a stage has come so far."""

    def __init__(self, stage: str, done: int) -> None:
        self.when = stage, done

    def __call__(self, stage: str, done: int, total: int) -> None:
        if stage == self.when[0] and done >= self.when[1]:
            raise KeyboardInterrupt


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two images a batch, so that a small split has several."""
    monkeypatch.setattr(world_images, "_BATCH_IMAGES", 2)


@pytest.mark.parametrize("wanted", [TWO_WINDOWS, RULED], ids=["plain", "ruled"])
def test_windows_are_the_same_for_any_number_of_processes(tmp_path: Path, wanted: WorldSplit) -> None:
    for jobs in (1, 2):
        made = generate_world(tmp_path / str(jobs), wanted, jobs=jobs)
        assert (made.scenes, made.questions) == (251, 251 * wanted.questions_per_scene)
    one, two = contents(tmp_path / "1"), contents(tmp_path / "2")
    assert sorted(one) == [
        "checksums/CLEVR_val.sha256",
        "questions/CLEVR_val_questions.json",
        "scenes/CLEVR_val_scenes.json",
        "world.json",
    ]
    assert one == two


def test_two_seeds_differ(tmp_path: Path) -> None:
    few = [WorldSplit("val", 2, images=False, seed=seed) for seed in (0, 1, 0)]
    made = [generate_world(tmp_path / str(i), split, jobs=1).folder for i, split in enumerate(few)]
    for read in (lambda folder: folder.scenes_file("val"), lambda folder: folder.questions_file("val")):
        first, other, again = (read(folder).read_bytes() for folder in made)
        assert first == again != other


def test_every_answer_is_true_and_splits_share_no_scene(tmp_path: Path) -> None:
    folder = generate_world(tmp_path, TWO_WINDOWS, jobs=1).folder
    generate_world(tmp_path, WorldSplit("train", 20, questions_per_scene=1, images=False), jobs=1)
    scenes = {split: read_scenes(folder.scenes_file(split)) for split in ("val", "train")}
    questions = read_questions(folder.questions_file("val"))
    assert [question.index for question in questions] == list(range(251))
    assert all(verdict.agrees for verdict in judge(questions, scenes["val"]))
    places = {split: {scene.objects[0].position for scene in scenes[split]} for split in scenes}
    assert places["val"].isdisjoint(places["train"])


@pytest.mark.parametrize(
    ("wanted", "stop"),
    [
        (TWO_WINDOWS, Stop("scenes and questions", 250)),
        (RULED, Stop("scenes and questions", 250)),
        (SMALL, Stop("images", 2)),
    ],
    ids=["between windows", "between windows, with rules", "between images"],
)
def test_an_interrupted_world_is_completed(
    tmp_path: Path, small_batches: None, wanted: WorldSplit, stop: Stop
) -> None:
    generate_world(tmp_path / "whole", wanted, jobs=1)
    with pytest.raises(KeyboardInterrupt):
        generate_world(tmp_path / "cut", wanted, jobs=1, progress=stop)
    begun = contents(tmp_path / "cut")
    assert 1 < len(begun) < len(contents(tmp_path / "whole")) or any("window" in name for name in begun)
    steps: list[tuple[str, int]] = []
    generate_world(
        tmp_path / "cut", wanted, jobs=1, progress=lambda stage, done, total: steps.append((stage, done))
    )
    assert steps[0][1] == stop.when[1] or ("images", stop.when[1]) in steps
    assert contents(tmp_path / "cut") == contents(tmp_path / "whole")


def test_a_finished_world_is_left_as_it_is(tmp_path: Path) -> None:
    generate_world(tmp_path, SMALL, jobs=1)
    times = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()}
    assert generate_world(tmp_path, SMALL, jobs=1).questions == 15
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()} == times


def test_a_lost_image_is_made_again_to_the_byte(tmp_path: Path, small_batches: None) -> None:
    folder = generate_world(tmp_path, SMALL, jobs=1).folder
    lost = folder.image_path("train", "CLEVR_train_000003.png")
    before = contents(tmp_path)
    lost.unlink()
    generate_world(tmp_path, SMALL, jobs=1)
    assert contents(tmp_path) == before


def test_a_folder_in_use_is_refused(tmp_path: Path) -> None:
    with folder_lock(tmp_path, wait=False), pytest.raises(UsageError, match="another process is at work"):
        generate_world(tmp_path, SMALL, jobs=1)
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "world").write_text("mine")
    with pytest.raises(UsageError, match="is a file"):
        generate_world(tmp_path / "world", SMALL, jobs=1)
    assert (tmp_path / "world").read_text() == "mine"


def test_only_the_wanted_families_and_counts_are_made(tmp_path: Path) -> None:
    rules = Rules.parse(["objects=4-5", "families=84-86,39"])
    wanted = WorldSplit("val", 6, questions_per_scene=2, images=False, only=rules)
    folder = generate_world(tmp_path, wanted, jobs=1).folder
    assert {len(scene) for scene in read_scenes(folder.scenes_file("val"))} <= {4, 5}
    assert {question.family for question in read_questions(folder.questions_file("val"))} <= {39, 84, 85, 86}


def test_the_official_templates_can_be_asked(tmp_path: Path, shared: Path) -> None:
    wanted = WorldSplit("val", 3, images=False, templates=(shared / "data" / "clevr_templates",))
    folder = generate_world(tmp_path, wanted, jobs=1).folder
    questions = read_questions(folder.questions_file("val"))
    assert len(questions) == 30
    assert all(verdict.agrees for verdict in judge(questions, read_scenes(folder.scenes_file("val"))))


def test_several_sets_of_templates_ask_about_every_scene_in_turn(tmp_path: Path, shared: Path) -> None:
    official = shared / "data" / "clevr_templates"
    texts = {}
    for name, templates in (("own", (None,)), ("official", (official,)), ("both", (None, official))):
        wanted = WorldSplit("val", 3, 2, images=False, templates=templates)
        folder = generate_world(tmp_path / name, wanted, jobs=1).folder
        questions = read_questions(folder.questions_file("val"))
        assert [question.index for question in questions] == list(range(len(questions)))
        texts[name] = [(question.image_index, question.text) for question in questions]
    own, other = iter(texts["own"]), iter(texts["official"])
    turns = [own, own, other, other] * 3
    assert texts["both"] == [next(turn) for turn in turns]
