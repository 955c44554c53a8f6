import pytest

from visreason.benchmarks.attribution import FAULTS, confusion, permuted, run
from visreason.clevr.controls import STEPS
from visreason.clevr.program_forms import from_prefix, to_prefix
from visreason.clevr.question import Question
from visreason.clevr.questions import QuestionEngine
from visreason.clevr.sampling import sample_scene, scene_rng
from visreason.clevr.scene import Scene


@pytest.fixture(scope="module")
def scenes() -> list[Scene]:
    return [sample_scene(scene_rng(0, "val", i), i, "val") for i in range(12)]


@pytest.fixture(scope="module")
def questions(scenes: list[Scene]) -> list[Question]:
    return list(QuestionEngine(seed=0).generate(scenes))


@pytest.mark.parametrize("in_programs", [False, True])
@pytest.mark.parametrize("name", [name for name, fault in FAULTS.items() if fault.step != "parse"])
def test_a_planted_fault_is_named(
    name: str, in_programs: bool, questions: list[Question], scenes: list[Scene]
) -> None:
    named = confusion(name, questions, scenes, in_programs=in_programs)
    assert named.total() > 15
    assert named[FAULTS[name].step] >= 0.9 * named.total(), named


def test_a_generator_that_mixes_words_up_is_always_named(
    questions: list[Question], scenes: list[Scene]
) -> None:
    named = confusion("wording", questions, scenes, in_programs=True)
    assert named.total() > 10
    assert set(named) == {"parse"}


def test_a_wording_that_is_misread_is_not_put_down_to_counting(
    questions: list[Question], scenes: list[Scene]
) -> None:
    named = confusion("wording", questions, scenes, in_programs=False)
    assert named["parse"] > named["count"] + named["compare"]


def test_a_permuted_program_has_other_words_and_the_same_form() -> None:
    program = from_prefix(("exist", "relate[left]", "unique", "filter_shape[cube]", "scene"))
    assert to_prefix(permuted(program)) == (
        "exist",
        "relate[right]",
        "unique",
        "filter_shape[sphere]",
        "scene",
    )


def test_rows() -> None:
    rows = run(scenes=2)
    assert len(rows) == 2 * len(FAULTS)
    assert all(0 <= (row.value or 0) <= 100 for row in rows)
    assert {fault.step for fault in FAULTS.values()} == set(STEPS) - {"answer"}
