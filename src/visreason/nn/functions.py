"""The functions a program is written in, as numbers: what executors and generators know of a language.

Numbers 0 to 3 are kept for the symbols of clevr-iep (Johnson et al., "Inferring and Executing Programs for Visual
Reasoning", 2017): no symbol, start, end, unknown. Functions follow, in the order of the program vocabulary.
"""

from dataclasses import dataclass

from visreason.errors import ModelError

NULL, START, END, UNKNOWN = range(4)
FIRST_FUNCTION = 4
"""The number of a program vocabulary's first function."""


@dataclass(frozen=True, slots=True)
class Functions:
    """A language of programs.

    Attributes:
        names: of the functions; `names[0]` has the number `FIRST_FUNCTION`.
        arities: how many inputs each reads: 0, 1 or 2.

    Raises:
        ModelError: as many arities as names are needed, and each must be 0, 1 or 2; some function must read nothing.

    Example:
        >>> language = Functions(("scene", "exist", "union"), (0, 1, 2))
        >>> language.symbols, language.arity(6), language.name(4)
        (7, 2, 'scene')
    """

    names: tuple[str, ...]
    arities: tuple[int, ...]

    def __post_init__(self) -> None:
        if len(self.names) != len(self.arities):
            raise ModelError(
                f"there are {len(self.names)} functions but {len(self.arities)} arities; give one for each."
            )
        if not set(self.arities) <= {0, 1, 2} or 0 not in self.arities:
            raise ModelError(
                f"functions read 0, 1 or 2 inputs, and at least one reads none; the arities are {self.arities}."
            )

    @property
    def symbols(self) -> int:
        """How many symbols there are: the functions and the four kept ones."""
        return FIRST_FUNCTION + len(self.names)

    def arity(self, number: int) -> int:
        """How many inputs the function of this number reads."""
        return self.arities[number - FIRST_FUNCTION]

    def name(self, number: int) -> str:
        """The function of this number, in words."""
        return self.names[number - FIRST_FUNCTION]

    def number(self, name: str) -> int:
        """The number of the function of this name.

        Raises:
            ModelError: there is none.
        """
        if name not in self.names:
            raise ModelError(f"there is no function {name!r} among the {len(self.names)} of this language.")
        return FIRST_FUNCTION + self.names.index(name)
