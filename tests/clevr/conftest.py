"""Real CLEVR scenes and questions, and made ones, read once for all tests of the world."""

from pathlib import Path
from typing import NamedTuple

import pytest

from visreason.clevr.question import Question
from visreason.clevr.questions_file import read_questions
from visreason.clevr.sampling import sample_scene, scene_rng
from visreason.clevr.scene import Scene
from visreason.clevr.scenes_file import read_scenes


class RealFiles(NamedTuple):
    """Pairs of official files: scenes and the questions about them."""

    scenes: tuple[Path, ...]
    questions: tuple[Path, ...]


@pytest.fixture(scope="session")
def real_files(shared: Path) -> RealFiles:
    train, val = shared / "data" / "clevr_real", shared / "data" / "clevr_real_val_questions"
    return RealFiles(
        (
            train / "scenes" / "CLEVR_train_scenes.json",
            val / "scenes" / "CLEVR_val_scenes.json",
            val / "scenes" / "CLEVR_train_scenes_first300.json",
        ),
        (
            train / "questions" / "CLEVR_train_questions.json",
            val / "questions" / "CLEVR_val_questions.json",
        ),
    )


@pytest.fixture(scope="session")
def real_scenes(real_files: RealFiles) -> list[Scene]:
    """All 410 of them."""
    return [scene for file in real_files.scenes for scene in read_scenes(file)]


@pytest.fixture(scope="session")
def real_questions(real_files: RealFiles) -> list[Question]:
    """All 1,100 of them, with programs and answers."""
    return [question for file in real_files.questions for question in read_questions(file)]


@pytest.fixture(scope="session")
def made_scenes() -> list[Scene]:
    return [sample_scene(scene_rng(1, "val", i), i, "val") for i in range(60)]
