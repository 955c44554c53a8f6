from pathlib import Path

import pytest

from visreason.clevr.questions_file import read_questions
from visreason.clevr.rules import Rules
from visreason.clevr.sampling import sample_scene, scene_rng
from visreason.clevr.scenes_file import read_scenes
from visreason.data.world_files import WorldFiles
from visreason.data.world_split import WorldSplit
from visreason.data.world_windows import WindowTask, assemble, question_engines
from visreason.errors import DataError, UsageError


def test_windows_are_put_together_as_the_engine_numbers_them(tmp_path: Path) -> None:
    wanted = WorldSplit("val", 252, questions_per_scene=1, only=Rules.parse(["objects=3"]))
    files = WorldFiles(tmp_path, "val", 252)
    (engine,) = question_engines(wanted)
    assert [WindowTask(wanted, (engine,), tmp_path, window)() for window in (1, 0)] == [2, 250]
    assert assemble(files) == 252
    scenes = [sample_scene(scene_rng(0, "val", i), i, "val", 3, 3) for i in range(252)]
    assert read_scenes(files.scenes_file) == scenes
    assert read_questions(files.questions_file) == list(engine.generate(scenes, 1))


def test_what_cannot_be_asked_is_told_before_anything_is_made() -> None:
    with pytest.raises(UsageError, match="5 questions a scene from 2 families"):
        question_engines(WorldSplit("val", 1, questions_per_scene=5, only=Rules.parse(["families=3-4"])))
    with pytest.raises(UsageError, match="95"):
        question_engines(WorldSplit("val", 1, only=Rules.parse(["families=95"])))
    with pytest.raises(DataError, match="nowhere is no folder"):
        question_engines(WorldSplit("val", 1, templates=(None, Path("nowhere"))))
