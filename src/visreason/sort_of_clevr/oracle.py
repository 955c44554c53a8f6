"""Every Sort-of-CLEVR question of a file answered from its scene, beside the answer the file gives."""

import os
from collections.abc import Iterable, Iterator

from visreason.clevr.oracle import Verdict
from visreason.clevr.question import Question
from visreason.errors import DataError
from visreason.sort_of_clevr.questions import FLAT_QUESTIONS
from visreason.sort_of_clevr.scene import FlatScene

_BY_TEXT = {question.text: question for question in FLAT_QUESTIONS}


def judge_flat(
    questions: Iterable[Question],
    scenes: Iterable[FlatScene],
    *,
    questions_from: str | os.PathLike[str] = "the questions",
    scenes_from: str | os.PathLike[str] = "the scenes",
) -> Iterator[Verdict]:
    """Answer questions by what they ask; they are known by their wording.

    Args:
        questions: in any order.
        scenes: those of all the images that are asked about.
        questions_from, scenes_from: what to call the two in an error, as a rule their files.

    Raises:
        DataError: a question is none of the 36, or is about an image that has no scene.

    Example:
        >>> import numpy as np
        >>> from visreason.sort_of_clevr.scene import sample_flat_scene
        >>> scene = sample_flat_scene(np.random.default_rng(0), 0, "val")
        >>> text, image = "Does the left half hold the red object?", scene.image_filename
        >>> asked = Question(text, "no", None, None, 0, 0, image, "val")
        >>> next(judge_flat([asked], [scene])).answer == ("yes" if scene.of("red").x < 37.5 else "no")
        True
    """
    known = {scene.image_filename: scene for scene in scenes}
    for question in questions:
        here = f"{questions_from}: question {question.index} ({question.text!r})"
        asked, scene = _BY_TEXT.get(question.text), known.get(question.image_filename)
        if asked is None:
            raise DataError(
                f"{here} is none of Sort-of-CLEVR's {len(_BY_TEXT)}, so its true answer cannot be found."
            )
        if scene is None:
            raise DataError(
                f"{here} is about {question.image_filename}, of which {scenes_from} has no scene."
            )
        answer = asked.answer(scene)
        error = (
            None if answer is not None else "things of both shapes are equally far away, so it has no answer"
        )
        yield Verdict(question, answer, error)
