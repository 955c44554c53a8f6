"""Controlled questions: the steps of a program, each asked by itself, so that a wrong answer can be put down to one.

A question is wrong for one reason or another; whether a model can do a step of it shows in questions that need that
step and those before it alone, in pairs: one whose answer is "yes" and one, a word apart, whose answer is "no", since a
model that always says the same is right on one of the two. What a question needs beside the step is asked for itself
and comes before it, or is a condition: a question about a step counts only where the condition is answered rightly.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from visreason.clevr.attributes import ATTRIBUTES, RELATIONS
from visreason.clevr.executor import execute, outputs
from visreason.clevr.masks import SceneMasks, indices
from visreason.clevr.programs import Node, Program, sub_program

STEPS: tuple[str, ...] = ("parse", "perceive", "relate", "count", "compare", "answer")
"""What can go wrong first: reading the question, seeing attributes, following relations and joining sets, counting,
comparing, and saying what was found."""

_IDENTITY = 3
"""So many attributes of an object are asked for to see whether it is the right one."""


def step_of(function: str) -> str:
    """Which of the steps a function is.

    Example:
        >>> [step_of(name) for name in ("filter_color", "same_shape", "union", "less_than", "exist")]
        ['perceive', 'relate', 'relate', 'compare', 'answer']
    """
    if function.startswith(("filter_", "query_", "unique")):
        return "perceive"
    if function.startswith("same_") or function in ("relate", "union", "intersect"):
        return "relate"
    if function.startswith(("equal_", "less_", "greater_")):
        return "compare"
    return "count" if function == "count" else "answer"


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as its program, and the true answer."""

    program: Program
    answer: str


@dataclass(frozen=True, slots=True)
class Control:
    """A question that shows whether a model can do one step of a program.

    Attributes:
        node: the step, a node of the program.
        step: which of `STEPS` it is at fault if the answer is wrong.
        asked: the question.
        given: the condition: a question that does without the step. A model that is wrong there already says nothing of
            the step; None: there is none.
    """

    node: int
    step: str
    asked: Asked
    given: Asked | None = None


def controls(program: Program, masks: SceneMasks) -> list[Control]:
    """The controlled questions of a program on a scene, in the order in which the program runs, the whole last.

    Args:
        program: of a question, well-posed on the scene.
        masks: the scene.

    Raises:
        ProgramError: the program is ill-posed on the scene.

    Example:
        >>> from visreason.clevr.sampling import sample_scene, scene_rng
        >>> masks = SceneMasks(sample_scene(scene_rng(0, "val", 0), 0, "val"))
        >>> cubes = (Node("scene"), Node("filter_shape", (0,), ("cube",)), Node("count", (1,)))
        >>> [(one.step, one.asked.program[-1].function, one.asked.answer) for one in controls(cubes, masks)]
        [('perceive', 'exist', 'yes'), ('perceive', 'query_shape', 'cube'), ('perceive', 'query_shape', 'cylinder'),
         ('count', 'count', '2')]
    """
    found: list[Control] = []
    needed = {len(program) - 1}
    for place in reversed(range(len(program))):
        if place in needed:
            needed.update(program[place].inputs)
    for place in sorted(needed):
        found += _of_node(program, place, masks)
    return list(dict.fromkeys(found))


def _of_node(program: Program, place: int, masks: SceneMasks) -> Iterator[Control]:
    """The questions of one node."""
    part, function = sub_program(program, place), program[place].function
    step = step_of(function)
    if function.startswith("filter_"):
        base, chain = _chain(part)
        if part[base].function == "scene":
            yield from _pair(place, "perceive", part, masks)
            yield from _seen(place, part, masks)
        else:
            yield from _pair(place, "perceive", _on_scene(chain), masks)
            yield from _seen(place, part, masks)
            yield from _pair(place, "relate", part, masks)
    elif step == "relate":
        yield from _relations(place, part, masks)
    elif function == "unique":
        yield from _identity(place, part, masks)
    elif function != "scene":
        yield Control(place, step, Asked(part, execute(part, masks)))


def _pair(place: int, step: str, part: Program, masks: SceneMasks) -> Iterator[Control]:
    """Whether there is such a thing, and whether there is one that differs in a word where the answer is the other."""
    asked = _exists(part, masks)
    yield Control(place, step, asked)
    last = part[-1]
    if last.function == "relate":
        others = [replace(last, values=(word,)) for word in RELATIONS]
    elif last.function.startswith("same_"):
        others = [replace(last, function=f"same_{name}") for name in ATTRIBUTES]
    else:
        name = last.function.removeprefix("filter_")
        there = masks.value[name]
        words = sorted(ATTRIBUTES[name], key=lambda word: there[word] == 0)  # those that occur are harder
        others = [replace(last, values=(word,)) for word in words]
    for other in others:
        instead = _exists((*part[:-1], other), masks)
        if instead.answer != asked.answer:
            yield Control(place, step, instead)
            return


def _seen(place: int, part: Program, masks: SceneMasks) -> Iterator[Control]:
    """What the filtered attribute is of an object that the filter keeps, and of one that it leaves out."""
    name = part[-1].function.removeprefix("filter_")
    kept, before = int(outputs(part, masks)[-1]), int(outputs(part[:-1], masks)[-1])
    for those in (kept, before & ~kept):
        described = (_description(thing, name, {name}, masks) for thing in indices(those))
        plain = next((one for one in described if one is not None), None)
        if plain is not None:
            yield Control(place, "perceive", _query(plain, name, masks))


def _relations(place: int, part: Program, masks: SceneMasks) -> Iterator[Control]:
    """Whether anything stands in the relation; and things, known to be there, that do and do not."""
    if part[-1].function in ("union", "intersect"):
        yield Control(place, "relate", _exists(part, masks))
        return
    pair = tuple(_pair(place, "relate", part, masks))
    yield from pair
    if len(pair) == 2:
        return
    members = int(outputs(part, masks)[-1])
    others = masks.all & ~members
    for answer, inside, outside in (("yes", members, 0), ("no", others, members)):
        for name in reversed(ATTRIBUTES):
            if part[-1].function == f"same_{name}":
                continue
            word = next(
                (word for word, those in masks.value[name].items() if those & inside and not those & outside),
                None,
            )
            if word is not None:
                chain = (Node(f"filter_{name}", (), (word,)),)
                given = _exists(_on_scene(chain), masks)
                asked = _exists((*part, replace(chain[0], inputs=(len(part) - 1,))), masks)
                assert asked.answer == answer
                yield Control(place, "relate", asked, given)
                break


def _identity(place: int, part: Program, masks: SceneMasks) -> Iterator[Control]:
    """What an object is beside what is said of it: is it the right one?

    It counts where the same is rightly said of the object by another description.
    """
    base, chain = _chain(part[:-1])
    thing = int(outputs(part, masks)[-1])
    step = "perceive" if part[base].function == "scene" else "relate"
    said = {node.function.removeprefix("filter_") for node in chain}
    asked = 0
    for name in ATTRIBUTES:
        plain = _description(thing, name, said, masks)
        if name in said or plain is None or asked == _IDENTITY:
            continue
        asked += 1
        yield Control(place, step, _query(part[:-1], name, masks), _query(plain, name, masks))


def _description(thing: int, without: str, last: set[str], masks: SceneMasks) -> Program | None:
    """A description that only one object fits, and that leaves an attribute out; None where there is none.

    Attributes of `last` are taken where it needs them only, and no more attributes than it needs.
    """
    names = [name for name in ATTRIBUTES if name != without]
    choices = [
        tuple(name for i, name in enumerate(names) if bits >> i & 1) for bits in range(1, 1 << len(names))
    ]
    for told in sorted(choices, key=lambda told: (len(last.intersection(told)), len(told))):
        mask = masks.all
        for name in told:
            mask &= masks.value[name][masks.attribute[name][thing]]
        if mask == 1 << thing:
            return _on_scene(
                tuple(Node(f"filter_{name}", (), (masks.attribute[name][thing],)) for name in told)
            )
    return None


def _chain(part: Program) -> tuple[int, tuple[Node, ...]]:
    """The node that a chain of filters at the end of a program begins from, and the filters in their order."""
    place, chain = len(part) - 1, list[Node]()
    while part[place].function.startswith("filter_"):
        chain.insert(0, part[place])
        place = part[place].inputs[0]
    return place, tuple(chain)


def _on_scene(chain: tuple[Node, ...]) -> Program:
    """Filters over all objects."""
    return (Node("scene"), *(replace(node, inputs=(i,)) for i, node in enumerate(chain)))


def _exists(part: Program, masks: SceneMasks) -> Asked:
    """Is there such a thing?"""
    whole = (*part, Node("exist", (len(part) - 1,)))
    return Asked(whole, execute(whole, masks))


def _query(part: Program, name: str, masks: SceneMasks) -> Asked:
    """What is the attribute of the one such thing?"""
    size = len(part)
    whole = (*part, Node("unique", (size - 1,)), Node(f"query_{name}", (size,)))
    return Asked(whole, execute(whole, masks))


def first_failure(asked: Sequence[Control], answers: Mapping[Program, str | None]) -> Control | None:
    """The first controlled question that was answered wrongly, its condition rightly; None where none was.

    Args:
        asked: in the order in which the program runs.
        answers: what the model answers to each program; None, or nothing, where it could not be asked.

    Example:
        >>> question = Asked((Node("scene"), Node("count", (0,))), "3")
        >>> control = Control(1, "count", question)
        >>> first_failure([control], {question.program: "2"}) == control, first_failure([control], {})
        (True, None)
    """
    return next((one for one in asked if verdict(one, answers) is False), None)


def verdict(one: Control, answers: Mapping[Program, str | None]) -> bool | None:
    """Whether a controlled question was answered rightly; None where that says nothing of its step."""
    if one.given is not None and answers.get(one.given.program) != one.given.answer:
        return None
    said = answers.get(one.asked.program)
    return None if said is None else said == one.asked.answer
