from collections.abc import Sequence

import pytest
import torch

from visreason.clevr.questions.engine import QuestionEngine
from visreason.clevr.sampling import sample_scene, scene_rng
from visreason.data.vocabulary import CLEVR_VOCABULARY
from visreason.errors import ModelError
from visreason.models import Output
from visreason.models.program_generator import program_loss, program_targets
from visreason.nn.batch import Batch
from visreason.tasks.program_tally import GeneratorTally, ProgramTally, program_columns, read_program

SCENES = [sample_scene(scene_rng(0, "val", index), index, "val") for index in range(3)]
QUESTIONS = list(QuestionEngine(seed=0).generate(SCENES, 4))


def numbers(programs: Sequence[Sequence[int]]) -> torch.Tensor:
    return torch.nn.utils.rnn.pad_sequence([torch.tensor(list(one)) for one in programs], batch_first=True)


def truth() -> list[list[int]]:
    return [CLEVR_VOCABULARY.encode_program(one.program) for one in QUESTIONS if one.program is not None]


def batch(programs: torch.Tensor | None) -> Batch:
    count = len(QUESTIONS)
    return Batch(
        tokens=torch.ones(count, 2, dtype=torch.long),
        lengths=torch.full((count,), 2),
        programs=programs,
        answers=torch.tensor([CLEVR_VOCABULARY.encode_answer(one.answer or "") for one in QUESTIONS]),
        question_index=torch.arange(count),
        image_index=torch.tensor([one.image_index for one in QUESTIONS]),
    )


def tally_of(written: list[list[int]], told: bool = True, scenes: bool = True) -> ProgramTally:
    tally = ProgramTally(
        CLEVR_VOCABULARY, (lambda: {scene.image_index: scene for scene in SCENES}) if scenes else None
    )
    output = Output(torch.zeros(len(written), 28), programs=numbers(written))
    tally.add(batch(numbers(truth()) if told else None), output)
    return tally


def test_true_programs_are_exact_valid_and_answered_right_by_the_oracle() -> None:
    figures = tally_of(truth()).metrics()
    assert figures == {"programs_valid": 1.0, "programs_exact": 1.0, "programs_answers": 1.0}


def test_every_fault_costs_what_it_should() -> None:
    written = truth()
    written[0] = written[0][:-1]  # closes no tree
    written[1] = [*written[1], written[1][-1]]  # goes on after it
    count, scene = (CLEVR_VOCABULARY.functions.index(name) + 4 for name in ("count", "scene"))
    written[2] = [count, count, scene]  # does not type-check
    written[3] = []  # says nothing
    tally = tally_of(written)
    assert tally.valid()[:4] == [False] * 4
    assert tally.exact()[:4] == [False] * 4
    answers = tally.oracle_answers()
    assert answers is not None
    assert answers[:4] == [None] * 4
    assert tally.metrics()["programs_exact"] == pytest.approx(8 / 12)
    columns = program_columns(tally)
    assert columns[2] == {
        "program": ["count", "count", "scene"],
        "program_valid": False,
        "program_exact": False,
    }


def test_another_program_with_the_same_answer_is_not_exact_but_right() -> None:
    written = [list(one) for one in truth()]
    place = next(i for i, one in enumerate(QUESTIONS) if one.program and one.program[-1].function == "exist")
    union, scene = (CLEVR_VOCABULARY.functions.index(name) + 4 for name in ("union", "scene"))
    root, *rest = written[place]
    written[place] = [root, union, *rest, *rest]
    assert scene in rest
    tally = tally_of(written)
    answers = tally.oracle_answers()
    assert tally.exact()[place] is False
    assert answers is not None
    assert answers[place] == QUESTIONS[place].answer


def test_what_is_not_known_is_left_out() -> None:
    assert set(tally_of(truth(), told=False, scenes=False).metrics()) == {"programs_valid"}
    strange = ProgramTally(CLEVR_VOCABULARY, dict)
    strange.add(batch(None), Output(torch.zeros(12, 28), programs=numbers(truth())))
    assert strange.oracle_answers() is None


def test_a_model_that_writes_none_is_an_error() -> None:
    with pytest.raises(ModelError, match="writes no programs"):
        ProgramTally(CLEVR_VOCABULARY).add(batch(None), Output(torch.zeros(12, 28)))


def test_symbols_and_loss_are_the_same_whatever_the_batches() -> None:
    programs = numbers(truth())
    targets = program_targets(programs)
    logits = torch.randn(*targets.shape, 44, generator=torch.Generator().manual_seed(0))
    logits.scatter_(2, targets[:6, :, None], 9.0)
    whole, parts = GeneratorTally(CLEVR_VOCABULARY), GeneratorTally(CLEVR_VOCABULARY)
    whole.add(batch(programs), Output(logits, programs=programs))
    for rows in torch.arange(12).split(5):
        parts.add(batch(programs).select(rows), Output(logits[rows], programs=programs[rows]))
    assert parts.metrics() == pytest.approx(whole.metrics())
    assert whole.loss == pytest.approx(program_loss(logits, programs).item(), rel=1e-5)
    told = targets != 0
    right = ((logits.argmax(2) == targets) & told).sum() / told.sum()
    assert whole.symbol_accuracy == pytest.approx(right.item())


def test_a_fault_says_what_is_wrong() -> None:
    assert "input 1 should be ObjectSet" in str(read_program(("count", "count", "scene")).fault)
    assert read_program(("exist", "scene")).fault is None
