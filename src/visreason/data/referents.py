"""Which objects every step of a true program stands for: what a step's map can be taught besides the answer.

An answer of one word says little about a program of twenty functions; the oracle knows what each of them gives.

Shape suffixes: P functions of a program, S steps: its functions, or those of its layout; N objects (padded).
"""

import numpy as np
from numpy.typing import NDArray

from visreason.clevr.camera import place_in_image
from visreason.clevr.executor import Value, outputs
from visreason.clevr.folder import ClevrFolder
from visreason.clevr.functions import FUNCTIONS, Type
from visreason.clevr.layouts import layout_steps
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
    """The objects that the steps of programs give on the scenes of a split, and where these are seen.

    Args:
        folder: in CLEVR v1.0 layout.
        split: such as `"train"`.
        vocabulary: numbers the programs' functions.
        steps: what a program's steps are. None: its functions, in prefix order; a number: those of its layout for a
            Stack Neural Module Network of so many, where a step gives what the last of its functions gives.

    Raises:
        DataError: the scenes are missing or broken, or there are none.
    """

    def __init__(
        self, folder: ClevrFolder, split: str, vocabulary: Vocabulary, steps: int | None = None
    ) -> None:
        self.file = folder.scenes_file(split)
        self.vocabulary, self.steps = vocabulary, steps
        self._grammar = Grammar(Functions(vocabulary.functions, vocabulary.arities))
        self._scenes = {scene.image_index: scene for scene in read_scenes(self.file)}
        self._most = max((len(scene.objects) for scene in self._scenes.values()), default=0)
        if not self._most:
            raise DataError(f"{self.file} holds no objects, so programs stand for none.")
        self._programs: dict[bytes, tuple[Program, tuple[int, ...]]] = {}
        self._last: tuple[int, SceneMasks] | None = None

    def sets(self, image_index: int, functions_P: NDArray[np.uint8], where: str) -> NDArray[np.int64]:
        """For every step of a program the bits of the objects it gives, `[S]`; `NO_OBJECTS` beyond the last.

        Args:
            image_index: which scene.
            functions_P: the program.
            where: what to call it in an error.

        Raises:
            DataError: there is no such scene.
            ProgramError: the program does not run on it.
        """
        program, nodes = self._program(functions_P, where)
        values = outputs(program, self._masks(image_index))
        found_S = np.full(self.steps or len(nodes), NO_OBJECTS, np.int64)
        for step, node in zip(range(len(found_S)), nodes, strict=False):  # a layout is shorter, or cut
            found_S[step] = _bits(program[node], values[node])
        return found_S

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

    def _program(self, functions_P: NDArray[np.uint8], where: str) -> tuple[Program, tuple[int, ...]]:
        """A program, and which of its nodes every step stands for; programs that are equal share one."""
        key = functions_P.tobytes()
        if key not in self._programs:
            numbers = functions_P.tolist()
            names = self.vocabulary.decode_program(numbers)
            program = from_prefix(names, f"{where}, program", ends_in_answer=False)  # expressions' do not
            if self.steps is None:
                places = self._grammar.tree(numbers).places
                nodes = tuple(places.index(place) for place in range(len(program)))
            else:
                nodes = tuple(step.node for step in layout_steps(program, where))
            self._programs[key] = program, nodes
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
