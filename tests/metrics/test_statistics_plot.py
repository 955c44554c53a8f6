from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from visreason.clevr.question import Question
from visreason.clevr.questions import QuestionEngine
from visreason.clevr.sampling import sample_scene, scene_rng
from visreason.errors import UsageError
from visreason.metrics.question_statistics import QuestionStatistics, SentenceStatistics
from visreason.metrics.scene_statistics import SceneStatistics
from visreason.metrics.statistics_plot import plot_statistics

SCENES = [sample_scene(scene_rng(0, "val", i), i, "val") for i in range(6)]


def test_a_picture_of_everything_of_questions_alone_and_of_scenes_alone(tmp_path: Path) -> None:
    questions = QuestionStatistics.of(QuestionEngine().generate(SCENES))
    scenes = SceneStatistics.of(SCENES)
    sentences = SentenceStatistics.of(QuestionEngine().generate(SCENES))
    sizes = []
    for parts in ((questions, scenes, sentences), (questions, None, None), (None, scenes, None)):
        path = tmp_path / f"{len(sizes)}.png"
        plot_statistics(*parts, path, title="a world")
        with Image.open(path) as image:
            sizes.append(image.size)
            assert len(np.unique(np.asarray(image.convert("L")))) > 50
    width = sizes[0][0]
    assert [size[0] for size in sizes] == [width] * 3
    assert sizes[0][1] > sizes[1][1] > sizes[2][1]


def test_questions_without_programs_and_strange_answers_are_drawn(tmp_path: Path) -> None:
    bare = [Question("Is it ?", answer, None, None, 0, 0, "a.png", "val") for answer in ("yes", "maybe")]
    plot_statistics(QuestionStatistics.of(bare), None, None, tmp_path / "bare.png")
    assert (tmp_path / "bare.png").stat().st_size > 0


def test_nothing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nothing to plot"):
        plot_statistics(None, None, None, tmp_path / "none.png")
    with pytest.raises(UsageError, match="nothing to plot"):
        plot_statistics(QuestionStatistics(), SceneStatistics(), None, tmp_path / "none.png")
    assert not (tmp_path / "none.png").exists()
