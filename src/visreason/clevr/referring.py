"""An expression that refers to one object of an image, and its record in `questions/CLEVR_loc_SPLIT_questions.json`.

The format is that of CLEVR-Ref, on which Hu, Andreas, Darrell and Saenko, "Explainable Neural Computation via
Stack Neural Module Networks" (ECCV 2018) locate objects: a question's record whose program ends in `unique`,
with the object's box in place of an answer (of which the record has a dummy).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from visreason.clevr.boxes import Box, box_from_json
from visreason.clevr.functions import FUNCTIONS, Type
from visreason.clevr.json_fields import optional, typed
from visreason.clevr.programs import Program, parse_program, program_to_json
from visreason.errors import DataError, ProgramError

DUMMY_ANSWER = "yes"
"""What stands where a question has its answer; it says nothing, and is ignored when read."""


@dataclass(frozen=True, slots=True)
class ReferringExpression:
    """An expression that refers to one object.

    Attributes:
        text: the expression.
        program: how to find the object, or None where it is withheld.
        box: what is visible of the object, (x, y, w, h) in pixels of the image; None where it is withheld.
        full_box: the whole of the object, behind whatever hides it and beyond the image's border; None where
            the file does not say.
        object_index: which of the scene's objects it is, or None where the file does not say.
        family: the family's number, or None where the file does not say.
        index: `question_index`, the expression's number in its file.
        image_filename: the image it is about.
        image_index, split: as in the file, or None where it does not say.
        template: which template worded it, such as `"one_relation/2"`, where known.
        extra: further keys of the JSON record, kept for writing.
    """

    text: str
    program: Program | None
    box: Box | None
    full_box: Box | None
    object_index: int | None
    family: int | None
    index: int
    image_filename: str
    image_index: int | None
    split: str | None
    template: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)


_KEYS = frozenset(
    (
        "question",
        "answer",
        "program",
        "bbox",
        "full_bbox",
        "object_index",
        "question_family_index",
        "question_index",
        "image_filename",
        "image_index",
        "split",
        "template",
    )
)


def expression_from_json(record: Any, where: str = "expression", *, position: int = 0) -> ReferringExpression:
    """Make an expression from its JSON record, of CLEVR-Ref or our own.

    Args:
        record: the decoded record; a node's function stands under `function` or `type`.
        where: what to call the record in an error, such as `"CLEVR_loc_val_questions.json: expression 12"`.
        position: the place in the file, which is the expression's index when the record does not give one.

    Raises:
        DataError: a key is missing or of the wrong form.
        ProgramError: the program is malformed, or gives no object.

    Example:
        >>> record = {"question": "The ball", "image_filename": "a.png", "bbox": [8, 5, 20, 20], "program": [
        ...     {"type": "scene"}, {"type": "filter_shape", "inputs": [0], "value_inputs": ["sphere"]},
        ...     {"type": "unique", "inputs": [1]}]}
        >>> expression_from_json(record).box
        (8, 5, 20, 20)
    """
    if not isinstance(record, dict):
        raise DataError(f"{where} should be a JSON object, not {record!r:.60}.")
    text = typed(record, "question", str, where)
    if not text.strip():
        raise DataError(f"{where}: the expression is empty.")
    index = optional(record, "question_index", int, where)
    return ReferringExpression(
        text=text,
        program=_program(record.get("program"), f"{where}, program"),
        box=_box(record, "bbox", where),
        full_box=_box(record, "full_bbox", where),
        object_index=optional(record, "object_index", int, where),
        family=optional(record, "question_family_index", int, where),
        index=position if index is None else index,
        image_filename=typed(record, "image_filename", str, where),
        image_index=optional(record, "image_index", int, where),
        split=optional(record, "split", str, where),
        template=optional(record, "template", str, where),
        extra={key: value for key, value in record.items() if key not in _KEYS},
    )


def expression_to_json(expression: ReferringExpression) -> dict[str, Any]:
    """The JSON record of an expression; what is None is left out."""
    program, box, full_box = expression.program, expression.box, expression.full_box
    record = {
        "question_index": expression.index,
        "image_index": expression.image_index,
        "image_filename": expression.image_filename,
        "split": expression.split,
        "question": expression.text,
        "answer": DUMMY_ANSWER,
        "program": None if program is None else program_to_json(program),
        "bbox": None if box is None else list(box),
        "full_bbox": None if full_box is None else list(full_box),
        "object_index": expression.object_index,
        "question_family_index": expression.family,
        "template": expression.template,
    }
    return {key: value for key, value in record.items() if value is not None} | dict(expression.extra)


def _program(nodes: Any, where: str) -> Program | None:
    if not nodes:
        return None
    program = parse_program(nodes, where, ends_in_answer=False)
    last = FUNCTIONS[program[-1].function]
    if last.output is not Type.OBJECT:
        raise ProgramError(
            f"{where}, node {len(program) - 1} ({last.name}): gives {last.output}; the program of a referring "
            "expression ends in unique, which gives one Object."
        )
    return program


def _box(record: dict[str, Any], key: str, where: str) -> Box | None:
    return None if record.get(key) is None else box_from_json(record[key], f"{where}, {key!r}")
