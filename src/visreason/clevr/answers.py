"""The 28 answers of CLEVR, their kinds, and the 13 types of its questions."""

from typing import Any

from visreason.clevr.attributes import ATTRIBUTES
from visreason.errors import DataError

ANSWER_CLASSES: dict[str, tuple[str, ...]] = {
    "number": tuple(str(number) for number in range(11)),
    "material": ATTRIBUTES["material"],
    "color": ATTRIBUTES["color"],
    "shape": ATTRIBUTES["shape"],
    "size": ATTRIBUTES["size"],
    "exist": ("yes", "no"),
}
"""Kind of answer to the answers of that kind."""

ANSWERS: tuple[str, ...] = tuple(answer for answers in ANSWER_CLASSES.values() for answer in answers)
"""All 28 answers in one fixed order."""

QUESTION_TYPES: tuple[str, ...] = (
    "exist",
    "count",
    "equal_integer",
    "less_than",
    "greater_than",
    *(f"query_{name}" for name in ATTRIBUTES),
    *(f"equal_{name}" for name in ATTRIBUTES),
)
"""The 13 question types: the last function of the program, as accuracies on CLEVR are reported."""


def normalise_answer(value: Any) -> str:
    """An answer as CLEVR v1.0 writes it, from any of the forms found in files.

    The generator stores `true`, `3` or `"red"`, the released files `"yes"`, `"3"` and `"red"`.

    Raises:
        DataError: the value is no string, integer or truth value.

    Example:
        >>> normalise_answer(True), normalise_answer(3), normalise_answer("red")
        ('yes', '3', 'red')
    """
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str) and value:
        return {"True": "yes", "False": "no"}.get(value, value)
    raise DataError(f"an answer is a word, a number or true/false, not {value!r}.")
