from pathlib import Path

import pytest

from visreason.clevr.question import Question
from visreason.clevr.questions import QuestionEngine
from visreason.clevr.questions_file import iter_questions
from visreason.clevr.rules import Rules
from visreason.clevr.sampling import sample_scene, scene_rng
from visreason.clevr.scene import Scene
from visreason.clevr.scenes_file import iter_scenes
from visreason.metrics.published import (
    COMMONEST,
    GROUP_SHARES,
    SOURCES,
    compare_questions,
    compare_scenes,
    describe_expressions,
)
from visreason.metrics.question_statistics import QuestionStatistics, SentenceStatistics
from visreason.metrics.scene_statistics import SceneStatistics


def deviating(scenes: list[Scene], questions: list[Question]) -> list[str]:
    rows = [*compare_questions(QuestionStatistics.of(questions)), *compare_scenes(SceneStatistics.of(scenes))]
    assert {row.source for row in rows} - {""} <= set(SOURCES)
    assert len({row.figure for row in rows}) == len(rows)
    return [row.figure for row in rows if row.deviates]


def test_real_clevr_agrees_with_what_is_published_of_it(shared: Path) -> None:
    data = shared / "data" / "clevr_real"
    scenes = list(iter_scenes(data / "scenes" / "CLEVR_train_scenes.json"))
    assert deviating(scenes, list(iter_questions(data / "questions" / "CLEVR_train_questions.json"))) == []


@pytest.mark.slow
def test_a_generated_world_agrees_too() -> None:
    scenes = [sample_scene(scene_rng(0, "val", i), i, "val") for i in range(500)]
    assert deviating(scenes, list(QuestionEngine().generate(scenes))) == []


def test_a_world_of_another_kind_is_marked() -> None:
    scenes = [sample_scene(scene_rng(0, "val", i), i, "val", 3, 4) for i in range(60)]
    found = deviating(scenes, list(QuestionEngine(rules=Rules.parse(["families=84"])).generate(scenes, 1)))
    assert {"scenes with 3 objects", "scenes with 10 objects", "type: count", "families"} <= set(found)
    assert "gap between two objects" not in found


def test_what_a_file_does_not_tell_is_left_out() -> None:
    bare = Question("Is it so ?", None, None, None, 0, 0, "a.png", "test")
    rows = list(compare_questions(QuestionStatistics.of([bare])))
    assert [row.figure for row in rows] == ["words of a question", "mean words of a question"]
    assert list(compare_questions(QuestionStatistics())) == list(compare_scenes(SceneStatistics())) == []
    assert list(describe_expressions(SentenceStatistics())) == []


def test_questions_of_another_world_are_described_only() -> None:
    flat = Question("Is it so ?", "yes", None, None, 0, 0, "a.png", "val", stated_type="closest_shape")
    rows = list(compare_questions(QuestionStatistics.of([flat])))
    assert "answers: yes or no" in [row.figure for row in rows]
    assert {row.published for row in rows} == {None}


def test_published_shares_are_shares() -> None:
    assert sum(GROUP_SHARES.values()) == pytest.approx(1)
    assert set(COMMONEST) == {*GROUP_SHARES, "all"}
