"""Layouts: what a Stack Neural Module Network should do at each of its steps to run a functional program.

A layout is a sequence of modules in reverse Polish notation: each pops its inputs from a stack and pushes its result.
Modules know no words; which colour a Filter looks for, it reads from the question. From Hu et al., "Explainable
Neural Computation via Stack Neural Module Networks" (ECCV 2018).
"""

from collections.abc import Sequence
from typing import NamedTuple

from visreason.clevr.programs import Node, Program
from visreason.errors import ProgramError

MODULES = (
    "NoOp",
    "Find",
    "Transform",
    "Filter",
    "And",
    "Or",
    "Scene",
    "DescribeOne",
    "DescribeTwo",
)
"""The nine modules, in the order in which networks number them."""

POPS = (0, 0, 1, 1, 2, 2, 0, 1, 2)
"""How many maps each module takes from the stack."""
PUSHES = (0, 1, 1, 1, 1, 1, 1, 1, 1)
"""How many it puts there."""

STEPS = 9
"""Steps of the published networks; CLEVR's longest layout has 8."""

_SETS = {"scene": "Scene", "intersect": "And", "union": "Or", "relate": "Transform"}
_BETWEEN_VALUES = ("equal_", "less_than", "greater_than")
_ATTRIBUTES = ("query_", "count", "exist")


class LayoutStep(NamedTuple):
    """A module of a layout, and the place in the program of the node whose value it leaves."""

    module: str
    node: int


def layout(program: Program, where: str = "program") -> tuple[str, ...]:
    """The modules that run a program, in order.

    Scene and the filters after it are one Find, and a chain of filters is one Filter, because a module sees all words
    at once; `unique` is nothing to do. A comparison looks at what it compares itself, so the count or attribute below
    it is left out.

    Args:
        program: of a question, or of a referring expression (which ends in objects).
        where: what to call the program in an error.

    Raises:
        ProgramError: nodes that nothing reads stand beside the program's end.

    Example:
        >>> relate = (Node("scene"), Node("filter_color", (0,), ("red",)), Node("filter_shape", (1,), ("cube",)),
        ...           Node("unique", (2,)), Node("relate", (3,), ("left",)), Node("count", (4,)))
        >>> layout(relate)
        ('Find', 'Transform', 'DescribeOne')
    """
    return tuple(step.module for step in layout_steps(program, where))


def layout_steps(program: Program, where: str = "program") -> tuple[LayoutStep, ...]:
    """The modules that run a program, as `layout` gives them, each with what it stands for: of the nodes that became
    one module, the last.

    Args:
        program: of a question, or of a referring expression (which ends in objects).
        where: what to call the program in an error.

    Raises:
        ProgramError: as `layout`.

    Example:
        >>> cubes = (Node("scene"), Node("filter_color", (0,), ("red",)), Node("filter_shape", (1,), ("cube",)))
        >>> [tuple(step) for step in layout_steps((*cubes, Node("count", (2,))))]
        [('Find', 2), ('DescribeOne', 3)]
    """
    read = {source for node in program for source in node.inputs}
    roots = [place for place in range(len(program)) if place not in read]
    if len(roots) > 1:  # the official generator leaves some scenes that nothing reads
        roots = [place for place in roots if program[place].function != "scene"]
    if len(roots) != 1:
        raise ProgramError(f"{where} should end in one node; {len(roots)} are read by nothing: {roots}.")
    steps: list[LayoutStep] = []
    for step in _in_order(program, roots[0]):
        before = steps[-1].module if step.module == "Filter" and steps else None
        if before in ("Scene", "Find", "Filter"):
            steps[-1] = LayoutStep("Filter" if before == "Filter" else "Find", step.node)
        else:
            steps.append(step)
    return tuple(steps)


def encode_layout(modules: Sequence[str], steps: int = STEPS, where: str = "layout") -> list[int]:
    """The modules' numbers, with NoOp up to so many steps.

    Raises:
        ProgramError: there are more modules than steps.

    Example:
        >>> encode_layout(("Find", "DescribeOne"), steps=4)
        [1, 7, 0, 0]
    """
    if len(modules) > steps:
        raise ProgramError(f"{where} needs {len(modules)} steps, and the network has {steps}. Give it more.")
    return [MODULES.index(module) for module in modules] + [0] * (steps - len(modules))


def is_valid(numbers: Sequence[int], *, ends_in_answer: bool) -> bool:
    """Whether a sequence of module numbers runs: no module finds too little, and one map or answer is left.

    Args:
        numbers: one a step; a step of no module may stand anywhere.
        ends_in_answer: whether the last module has to describe, as a question's does and an expression's must not.

    Example:
        >>> is_valid([1, 1, 4, 7, 0], ends_in_answer=True), is_valid([1, 4, 7, 0], ends_in_answer=True)
        (True, False)
    """
    held = 0
    modules = [MODULES[number] for number in numbers if number]
    for module in modules:
        place = MODULES.index(module)
        if held < POPS[place]:
            return False
        held += PUSHES[place] - POPS[place]
    described = [module.startswith("Describe") for module in modules]
    return held == 1 and described == [False] * (len(modules) - 1) + [ends_in_answer]


def _in_order(program: Program, root: int) -> list[LayoutStep]:
    """The module of every node that has one, inputs before what reads them."""
    steps: list[LayoutStep] = []
    waiting: list[tuple[int, bool]] = [(root, False)]
    while waiting:
        place, ready = waiting.pop()
        node = program[place]
        if ready:
            steps += [LayoutStep(module, place)] if (module := _module(node)) else []
            continue
        waiting.append((place, True))
        waiting += [(source, False) for source in reversed(_looks_at(program, node))]
    return steps


def _looks_at(program: Program, node: Node) -> tuple[int, ...]:
    """The nodes whose objects a node looks at: of a comparison, those behind the values that are compared."""
    if not node.function.startswith(_BETWEEN_VALUES):
        return node.inputs
    return tuple(
        program[source].inputs[0] if program[source].function.startswith(_ATTRIBUTES) else source
        for source in node.inputs
    )


def _module(node: Node) -> str | None:
    """The module that does what a node does; `unique` needs none."""
    if node.function == "unique":
        return None
    if node.function.startswith("filter_"):
        return "Filter"
    if node.function.startswith("same_"):
        return "Transform"
    if node.function.startswith(_BETWEEN_VALUES):
        return "DescribeTwo"
    return "DescribeOne" if node.function.startswith(_ATTRIBUTES) else _SETS[node.function]
