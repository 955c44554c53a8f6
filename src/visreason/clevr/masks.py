"""Sets of objects as the bits of one integer: object i is in the set when bit i is 1.

A set operation is then one machine instruction, which is what makes the executor and the question engine
fast.
"""

from collections.abc import Iterable

from visreason.clevr.attributes import ATTRIBUTES, RELATIONS
from visreason.clevr.scene import Scene


def indices(mask: int) -> tuple[int, ...]:
    """The members of a set, ascending.

    Example:
        >>> indices(0b10110)
        (1, 2, 4)
    """
    found = []
    while mask:
        lowest = mask & -mask
        found.append(lowest.bit_length() - 1)
        mask ^= lowest
    return tuple(found)


class SceneMasks:
    """A scene turned into bitmasks, made once and asked many times.

    Attributes:
        all: every object of the scene.
        attribute: `attribute["color"][i]` is the colour of object i.
        value: `value["color"]["red"]` is the set of red objects.
        relation: `relation["left"][i]` is the set of objects left of object i.
        same: `same["color"][i]` is the set of *other* objects that share the colour of object i.

    Example:
        >>> from visreason.clevr.sampling import sample_scene, scene_rng
        >>> masks = SceneMasks(sample_scene(scene_rng(0, "val", 0), 0, "val"))
        >>> masks.value["size"]["large"] | masks.value["size"]["small"] == masks.all
        True
    """

    __slots__ = ("all", "attribute", "relation", "same", "scene", "value")

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.all = (1 << len(scene.objects)) - 1
        self.attribute: dict[str, tuple[str, ...]] = {
            name: tuple(getattr(thing, name) for thing in scene.objects) for name in ATTRIBUTES
        }
        self.value: dict[str, dict[str, int]] = {
            name: {
                word: _mask(i for i, own in enumerate(self.attribute[name]) if own == word) for word in words
            }
            for name, words in ATTRIBUTES.items()
        }
        self.relation: dict[str, tuple[int, ...]] = {
            name: tuple(_mask(others) for others in scene.relationships[name]) for name in RELATIONS
        }
        self.same: dict[str, tuple[int, ...]] = {
            name: tuple(self.value[name][word] & ~(1 << i) for i, word in enumerate(self.attribute[name]))
            for name in ATTRIBUTES
        }


def _mask(members: Iterable[int]) -> int:
    mask = 0
    for member in members:
        mask |= 1 << member
    return mask
