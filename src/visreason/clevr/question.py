"""A question about a scene, and its record in `questions/CLEVR_SPLIT_questions.json` of CLEVR v1.0."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from visreason.clevr.answers import normalise_answer
from visreason.clevr.families import FAMILY_COUNTS, global_family
from visreason.clevr.json_fields import optional, typed
from visreason.clevr.programs import Program, parse_program, program_to_json, question_type
from visreason.errors import DataError


@dataclass(frozen=True, slots=True)
class Question:
    """A question.

    Attributes:
        text: the English sentence.
        answer: one of the 28 answers, or None where it is withheld (the test split).
        program: how to find the answer, or None where it is withheld or unknown.
        family: the global family number (0 to 89 in CLEVR's numbering), or None where the file does not say.
        index: `question_index`, the question's number in its file.
        image_index, image_filename, split: the image it is about.
        template: which template worded it, such as `"one_hop/2"`, where known.
        stated_type: the question type as the file says it, for questions without programs.
        extra: further keys of the JSON record, kept for writing.
    """

    text: str
    answer: str | None
    program: Program | None
    family: int | None
    index: int
    image_index: int
    image_filename: str
    split: str
    template: str | None = None
    stated_type: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def type(self) -> str | None:
        """The question type: the program's last function, else what the file says, else None."""
        return self.stated_type if self.program is None else question_type(self.program)


_KEYS = frozenset(
    (
        "question",
        "answer",
        "program",
        "question_family_index",
        "question_index",
        "image_index",
        "image_filename",
        "split",
        "template",
        "question_type",
    )
)


def question_from_json(record: Any, where: str = "question", *, position: int = 0) -> Question:
    """Make a question from its JSON record.

    Reads the released files and the generator's own output alike: `function` or `type` as a node's key;
    answers as strings, numbers or truth values; a test split with neither answer nor program. The generator
    numbers families within the template file it names; that number becomes the global one.

    Args:
        record: the decoded record.
        where: what to call the record in an error, such as `"questions.json: question 12"`.
        position: the place in the file, which is the question's index when the record does not give one.

    Raises:
        DataError: a key is missing or of the wrong type.
        ProgramError: the program is malformed.
    """
    if not isinstance(record, dict):
        raise DataError(f"{where} should be a JSON object, not {record!r:.60}.")
    text = typed(record, "question", str, where)
    if not text.strip():
        raise DataError(f"{where}: the question is empty.")
    nodes = record.get("program")
    try:
        answer = None if record.get("answer") is None else normalise_answer(record["answer"])
    except DataError as error:
        raise DataError(f"{where}: {error}") from None
    return Question(
        text=text,
        answer=answer,
        program=parse_program(nodes, f"{where}, program") if nodes else None,
        family=_family(record, where),
        index=typed(record, "question_index", int, where) if "question_index" in record else position,
        image_index=typed(record, "image_index", int, where),
        image_filename=typed(record, "image_filename", str, where),
        split=typed(record, "split", str, where),
        template=optional(record, "template", str, where),
        stated_type=optional(record, "question_type", str, where),
        extra={key: value for key, value in record.items() if key not in _KEYS},
    )


def question_to_json(question: Question) -> dict[str, Any]:
    """The JSON record of a question: the keys of CLEVR v1.0, `template`, `question_type` (the stated one) and `extra`.

    Answer, program and family are left out where they are None, as the released test split leaves them out.
    """
    record: dict[str, Any] = {
        "question_index": question.index,
        "image_index": question.image_index,
        "image_filename": question.image_filename,
        "split": question.split,
        "question": question.text,
    }
    if question.answer is not None:
        record["answer"] = question.answer
    if question.program is not None:
        record["program"] = program_to_json(question.program)
    if question.family is not None:
        record["question_family_index"] = question.family
    if question.template is not None:
        record["template"] = question.template
    if question.stated_type is not None:
        record["question_type"] = question.stated_type
    return record | dict(question.extra)


def _family(record: dict[str, Any], where: str) -> int | None:
    """The global family number; the generator's own output counts within the template file it names."""
    if record.get("question_family_index") is None:
        return None
    number: int = typed(record, "question_family_index", int, where)
    file = record.get("template_filename")
    nodes = record.get("program")
    if (
        isinstance(file, str)
        and file.removesuffix(".json") in FAMILY_COUNTS
        and nodes
        and "type" in nodes[-1]
    ):
        return global_family(file, number)
    return number
