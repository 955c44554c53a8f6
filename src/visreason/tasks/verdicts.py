"""One wrong answer and the evidence: at which step did the model's reasoning first fail?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from visreason.clevr.answers import ANSWER_CLASSES
from visreason.clevr.controls import Control, first_failure, verdict
from visreason.clevr.functions import token
from visreason.clevr.masks import SceneMasks
from visreason.clevr.program_forms import to_postfix, to_prefix
from visreason.clevr.programs import Program
from visreason.clevr.question import Question
from visreason.clevr.scene import Scene
from visreason.metrics.accuracy import answer_class
from visreason.tasks.interview import Respondent
from visreason.tasks.program_tally import read_program


@dataclass(frozen=True, slots=True)
class Answered:
    """A further question and what the model said.

    Attributes:
        text: the question.
        answer: the true answer.
        prediction: the model's.
        step: which step it is about.
        counts: whether it says anything of the step: not where its condition was answered wrongly.
    """

    text: str
    answer: str
    prediction: str
    step: str
    counts: bool = True


@dataclass(frozen=True, slots=True)
class Case:
    """A wrong answer and where it went wrong.

    Attributes:
        question: as it was asked.
        prediction: the model's answer.
        scene: what it is about.
        step: the first step that failed, one of `visreason.clevr.controls.STEPS`.
        function: the function of the true program that failed, such as `"filter_color[red]"`; None where none did.
        why: the evidence in a sentence.
        asked: the further questions up to the one that decided.
        written: what the model wrote, in prefix order; None of a model that writes no programs.
        program: how that compares with the true program: "exact", "other, same answer", "other answer" or "invalid".
    """

    question: Question
    prediction: str
    scene: Scene
    step: str
    function: str | None
    why: str
    asked: tuple[Answered, ...] = ()
    written: tuple[str, ...] | None = None
    program: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """One of `cases` in `attribution.json`."""
        question = self.question
        record: dict[str, Any] = {
            "question_index": question.index,
            "image_filename": question.image_filename,
            "question": question.text,
            "type": question.type,
            "answer": question.answer,
            "prediction": self.prediction,
            "step": self.step,
            "function": self.function,
            "why": self.why,
            "asked": [
                {"question": one.text, "answer": one.answer, "prediction": one.prediction, "step": one.step}
                | ({} if one.counts else {"counts": False})
                for one in self.asked
            ],
        }
        if self.written is not None:
            record |= {"program": list(self.written), "program_is": self.program}
        return record


@dataclass(frozen=True, slots=True)
class WrongAnswer:
    """A wrongly answered question with all that is known of it.

    Attributes:
        row: its place in the questions file.
        question: with its program.
        masks: its scene.
        prediction: one object of `predictions.jsonl`.
    """

    row: int
    question: Question
    program: Program
    masks: SceneMasks
    prediction: Mapping[str, Any]


def judge(
    one: WrongAnswer,
    asked: Sequence[Control],
    answers: Mapping[Program, str | None],
    others: Sequence[tuple[str | None, str | None]],
    respondent: Respondent,
) -> Case:
    """Where one wrong answer went wrong.

    Args:
        one: the answer.
        asked: the controlled questions of its program.
        answers: what the model answers to them, and to the question itself.
        others: the question in other words, each with what the model answers.
        respondent: the model that was wrong.
    """
    question, predicted = one.question, str(one.prediction["prediction"])

    def case(step: str, function: str | None, why: str, told: Sequence[Answered] = ()) -> Case:
        written = tuple(one.prediction["program"]) if "program" in one.prediction else None
        kind = None if written is None else _compare(written, one)
        return Case(question, predicted, one.masks.scene, step, function, why, tuple(told), written, kind)

    misread = _misread(one, others, respondent)
    if misread is not None:
        return case("parse", None, *misread)
    failed = first_failure(asked, answers)
    told = []
    for each in asked:
        said = answers.get(each.asked.program)
        if said is not None and each.asked.program != one.program:
            counts = verdict(each, answers) is not None
            text = respondent.words(each.asked.program) or " → ".join(to_postfix(each.asked.program))
            told.append(Answered(text, each.asked.answer, said, each.step, counts))
        if each == failed:
            break
    if failed is None:
        return case("answer", None, "Given the true program, every step is right, and the answer too.", told)
    node = one.program[failed.node]
    function = token(node.function, node.values)
    if failed.asked.program != one.program:
        return case(
            failed.step, function, f"Asked for the steps one by one, it first fails at {function}.", told
        )
    if answer_class(predicted) != answer_class(str(question.answer)):
        return case(
            "answer", function, "Every step before is right, and the answer is of another kind.", told
        )
    return case(failed.step, function, f"Every step before {function} is right.", told)


def _misread(
    one: WrongAnswer, others: Sequence[tuple[str | None, str | None]], respondent: Respondent
) -> tuple[str, list[Answered]] | None:
    """Why the question itself was not understood, and the evidence; None where nothing says so."""
    question, predicted = one.question, str(one.prediction["prediction"])
    if "program" in one.prediction:
        kind = _compare(tuple(one.prediction["program"]), one)
        if kind == "invalid":
            return f"What it wrote is no program: {read_program(tuple(one.prediction['program'])).fault}", []
        if kind == "other answer":
            return "The oracle answers otherwise by the program that it wrote.", []
    if respondent.in_programs:
        return None
    truth = str(question.answer)
    if answer_class(predicted) != answer_class(truth):
        return "The answer is of another kind than the question asks for.", []
    told = [Answered(str(text), truth, str(said), "parse") for text, said in others]
    right = sum(other.prediction == truth for other in told)
    chance = 1 / len(ANSWER_CLASSES[answer_class(truth)])
    if len(told) > 1 and right / len(told) >= (1 + chance) / 2:
        return f"Asked the same in other words, it answers rightly {right} times of {len(told)}.", told
    return None


def _compare(written: tuple[str, ...], one: WrongAnswer) -> str:
    """How a written program compares with the true one."""
    read = read_program(written)
    if read.program is None:
        return "invalid"
    if to_prefix(one.program) == written:
        return "exact"
    return "other, same answer" if read.answer(one.masks) == one.question.answer else "other answer"
