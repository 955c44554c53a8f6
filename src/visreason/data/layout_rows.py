"""From a program as models read it to the layout that runs it, each worked out once."""

import numpy as np
from numpy.typing import NDArray

from visreason.clevr.layouts import encode_layout, layout
from visreason.clevr.program_forms import from_prefix
from visreason.data.vocabulary import Vocabulary


class LayoutRows:
    """Gives the layout of a program; programs that are equal, as CLEVR's mostly are, share one.

    Args:
        vocabulary: numbers the programs' functions.
        steps: of the network, which a layout is filled up to.

    Example:
        >>> from visreason.data.vocabulary import CLEVR_VOCABULARY
        >>> program = CLEVR_VOCABULARY.encode_program(from_prefix(["count", "filter_color[red]", "scene"]))
        >>> LayoutRows(CLEVR_VOCABULARY, steps=4)(np.array(program, np.uint8)).tolist()
        [1, 7, 0, 0]
    """

    def __init__(self, vocabulary: Vocabulary, steps: int) -> None:
        self.vocabulary, self.steps = vocabulary, steps
        self._known: dict[bytes, NDArray[np.int64]] = {}

    def __call__(
        self, functions_P: NDArray[np.uint8] | None, where: str = "the question"
    ) -> NDArray[np.int64] | None:
        """The modules' numbers, `[steps]`; None where the program is not told.

        Args:
            functions_P: in prefix order; None or empty where it is not told.
            where: what to call the question in an error.

        Raises:
            ProgramError: it needs more steps than the network has.
        """
        if functions_P is None or len(functions_P) == 0:
            return None
        key = functions_P.tobytes()
        if key not in self._known:
            program = from_prefix(self.vocabulary.decode_program(functions_P.tolist()), f"{where}, program")
            numbers = encode_layout(layout(program), self.steps, f"{where}: its layout")
            self._known[key] = np.array(numbers, np.int64)
        return self._known[key]
