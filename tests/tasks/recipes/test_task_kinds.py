from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from visreason.errors import UsageError
from visreason.models import MODELS
from visreason.tasks.recipes.task_kinds import (
    ENGINES,
    LEARNS,
    AttributesTask,
    EndToEndTask,
    ProgramsTask,
    ReasoningTask,
)

REASONING = ReasoningTask("both", temperature=1.0, baseline_decay=0.9, diversity=0.0, exploration=0.0)
JOINT = EndToEndTask(
    train="both",
    decoder="soft",
    temperature=1.0,
    programs=100,
    shown_per_batch=8,
    program_weight=1.0,
    warm_up=50,
    curriculum_start=5,
    curriculum_every=10,
    baseline_decay=0.9,
    end_bonus=0.2,
    discount=0.99,
    penalty=0.1,
    balance="fixed",
    diversity=0.0,
    exploration=0.0,
)


def test_every_model_family_says_what_it_learns() -> None:
    assert set(MODELS) == set(LEARNS)
    assert set(LEARNS) > ENGINES


def test_the_curriculum_waits_for_the_warm_up_then_grows_by_one_symbol_every_so_many_steps() -> None:
    lengths = [JOINT.longest_at(step) for step in range(400)]
    assert lengths[:60] == [5] * 60
    assert lengths[60:71] == [6] * 10 + [7]
    assert lengths[299:301] == [29, 30]
    assert lengths == sorted(lengths)


def test_without_a_curriculum_programs_may_be_long_at_once() -> None:
    assert replace(JOINT, curriculum_every=None).longest_at(0) is None


def test_the_temperature_falls_by_the_same_factor_from_the_warm_up_to_the_end() -> None:
    gumbel = replace(JOINT, decoder="gumbel", temperature=2.0, final_temperature=0.125)
    taken = [gumbel.temperature_at(step, 455) for step in range(455)]
    assert taken[:51] == [2.0] * 51
    assert taken[252] == pytest.approx(0.5)
    assert taken[-1] == pytest.approx(0.125)
    factors = [after / before for before, after in pairwise(taken[50:])]
    assert factors == pytest.approx([factors[0]] * len(factors))
    assert replace(gumbel, final_temperature=None).temperature_at(400, 455) == 2.0


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"temperature": 0.0}, "task.temperature must be above 0"),
        ({"final_temperature": 0.5}, "task.final_temperature must be null unless task.decoder is gumbel"),
        ({"decoder": "gumbel", "final_temperature": 0.0}, "task.final_temperature must be above 0"),
        ({"baseline_decay": 1.0}, "task.baseline_decay"),
        ({"diversity": -1.0}, "task.diversity"),
        ({"shown_per_batch": 0}, "task.shown_per_batch must be above 0 just where programs are"),
        ({"programs": 0}, "task.shown_per_batch"),
        ({"train": "engine"}, "task.programs must be 0 where only the engine learns"),
        ({"programs": 0, "shown_per_batch": 0}, "task.warm_up must be 0 where no programs are shown"),
        ({"curriculum_start": 0}, "task.curriculum_start"),
        ({"curriculum_every": 0}, "task.curriculum_every"),
        ({"discount": 0.0}, "task.discount"),
        ({"balance": "attached"}, "task.balance must be fixed unless task.decoder is hard"),
    ],
    ids=str,
)
def test_a_setting_out_of_range_is_named(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        replace(JOINT, **changes)


def test_the_other_tasks_check_their_settings_too() -> None:
    for fraction in (0.0, 1.5):
        with pytest.raises(UsageError, match=r"task.scene_fraction"):
            AttributesTask(fraction)
    with pytest.raises(UsageError, match=r"task.programs must be at least 1, or null"):
        ProgramsTask(0)
    with pytest.raises(UsageError, match=r"task.exploration"):
        replace(REASONING, exploration=-0.1)
