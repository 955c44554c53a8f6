"""What a Stack Neural Module Network is trained and tested on: questions, expressions, or both, with layouts."""

from collections.abc import Mapping
from copy import copy
from typing import Any

import numpy as np

from visreason.clevr.folder import ClevrFolder
from visreason.data.dataset import ClevrQuestions
from visreason.data.expressions import ClevrExpressions, PairCollate, Pairs, QuestionsAndExpressions
from visreason.data.inputs import View
from visreason.data.vocabulary import Vocabulary
from visreason.errors import DataError, ProgramError
from visreason.models.stack_nmn import StackNmnConfig
from visreason.tasks.loader import Collate, Numbers, TaskData, block_order
from visreason.tasks.recipes.layout_tasks import JointTask, LayoutLearning, LocatingTask
from visreason.tasks.recipes.recipe import Recipe

_OTHER_SEED = 1 << 32
"""Added to a recipe's seed, which is below, for an order of its own."""


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
        ProgramError: a layout that is shown needs more steps than the network has.
    """
    task, settings = recipe.task, recipe.data
    assert isinstance(task, LayoutLearning)
    both = isinstance(task, JointTask)
    train: dict[str, Any] = {
        "limit": settings.limit,
        "seed": recipe.training.seed,
        "share": recipe.batch.per_image > 1,
        "referents": task.referent_weight > 0,
    }
    steps = {"layout_steps": recipe.model.settings["steps"]}
    questions = expressions = measured_questions = measured_expressions = None
    if both or not isinstance(task, LocatingTask):
        questions = ClevrQuestions(folder, settings.train, vocabulary, copy(views[0]), **train, **steps)
        measured_questions = ClevrQuestions(folder, settings.validation, vocabulary, copy(views[1]), **steps)
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
    if task.layout_weight > 0:
        for samples in (questions, expressions):
            if samples is not None:
                _check_layouts(samples, steps["layout_steps"])
    meta: dict[str, Any] = {"inputs": inputs, "vocabulary": vocabulary.to_dict()}
    meta |= {} if expressions is None else {"frame": list(expressions.frame)}
    measured = QuestionsAndExpressions(measured_questions, measured_expressions)
    if questions is not None and expressions is not None:
        order = (recipe.batch.per_image, recipe.training.seed)
        images_P = np.resize(questions.image_numbers, max(len(questions), len(expressions)))

        def pairs(epoch: int) -> Pairs:
            partner_P = partners(images_P, expressions.image_numbers, *order, epoch)
            return Pairs(questions.at_epoch(epoch), expressions.at_epoch(epoch), partner_P)

        return TaskData(pairs, measured, PairCollate(to_batch), meta=meta, images=images_P)
    only = questions if questions is not None else expressions
    assert only is not None
    return TaskData(only.at_epoch, measured, to_batch, meta=meta, images=only.image_numbers)


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


def partners(images_P: Numbers, images_E: Numbers, per_image: int, seed: int, epoch: int) -> Numbers:
    """Which expression each pair of question and expression has in an epoch, `[pairs]`.

    As the pairs are loaded, blocks of questions about one image meet blocks of expressions about another, so that both
    images are read and encoded once a block. It depends on the arguments and on nothing else.

    Args:
        images_P: which image each pair's question is about.
        images_E: which image each expression is about; they go round again where there are fewer than pairs.
        per_image: questions, and expressions, a block.
        seed: of the order.
        epoch: from 0.

    Example:
        >>> images = np.array([0, 0, 1, 1])
        >>> partner = partners(images, images, per_image=2, seed=0, epoch=0)
        >>> sorted(partner.tolist()), images[partner[:2]].tolist()
        ([0, 1, 2, 3], [0, 0])
    """
    partner_P = np.empty(len(images_P), np.int64)
    turn_P = block_order(images_P, per_image, seed, epoch)
    partner_P[turn_P] = np.resize(block_order(images_E, per_image, seed + _OTHER_SEED, epoch), len(images_P))
    return partner_P


def _check_layouts(samples: ClevrQuestions | ClevrExpressions, steps: int) -> None:
    """Make sure that every layout is told, and runs in so many steps."""
    for row in range(len(samples)):
        modules = samples.layout(row)
        if modules is None:
            raise DataError(
                f"{samples.name(row)} has no program, and task.layout_weight needs the layout of every one. Set it to "
                "0, or give data with programs (`visreason generate` makes them)."
            )
        if len(modules) > steps:
            raise ProgramError(
                f"{samples.name(row)} has a layout of {len(modules)} steps, and the network has {steps}. Give it more "
                "with --model.steps."
            )


def _size(expressions: ClevrExpressions) -> str:
    height, width = expressions.frame
    return f"{width}x{height}"
