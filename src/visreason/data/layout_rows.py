"""From a program as models read it to the layout that runs it, each worked out once."""

import numpy as np
from numpy.typing import NDArray

from visreason.clevr.layouts import MODULES, layout
from visreason.clevr.program_forms import from_prefix
from visreason.data.vocabulary import Vocabulary

BEYOND = -1
"""The last step of a layout that is longer than the network: no module has this number."""


def fit_layout(modules: NDArray[np.uint8] | None, steps: int | None) -> NDArray[np.int64] | None:
    """A layout in so many steps: filled up with NoOp, or cut.

    The last step of one that is cut is `BEYOND`, so that no plan equals it.

    Args:
        modules: numbers of its modules; None where it is not told.
        steps: of the network; None where layouts are not asked for.

    Example:
        >>> fit_layout(np.array([1, 7]), steps=4).tolist(), fit_layout(np.array([1, 2, 3, 7]), steps=3).tolist()
        ([1, 7, 0, 0], [1, 2, -1])
    """
    if modules is None or steps is None:
        return None
    fitted = np.zeros(steps, np.int64)
    fitted[: len(modules)] = modules[:steps]
    if len(modules) > steps:
        fitted[-1] = BEYOND
    return fitted


class LayoutRows:
    """Gives the layout of a program; programs that are equal, as CLEVR's mostly are, share one.

    Args:
        vocabulary: numbers the programs' functions.

    Example:
        >>> from visreason.data.vocabulary import CLEVR_VOCABULARY
        >>> program = CLEVR_VOCABULARY.encode_program(from_prefix(["count", "filter_color[red]", "scene"]))
        >>> LayoutRows(CLEVR_VOCABULARY)(np.array(program, np.uint8)).tolist()
        [1, 7]
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self._known: dict[bytes, NDArray[np.uint8]] = {}

    def __call__(
        self, functions_P: NDArray[np.uint8] | None, where: str = "the question"
    ) -> NDArray[np.uint8] | None:
        """The modules' numbers; None where the program is not told.

        Args:
            functions_P: in prefix order; None or empty where it is not told.
            where: what to call the question in an error.

        Raises:
            ProgramError: the numbers are no program.
        """
        if functions_P is None or len(functions_P) == 0:
            return None
        key = functions_P.tobytes()
        if key not in self._known:
            names = self.vocabulary.decode_program(functions_P.tolist())
            program = from_prefix(names, f"{where}, program", ends_in_answer=False)  # expressions' do not
            self._known[key] = np.array([MODULES.index(module) for module in layout(program)], np.uint8)
        return self._known[key]
