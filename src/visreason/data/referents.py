"""Which objects every step of a true program stands for: what a step's map can be taught besides the answer.

An answer of one word says little about a program of twenty functions; the oracle knows what each of them gives.

Shape suffixes: P functions of a program, N objects (padded).
"""

import numpy as np
from numpy.typing import NDArray

from visreason.clevr.camera import place_in_image
from visreason.clevr.executor import Value, outputs
from visreason.clevr.folder import ClevrFolder
from visreason.clevr.functions import FUNCTIONS, Type
from visreason.clevr.masks import SceneMasks
from visreason.clevr.program_forms import from_prefix
from visreason.clevr.programs import Node, Program
from visreason.clevr.scenes_file import read_scenes
from visreason.data.vocabulary import Vocabulary
from visreason.errors import DataError
from visreason.nn.functions import Functions
from visreason.nn.program_tree import Grammar
from visreason.nn.referents import NO_OBJECTS


class Referents:
    """The objects that the functions of programs give on the scenes of a split, and where these are seen.

    Args:
        folder: in CLEVR v1.0 layout.
        split: such as `"train"`.
        vocabulary: numbers the programs' functions.

    Raises:
        DataError: the scenes are missing or broken, or there are none.
    """

    def __init__(self, folder: ClevrFolder, split: str, vocabulary: Vocabulary) -> None:
        self.file = folder.scenes_file(split)
        self.vocabulary = vocabulary
        self._grammar = Grammar(Functions(vocabulary.functions, vocabulary.arities))
        self._scenes = {scene.image_index: scene for scene in read_scenes(self.file)}
        self._most = max((len(scene.objects) for scene in self._scenes.values()), default=0)
        if not self._most:
            raise DataError(f"{self.file} holds no objects, so programs stand for none.")
        self._programs: dict[bytes, tuple[Program, tuple[int | None, ...]]] = {}
        self._last: tuple[int, SceneMasks] | None = None

    def sets(self, image_index: int, functions_P: NDArray[np.uint8], where: str) -> NDArray[np.int64]:
        """For every function of a program, in prefix order, the bits of the objects it gives, `[P]`.

        Args:
            image_index: which scene.
            functions_P: the program.
            where: what to call it in an error.

        Raises:
            DataError: there is no such scene.
            ProgramError: the program does not run on it.
        """
        program, places = self._program(functions_P, where)
        found_P = np.full(len(functions_P), NO_OBJECTS, np.int64)
        for node, place, value in zip(
            program, places, outputs(program, self._masks(image_index)), strict=True
        ):
            found_P[place] = _bits(node, value)
        return found_P

    def places(self, image_index: int) -> NDArray[np.float32]:
        """Where each object's centre is seen, x and y as fractions of the image, `[N, 2]`; NaN in the padding.

        Raises:
            DataError: there is no such scene.
        """
        things = self._masks(image_index).scene.objects
        places_N2 = np.full((self._most, 2), np.nan, np.float32)
        places_N2[: len(things)] = [place_in_image(thing) for thing in things]
        return places_N2

    def _masks(self, image_index: int) -> SceneMasks:
        """A scene's; questions about one scene mostly follow one another."""
        if self._last is None or self._last[0] != image_index:
            if image_index not in self._scenes:
                raise DataError(f"{self.file} has no scene of image {image_index}.")
            self._last = image_index, SceneMasks(self._scenes[image_index])
        return self._last[1]

    def _program(self, functions_P: NDArray[np.uint8], where: str) -> tuple[Program, tuple[int | None, ...]]:
        """A program's nodes, and the place of each in prefix order; programs that are equal share one."""
        key = functions_P.tobytes()
        if key not in self._programs:
            numbers = functions_P.tolist()
            program = from_prefix(self.vocabulary.decode_program(numbers), f"{where}, program")
            self._programs[key] = program, self._grammar.tree(numbers).places
        return self._programs[key]


def _bits(node: Node, value: Value) -> int:
    """A node's objects, bit n for object n.

    >>> _bits(Node("unique", (0,)), 2), _bits(Node("count", (0,)), 2) == NO_OBJECTS
    (4, True)
    """
    kind = FUNCTIONS[node.function].output
    if kind is Type.OBJECT:
        return 1 << int(value)
    return int(value) if kind is Type.OBJECT_SET else NO_OBJECTS
