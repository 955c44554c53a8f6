"""What a Stack Neural Module Network is trained and tested on: questions, expressions, or both, with layouts."""

from collections.abc import Mapping
from copy import copy
from typing import Any

from visreason.clevr.folder import ClevrFolder
from visreason.data.dataset import ClevrQuestions
from visreason.data.expressions import ClevrExpressions, PairCollate, Pairs, QuestionsAndExpressions
from visreason.data.inputs import View
from visreason.data.vocabulary import Vocabulary
from visreason.errors import DataError
from visreason.models.stack_nmn import StackNmnConfig
from visreason.tasks.loader import Collate, TaskData
from visreason.tasks.program_data import check_programs
from visreason.tasks.recipes.layout_tasks import JointTask, LayoutLearning, LocatingTask
from visreason.tasks.recipes.recipe import Recipe


def layout_data(
    recipe: Recipe,
    folder: ClevrFolder,
    vocabulary: Vocabulary,
    views: tuple[View, View],
    to_batch: Collate,
    inputs: Mapping[str, Any],
) -> TaskData:
    """What a recipe of a Stack Neural Module Network is trained and validated on.

    Args:
        recipe: says the task, the splits, and how many steps layouts have.
        folder: the data.
        vocabulary: numbers words and answers.
        views: what the model sees while training and while measured.
        to_batch: makes a batch of samples.
        inputs: what a model file says of the inputs.

    Raises:
        DataError: a file, scene, image or, where layouts are shown, a program is missing; or the two splits give their
            boxes in images of different sizes.
    """
    task, settings = recipe.task, recipe.data
    assert isinstance(task, LayoutLearning)
    both = isinstance(task, JointTask)
    train: dict[str, Any] = {
        "limit": settings.limit,
        "seed": recipe.training.seed,
        "share": recipe.batch.per_image > 1,
    }
    steps = {"layout_steps": recipe.model.settings["steps"]}
    questions = expressions = measured_questions = measured_expressions = None
    if both or not isinstance(task, LocatingTask):
        questions = ClevrQuestions(folder, settings.train, vocabulary, copy(views[0]), **train, **steps)
        measured_questions = ClevrQuestions(folder, settings.validation, vocabulary, copy(views[1]), **steps)
        if task.layout_weight > 0:
            check_programs(questions, len(questions), settings.train)
    if isinstance(task, LocatingTask):
        expressions = ClevrExpressions(folder, settings.train, vocabulary, copy(views[0]), **train, **steps)
        measured_expressions = ClevrExpressions(
            folder, settings.validation, vocabulary, copy(views[1]), **steps
        )
        if measured_expressions.frame != expressions.frame:
            raise DataError(
                f"the boxes of {settings.train} are on images of {_size(expressions)} pixels, those of "
                f"{settings.validation} on {_size(measured_expressions)}. Give splits of one size."
            )
    meta: dict[str, Any] = {"inputs": inputs, "vocabulary": vocabulary.to_dict()}
    meta |= {} if expressions is None else {"frame": list(expressions.frame)}
    measured = QuestionsAndExpressions(measured_questions, measured_expressions)
    if questions is not None and expressions is not None:
        pairs = Pairs(questions, expressions, recipe.training.seed)
        return TaskData(
            pairs.at_epoch, measured, PairCollate(to_batch), meta=meta, images=pairs.image_numbers
        )
    samples = questions if questions is not None else expressions
    assert samples is not None
    return TaskData(samples.at_epoch, measured, to_batch, meta=meta, images=samples.image_numbers)


def layout_samples(
    config: StackNmnConfig,
    folder: ClevrFolder,
    split: str,
    vocabulary: Vocabulary,
    view: View,
    limit: int | None,
) -> QuestionsAndExpressions:
    """What a Stack Neural Module Network can be tested on: what it does and the folder has.

    Args:
        config: the network's: says whether it answers, and whether it locates.
        folder: the data.
        split: such as `"val"`.
        vocabulary: the model's.
        view: what it sees.
        limit: only so many questions, and so many expressions, from the start of their files.

    Raises:
        DataError: the folder has neither that the network could do, or a file, scene or image is missing or broken.
    """
    has_expressions, has_questions = (
        file.is_file() for file in (folder.referring_file(split), folder.questions_file(split))
    )
    answers, locates = config.answer_count is not None, config.locate is not None
    asks = answers and (has_questions or not (locates and has_expressions))
    settings: dict[str, Any] = {"limit": limit, "layout_steps": config.steps}
    questions = ClevrQuestions(folder, split, vocabulary, copy(view), **settings) if asks else None
    expressions = None
    if locates and (has_expressions or not asks):
        expressions = ClevrExpressions(folder, split, vocabulary, copy(view), **settings)
    return QuestionsAndExpressions(questions, expressions)


def _size(expressions: ClevrExpressions) -> str:
    height, width = expressions.frame
    return f"{width}x{height}"
