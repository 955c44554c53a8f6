"""The program behind an answer: whose it is, whether it is one, and what each step and the oracle find."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, Self

from visreason.clevr.answers import normalise_answer
from visreason.clevr.executor import Value, outputs
from visreason.clevr.functions import FUNCTIONS, Type
from visreason.clevr.masks import SceneMasks, indices
from visreason.clevr.programs import Program, sub_program
from visreason.clevr.scene import Scene
from visreason.errors import ProgramError
from visreason.tasks.program_tally import read_program
from visreason.trace.schema import Step, Trace

_FEW = 3
"""So many objects are named one by one; more are counted."""


Author = Literal["model", "parser"]


@dataclass(frozen=True, slots=True)
class AskedProgram:
    """A program for one question.

    Attributes:
        tokens: as written, in prefix order.
        fault: why it is no program of CLEVR's language; None where it is one.
        oracle: what it truly answers on the scene; None where it is no program, asks for one thing where there is
            not exactly one, or the scene is not known.
        author: the model that answers, or the parser, whose programs models execute that write none.
    """

    tokens: tuple[str, ...]
    fault: str | None
    oracle: str | None
    author: Author = "model"

    @classmethod
    def of(cls, tokens: Sequence[str], scene: Scene | None, author: Author = "model") -> Self:
        """Check a program, and execute it where the scene is known."""
        written = read_program(tuple(tokens))
        oracle = None if scene is None else written.answer(SceneMasks(scene))
        return cls(written.tokens, written.fault, oracle, author)

    def to_dict(self) -> dict[str, Any]:
        """The form of `program` in `ask --json`."""
        return {
            "tokens": list(self.tokens),
            "valid": self.fault is None,
            "fault": self.fault,
            "oracle": self.oracle,
            "author": self.author,
        }


def with_truth(trace: Trace, tokens: Sequence[str], scene: Scene) -> Trace:
    """The trace of a program with what the oracle finds at each step; unchanged where the tokens are no program.

    Args:
        trace: one step a function, each naming the steps it reads.
        tokens: of the program, in prefix order.
        scene: which the question is about.
    """
    program = read_program(tuple(tokens)).program
    if program is None:
        return trace
    told = truths(program, scene)
    steps = list(trace.steps)
    waiting = [(len(steps) - 1, len(program) - 1)]
    while waiting:
        step, node = waiting.pop()
        steps[step] = replace(steps[step], truth=told[node])
        waiting += zip(steps[step].reads or (), program[node].inputs, strict=True)
    return replace(trace, steps=tuple(steps))


def truths(program: Program, scene: Scene) -> list[str]:
    """What every node of a program gives on a scene, in words.

    Example:
        >>> from visreason.clevr.program_forms import from_prefix
        >>> from visreason.clevr.sampling import sample_scene, scene_rng
        >>> scene = sample_scene(scene_rng(0, "val", 0), 0, "val")
        >>> truths(from_prefix(("exist", "scene")), scene)[1]
        'yes'
    """
    masks = SceneMasks(scene)
    found: list[str | None] = []
    for place, node in enumerate(program):
        if any(found[source] is None for source in node.inputs):
            found.append(None)
            continue
        try:
            value = outputs(sub_program(program, place), masks)[-1]
        except ProgramError:
            found.append(None)
        else:
            found.append(in_words(value, FUNCTIONS[node.function].output, scene))
    return [
        words
        if words is not None
        else "nothing to go on from"
        if any(found[source] is None for source in node.inputs)
        else "not exactly one object"
        for words, node in zip(found, program, strict=True)
    ]


def in_words(value: Value, kind: Type, scene: Scene) -> str:
    """A node's output in words: an answer, an object's attributes, or which objects and how many."""
    if kind is Type.OBJECT:
        return _name(scene, int(value))
    if kind is not Type.OBJECT_SET:
        return normalise_answer(value)
    members = indices(int(value))
    if len(members) > _FEW:
        return f"{len(members)} objects"
    return ", ".join(_name(scene, index) for index in members) or "no object"


def tree_lines(steps: Sequence[Step]) -> list[tuple[str, Step]]:
    """The steps of a program from its root down, each with its function indented by its depth.

    Example:
        >>> steps = [Step(name="scene", reads=()), Step(name="count", reads=(0,))]
        >>> [text for text, _ in tree_lines(steps)]
        ['count', '  scene']
    """
    lines = []
    waiting = [(len(steps) - 1, 0)] if steps else []
    while waiting:
        place, depth = waiting.pop()
        lines.append(("  " * depth + steps[place].name, steps[place]))
        waiting += [(source, depth + 1) for source in reversed(steps[place].reads or ())]
    return lines


def _name(scene: Scene, index: int) -> str:
    thing = scene.objects[index]
    return f"{thing.size} {thing.color} {thing.material} {thing.shape}"
