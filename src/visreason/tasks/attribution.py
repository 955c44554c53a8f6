"""Why was it wrong? Each wrong answer of a test put down to the first step of reasoning that failed.

What counts as failing is written in `docs/why.md`. In short: a model that writes programs has failed to parse where the
oracle answers otherwise by what it wrote; all others, and the steps after parsing, are asked controlled questions
(`visreason.clevr.controls`), as programs where the model executes programs, else in words.
"""

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

from visreason.clevr.controls import Control, controls, verdict
from visreason.clevr.executor import execute
from visreason.clevr.folder import ClevrFolder
from visreason.clevr.masks import SceneMasks
from visreason.clevr.programs import Program, sub_program
from visreason.clevr.question import Question
from visreason.clevr.questions_file import iter_questions
from visreason.errors import DataError, ProgramError
from visreason.metrics.attribution import Attribution
from visreason.tasks.interview import Inquiry, Respondent
from visreason.tasks.program_data import scenes_of
from visreason.tasks.verdicts import Case, WrongAnswer, judge

BY_PROGRAMS = "programs: each step as the model itself executes it"
BY_QUESTIONS = "controlled questions: an estimate"

_PARAPHRASES = 6
"""So many other wordings of a question are tried."""


def check_attributable(folder: ClevrFolder, split: str) -> None:
    """Make sure that a data folder tells what attribution needs, before a test is run.

    Raises:
        DataError: it has no scenes, or no programs; says which.
    """
    file = folder.scenes_file(split)
    if not file.is_file():
        raise DataError(
            f"--attribute needs the scenes of {split}, and {file} is not there. Give data with scenes and programs; "
            "`visreason generate` makes them."
        )
    questions = folder.questions_file(split)
    if not questions.is_file():
        raise DataError(f"--attribute needs the questions of {split}, and {questions} is not there.")
    for question in islice(iter_questions(questions), 1):
        _program(question, str(questions))


def attribute(
    predictions: Sequence[Mapping[str, Any]], folder: ClevrFolder, split: str, respondent: Respondent
) -> tuple[Attribution, list[Case]]:
    """Put every wrong answer of a test down to a step.

    Args:
        predictions: one object a question as in `predictions.jsonl`, for the first questions of the file in its order.
        folder: with scenes, and questions with programs.
        split: of the folder.
        respondent: the model that made the predictions.

    Returns:
        The shares of the steps, and every wrong answer with its step in the order of the file.

    Raises:
        DataError: a scene or program is missing, or a stored answer is not the oracle's; names the question.
    """
    found = explain(_wrong(predictions, folder, split), respondent)
    cases, images = [case for case, _ in found], [case.question.image_index for case, _ in found]
    writes = [case.program for case in cases if case.program is not None]
    shares = Attribution.of(
        BY_PROGRAMS if respondent.in_programs else BY_QUESTIONS,
        len(predictions),
        [case.step for case in cases],
        [str(case.question.type) for case in cases],
        images,
        [
            (step, right, image)
            for (_, told), image in zip(found, images, strict=True)
            for step, right in told
        ],
        writes or None,
    )
    return shares, cases


Judged = tuple[Case, list[tuple[str, bool]]]
"""A wrong answer with its step, and of every controlled question that counts its step and whether it was right."""


def explain(wrong: Sequence[WrongAnswer], respondent: Respondent) -> list[Judged]:
    """Put wrong answers down to a step.

    Args:
        wrong: the answers, each with program and scene.
        respondent: who gave them.
    """
    told = [controls(one.program, one.masks) for one in wrong]
    waiting = [_inquiries(one, its, respondent) for one, its in zip(wrong, told, strict=True)]
    said = iter(respondent.answers([inquiry for its in waiting for inquiry in its]))
    found = []
    for one, its, inquiries in zip(wrong, told, waiting, strict=True):
        answers = list(zip(inquiries, islice(said, len(inquiries)), strict=True))
        by_program = {inquiry.program: answer for inquiry, answer in answers if inquiry.text is None}
        if not respondent.in_programs:
            by_program[one.program] = str(one.prediction["prediction"])
        others = [(inquiry.text, answer) for inquiry, answer in answers if inquiry.text is not None]
        verdicts = [
            (each.step, verdict(each, by_program)) for each in its if each.asked.program != one.program
        ]
        judged = [(step, right) for step, right in verdicts if right is not None]
        found.append((judge(one, its, by_program, others, respondent), judged))
    return found


def _wrong(predictions: Sequence[Mapping[str, Any]], folder: ClevrFolder, split: str) -> list[WrongAnswer]:
    """The wrongly answered questions, each with program and scene."""
    file, scenes = folder.questions_file(split), scenes_of(folder, split)
    assert scenes is not None
    known, masks, found = scenes(), dict[int, SceneMasks](), list[WrongAnswer]()
    for row, (question, prediction) in enumerate(zip(iter_questions(file), predictions, strict=False)):
        where = f"{file}: question {question.index}"
        program = _program(question, str(file))
        if question.image_index not in known:
            raise DataError(
                f"{where} is about {question.image_filename}, which has no scene. --attribute needs it."
            )
        if prediction["correct"]:
            continue
        if question.image_index not in masks:
            masks = {question.image_index: SceneMasks(known[question.image_index])}
        here = masks[question.image_index]
        try:
            answer = execute(program, here)
        except ProgramError as error:
            raise DataError(f"{where}: {error} `visreason answer` lists such questions.") from None
        if answer != question.answer:
            raise DataError(
                f"{where}: the oracle answers {answer!r}, the file {question.answer!r}, so a step that went wrong "
                "cannot be found. `visreason answer` lists such questions."
            )
        found.append(WrongAnswer(row, question, program, here, prediction))
    return found


def _program(question: Question, file: str) -> Program:
    """A question's program, without nodes that nothing reads."""
    if question.program is None:
        raise DataError(
            f"--attribute needs programs, and question {question.index} of {file} has none. `visreason generate` makes "
            "questions with programs."
        )
    return sub_program(question.program, len(question.program) - 1)


def _inquiries(one: WrongAnswer, asked: Sequence[Control], respondent: Respondent) -> list[Inquiry]:
    """What the model is asked about one wrong answer."""
    told = [each.asked for each in asked] + [each.given for each in asked if each.given is not None]
    programs = dict.fromkeys(each.program for each in told)
    if respondent.in_programs:
        return [Inquiry(one.row, program) for program in (*programs, one.program)]
    others = respondent.other_words(one.program, one.question.text, _PARAPHRASES)
    return [
        *(Inquiry(one.row, program) for program in programs if program != one.program),
        *(Inquiry(one.row, one.program, text) for text in others),
    ]
