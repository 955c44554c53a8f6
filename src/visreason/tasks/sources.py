"""From a data folder, or no folder at all, to the samples that a model is trained and tested on."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from rich.console import Console

from visreason.clevr.folder import ClevrFolder
from visreason.clevr.questions_file import iter_questions
from visreason.data.dataset import ClevrAttributes, ClevrQuestions, collate
from visreason.data.images import Augmentation
from visreason.data.inputs import BlindView, ImageView, SceneView, StateView, View
from visreason.data.on_the_fly import RenderingCollate
from visreason.data.question_table import open_question_table
from visreason.data.vocabulary import CLEVR_VOCABULARY, Vocabulary
from visreason.errors import DataError, ModelError, VocabularyError
from visreason.nn.batch import Batch
from visreason.tasks.datamodule import TaskData
from visreason.tasks.recipe import AttributesTask, PixelInputs, Recipe

Collate = Callable[[list[Any]], Batch]


def training_data(recipe: Recipe, data: Path | None, console: Console) -> TaskData:
    """What a recipe is trained and validated on.

    Args:
        recipe: says which splits, what the model sees, and what the world holds.
        data: a data folder, or None for the generated world, which is made now if it was not made before.
        console: where the making of the world is shown.

    Raises:
        DataError: a file, scene or image is missing or broken.
        VocabularyError: the validation split has a word or answer that the training split has not.
    """
    assert data is not None
    folder = open_folder(data)
    train, validation = recipe.data.train, recipe.data.validation
    inputs, seed = recipe.inputs.to_meta(), recipe.training.seed
    views, collate_ = _views(recipe)
    samples: ClevrQuestions | ClevrAttributes
    if isinstance(recipe.task, AttributesTask):
        fraction = recipe.task.scene_fraction
        samples = ClevrAttributes(folder, train, views[0], fraction=fraction, limit=recipe.data.limit, seed=seed)
        meta: dict[str, Any] = {"inputs": inputs}
        return TaskData(samples.at_epoch, ClevrAttributes(folder, validation, views[1]), collate_, meta)
    vocabulary = vocabulary_of_data(folder.questions_file(train))
    samples = ClevrQuestions(folder, train, vocabulary, views[0], limit=recipe.data.limit, seed=seed)
    meta = {"inputs": inputs, "vocabulary": vocabulary.to_dict()}
    return TaskData(samples.at_epoch, ClevrQuestions(folder, validation, vocabulary, views[1]), collate_, meta)


def _views(recipe: Recipe) -> tuple[tuple[View, View], Collate]:
    """What the model sees while training and while measured, and how samples become a batch."""
    inputs = recipe.inputs
    if isinstance(inputs, PixelInputs) and inputs.render:
        gpu = torch.cuda.is_available() and recipe.training.accelerator != "cpu"
        return (SceneView(), SceneView()), RenderingCollate(inputs.image_size, "cuda" if gpu else "cpu")
    augment = isinstance(inputs, PixelInputs) and inputs.augment
    return (view_of(inputs.to_meta(), augment=augment), view_of(inputs.to_meta())), collate


def open_folder(path: Path) -> ClevrFolder:
    """A data folder.

    Raises:
        DataError: it does not exist, or has another layout.
    """
    folder = ClevrFolder(path)
    if not folder.splits():
        raise DataError(
            f"{path} is not in CLEVR v1.0 layout: it has neither scenes/CLEVR_SPLIT_scenes.json nor "
            "questions/CLEVR_SPLIT_questions.json. `visreason generate` makes such a folder."
        )
    return folder


def vocabulary_of_data(questions: Path) -> Vocabulary:
    """CLEVR's vocabulary, with what else a file of training questions says appended in order of first occurrence.

    Args:
        questions: in CLEVR v1.0's format.
    """
    try:
        open_question_table(questions, CLEVR_VOCABULARY)
    except VocabularyError:
        found = Vocabulary.from_questions((each.text, each.answer) for each in iter_questions(questions))
        known = CLEVR_VOCABULARY
        words = [*known.words, *(word for word in found.words if word not in known.words)]
        answers = [*known.answers, *(answer for answer in found.answers if answer not in known.answers)]
        return Vocabulary(tuple(words), tuple(answers))
    return CLEVR_VOCABULARY


def view_of(inputs: Mapping[str, Any], *, augment: bool = False) -> View:
    """What a model sees, from what its file says of its inputs.

    Args:
        inputs: the `inputs` of a model file.
        augment: pad, crop and turn images at random.

    Raises:
        ModelError: the inputs are of an unknown kind.

    Example:
        >>> view_of({"kind": "state", "encoding": "onehot", "max_objects": 10})
        StateView(encoding='onehot', max_objects=10)
    """
    match inputs["kind"]:
        case "pixels":
            return ImageView(tuple(inputs["image_size"]), Augmentation() if augment else None)
        case "state":
            return StateView(inputs["encoding"], inputs["max_objects"])
        case "question":
            return BlindView()
    raise ModelError(f"the model reads {inputs['kind']!r}, which this version of visreason cannot show it.")
