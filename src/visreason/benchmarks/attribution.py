"""How often the step is named at which a planted fault lies: models that reason rightly but for one thing.

Each answers as the oracle does, of a scene or a program that is distorted in one way. What they get wrong is put down
to a step as `visreason test --attribute` does it, with the questions asked in words, and as programs.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from visreason.benchmarks.row import Row
from visreason.clevr.attributes import ATTRIBUTES
from visreason.clevr.controls import step_of
from visreason.clevr.executor import execute
from visreason.clevr.masks import SceneMasks
from visreason.clevr.program_forms import to_prefix
from visreason.clevr.programs import Program, sub_program
from visreason.clevr.question import Question
from visreason.clevr.questions import QuestionEngine
from visreason.clevr.questions.phrasing import Phraser
from visreason.clevr.sampling import sample_scene, scene_rng
from visreason.clevr.scene import Scene
from visreason.errors import ProgramError
from visreason.tasks.attribution import explain
from visreason.tasks.interview import Inquiry
from visreason.tasks.verdicts import WrongAnswer

OPPOSITE = {"left": "right", "right": "left", "front": "behind", "behind": "front"}


def _as_it_is(program: Program, text: str) -> Program:
    """A question understood."""
    return program


@dataclass(frozen=True, slots=True)
class Fault:
    """What a model gets wrong.

    Attributes:
        step: at which it should be named.
        sees: the scene as the model sees it.
        reads: the program as it understands a question from the true one and the sentence.
        says: the answer that it gives from the one it found and the program.
    """

    step: str
    sees: Callable[[Scene], Scene] = lambda scene: scene
    reads: Callable[[Program, str], Program] = _as_it_is
    says: Callable[[str, Program], str] = lambda answer, program: answer


def _confuse(name: str) -> Callable[[Scene], Scene]:
    """Every value of an attribute taken for the next."""
    words = ATTRIBUTES[name]
    taken_for = dict(zip(words, (*words[1:], words[0]), strict=True))

    def sees(scene: Scene) -> Scene:
        changes: list[dict[str, Any]] = [{name: taken_for[getattr(one, name)]} for one in scene.objects]
        things = (replace(one, **change) for one, change in zip(scene.objects, changes, strict=True))
        return replace(scene, objects=tuple(things))

    return sees


def _turned_round(scene: Scene) -> Scene:
    """Left for right, front for behind."""
    return replace(scene, relationships={OPPOSITE[name]: row for name, row in scene.relationships.items()})


def _misread(part: str) -> Callable[[Program, str], Program]:
    """The words of sentences that have a part taken for others."""
    return lambda program, text: permuted(program) if part in text else program


def permuted(program: Program) -> Program:
    """A program with another value in every filter and relation: what a generator writes that mixes words up."""
    words = {f"filter_{name}": values for name, values in ATTRIBUTES.items()} | {"relate": tuple(OPPOSITE)}

    def other(function: str, values: tuple[str, ...]) -> tuple[str, ...]:
        known = words.get(function)
        return values if known is None else (known[(known.index(values[0]) + 1) % len(known)],)

    return tuple(replace(node, values=other(node.function, node.values)) for node in program)


def _one_more(answer: str, program: Program) -> str:
    """Numbers one too high; of two that are compared, the first."""
    return str((int(answer) + 1) % 11) if program[-1].function == "count" else answer


def _contrary(answer: str, program: Program) -> str:
    """Comparisons the wrong way round."""
    return {"yes": "no", "no": "yes"}[answer] if step_of(program[-1].function) == "compare" else answer


FAULTS: dict[str, Fault] = {
    "phrase": Fault("parse", reads=_misread(" side of ")),
    "wording": Fault("parse", reads=_misread("There is ")),
    **{
        f"{name}s" if name != "color" else "colours": Fault("perceive", sees=_confuse(name))
        for name in ATTRIBUTES
    },
    "relations": Fault("relate", sees=_turned_round),
    "counting": Fault("count", says=_one_more),
    "comparing": Fault("compare", says=_contrary),
}
"""The planted faults by name."""


class Planted:
    """A model with one fault.

    Args:
        fault: what it gets wrong.
        questions: about which it is asked, by row.
        scenes: by image index.
        in_programs: whether it is asked by programs.
    """

    def __init__(
        self,
        fault: Fault,
        questions: Sequence[Question],
        scenes: Sequence[Scene],
        *,
        in_programs: bool = False,
    ) -> None:
        self.in_programs = in_programs
        self._fault, self._questions, self._phraser = fault, questions, Phraser()
        self._seen = [SceneMasks(fault.sees(scene)) for scene in scenes]

    def words(self, program: Program) -> str | None:
        """A sentence for a program."""
        return next(self._phraser.phrasings(program), None)

    def other_words(self, program: Program, text: str, count: int) -> list[str]:
        """Other sentences for a program."""
        return list(islice((one for one in self._phraser.phrasings(program) if one != text), count))

    def answers(self, inquiries: Sequence[Inquiry]) -> list[str | None]:
        """What it answers; None where it is asked in words and there are none."""
        found = []
        for one in inquiries:
            text = "" if self.in_programs else one.text or self.words(one.program)
            found.append(None if text is None else self.answer(one.row, one.program, text))
        return found

    def answer(self, row: int, program: Program, text: str) -> str:
        """What it answers to one question."""
        read = self._fault.reads(program, text)
        masks = self._seen[self._questions[row].image_index]
        try:
            answer = execute(read, masks)
        except ProgramError:  # nothing or too much is what it asks for
            answer = _guess(read)
        return self._fault.says(answer, read)


def _guess(program: Program) -> str:
    """An answer of the right kind where a program has none."""
    function = program[-1].function
    if function.startswith("query_"):
        return ATTRIBUTES[function.removeprefix("query_")][0]
    return "0" if function == "count" else "no"


def confusion(
    name: str, questions: Sequence[Question], scenes: Sequence[Scene], *, in_programs: bool
) -> Counter[str]:
    """How many wrong answers of a planted fault are put down to each step.

    Args:
        name: of the fault, one of `FAULTS`.
        questions: with programs; `image_index` is the place of the scene.
        scenes: those that they are about.
        in_programs: whether the model writes and executes programs.
    """
    fault = FAULTS[name]
    reads = _as_it_is if in_programs else fault.reads  # what executes a program does not misread it
    planted = Planted(replace(fault, reads=reads), questions, scenes, in_programs=in_programs)
    wrong = []
    for row, question in enumerate(questions):
        assert question.program is not None
        program = sub_program(question.program, len(question.program) - 1)
        written = fault.reads(program, question.text) if in_programs else program
        said = planted.answer(row, written, question.text)
        if said != question.answer:
            masks = SceneMasks(scenes[question.image_index])
            told = {"prediction": said} | ({"program": list(to_prefix(written))} if in_programs else {})
            wrong.append(WrongAnswer(row, question, program, masks, told))
    return Counter(case.step for case, _ in explain(wrong, planted))


def run(scenes: int = 60) -> list[Row]:
    """Plant every fault and name it again.

    Args:
        scenes: fresh ones, ten questions each.

    Returns:
        For every fault, in words and in programs, the share of the wrong answers that are put down to its step.

    Example:
        >>> run(scenes=2)[0].name
        'attribution.words.phrase'
    """
    sampled = [sample_scene(scene_rng(0, "val", i), i, "val") for i in range(scenes)]
    questions = list(QuestionEngine(seed=0).generate(sampled))
    rows = []
    for kind, in_programs in (("words", False), ("programs", True)):
        for name, fault in FAULTS.items():
            named = confusion(name, questions, sampled, in_programs=in_programs)
            share = 100 * named[fault.step] / max(1, named.total())
            rows.append(Row(name=f"attribution.{kind}.{name}", value=share, unit="% named rightly"))
    return rows
