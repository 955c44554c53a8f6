"""The oracle: runs a functional program on a scene and so knows the true answer.

Sets of objects are bitmasks (`visreason.clevr.masks`), a single object is its index. Semantics: the execution
engine of CLEVR v1.0 (Johnson et al., CVPR 2017): `same_*` leaves out the object itself, `relate` reads the
scene's stored relationships, and `unique` of any other number than one object makes the question ill-posed.
"""

from collections.abc import Callable
from typing import Any

from visreason.clevr.answers import normalise_answer
from visreason.clevr.attributes import ATTRIBUTES
from visreason.clevr.functions import ANSWER_TYPES, FUNCTIONS
from visreason.clevr.masks import SceneMasks, indices
from visreason.clevr.programs import Program
from visreason.clevr.scene import Scene
from visreason.errors import ProgramError

Value = int | bool | str
"""What a node gives: a bitmask (ObjectSet), an index (Object), a number, a truth value or a word."""


def execute(program: Program, scene: Scene | SceneMasks) -> str:
    """The true answer of a program on a scene, in CLEVR's words: `"yes"`, `"no"`, `"0"` to `"10"`, or an
    attribute.

    Args:
        program: as `parse_program` gives it (checked).
        scene: a scene, or its bitmasks when many programs run on it.

    Raises:
        ProgramError: a `unique` meets none or several objects, or the program ends in no answer; names the
            node.

    Example:
        >>> from visreason.clevr.programs import Node
        >>> from visreason.clevr.sampling import sample_scene, scene_rng
        >>> scene = sample_scene(scene_rng(0, "val", 0), 0, "val")
        >>> int(execute((Node("scene"), Node("count", (0,))), scene)) == len(scene)
        True
    """
    value = outputs(program, scene)[-1]
    last = FUNCTIONS[program[-1].function]
    if last.output not in ANSWER_TYPES:
        raise ProgramError(f"node {len(program) - 1} ({last.name}) gives {last.output}, which is no answer.")
    return normalise_answer(value)


def outputs(program: Program, scene: Scene | SceneMasks) -> list[Value]:
    """What every node of a program gives, in order: the complete reasoning.

    Raises:
        ProgramError: a `unique` meets none or several objects, or a node is not a known function; names the
            node.
    """
    masks = scene if isinstance(scene, SceneMasks) else SceneMasks(scene)
    found: list[Value] = []
    for i, node in enumerate(program):
        rule = RULES.get(node.function)
        if rule is None:
            raise ProgramError(f"node {i} ({node.function}): unknown function.")
        try:
            found.append(rule(masks, [found[source] for source in node.inputs], node.values))
        except _NotUniqueError as error:
            raise ProgramError(f"node {i} ({node.function}): {error}") from None
    return found


class _NotUniqueError(Exception):
    """`unique` was given a set that does not hold exactly one object."""


def _unique(masks: SceneMasks, given: list[Any], values: tuple[str, ...]) -> int:
    mask: int = given[0]
    if mask == 0 or mask & (mask - 1):
        members = indices(mask)
        which = f" ({', '.join(map(str, members))})" if members else ""
        raise _NotUniqueError(
            f"needs exactly one object, got {len(members)}{which}: ill-posed on this scene."
        )
    return mask.bit_length() - 1


Rule = Callable[[SceneMasks, list[Any], tuple[str, ...]], Any]


def _attribute_rules(name: str) -> dict[str, Rule]:
    """The four functions every attribute has."""
    return {
        f"filter_{name}": lambda masks, given, values: given[0] & masks.value[name][values[0]],
        f"same_{name}": lambda masks, given, values: masks.same[name][given[0]],
        f"query_{name}": lambda masks, given, values: masks.attribute[name][given[0]],
        f"equal_{name}": lambda masks, given, values: given[0] == given[1],
    }


RULES: dict[str, Rule] = {
    "scene": lambda masks, given, values: masks.all,
    "unique": _unique,
    "relate": lambda masks, given, values: masks.relation[values[0]][given[0]],
    "union": lambda masks, given, values: given[0] | given[1],
    "intersect": lambda masks, given, values: given[0] & given[1],
    "count": lambda masks, given, values: given[0].bit_count(),
    "exist": lambda masks, given, values: given[0] != 0,
    "equal_integer": lambda masks, given, values: given[0] == given[1],
    "less_than": lambda masks, given, values: given[0] < given[1],
    "greater_than": lambda masks, given, values: given[0] > given[1],
    "equal_object": lambda masks, given, values: given[0] == given[1],
    **{function: rule for name in ATTRIBUTES for function, rule in _attribute_rules(name).items()},
}
"""Function to its rule: (masks of the scene, outputs of the inputs, words) to the output."""
