"""From a data folder, or no folder at all, to the samples that a model is trained and tested on."""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import torch
from rich.console import Console

from visreason.clevr.folder import ClevrFolder
from visreason.clevr.questions_file import iter_questions
from visreason.data.attribute_targets import CLEVR_VALUES
from visreason.data.dataset import ClevrAttributes, ClevrQuestions
from visreason.data.expressions import QuestionsAndExpressions, with_expression_words
from visreason.data.features.cells import CellView
from visreason.data.features.choice import choice_of, feature_shape
from visreason.data.features.view import (
    BackboneCollate,
    FeatureView,
    find_store,
)
from visreason.data.hdf5 import HDF5_SUFFIXES
from visreason.data.iep_questions import iep_vocabulary
from visreason.data.images import Alteration, Augmentation, InTurn
from visreason.data.inputs import BlindView, ImageView, SceneView, StateView, View
from visreason.data.object_moves import Displacement
from visreason.data.object_targets import ClevrObjects
from visreason.data.photometric import Photometric
from visreason.data.question_table import open_question_table
from visreason.data.relation_targets import read_relation_targets
from visreason.data.samples import collate
from visreason.data.vocabulary import CLEVR_VOCABULARY, SORT_OF_CLEVR_VOCABULARY, Vocabulary
from visreason.errors import ModelError, VocabularyError
from visreason.models import ModelFile
from visreason.models.stack_nmn import StackNmnConfig
from visreason.nn.backbone import on_device
from visreason.nn.backbones import load_backbone
from visreason.tasks.abilities import vocabulary_of
from visreason.tasks.folders import data_folder
from visreason.tasks.layout_data import layout_data, layout_samples
from visreason.tasks.loader import Collate, TaskData
from visreason.tasks.program_data import check_programs, programs_shown, scenes_of
from visreason.tasks.recipes.kinds import FeatureInputs, Inputs, PixelInputs
from visreason.tasks.recipes.layout_tasks import JointTask, LayoutLearning, LocatingTask
from visreason.tasks.recipes.recipe import Recipe
from visreason.tasks.recipes.region_task import RegionsTask
from visreason.tasks.recipes.task_kinds import (
    ENGINES,
    AnsweringTask,
    AttributesTask,
    ObjectsTask,
    ProgramsTask,
    RelationsTask,
)
from visreason.tasks.region_data import region_training_data
from visreason.tasks.starting_weights import starting_image_network

Samples = ClevrQuestions | ClevrAttributes | ClevrObjects | QuestionsAndExpressions
"""What a model can be tested on in a folder of questions."""


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
    if isinstance(recipe.task, RegionsTask):
        return region_training_data(recipe, data, console)
    train, validation = recipe.data.train, recipe.data.validation
    folder = data_folder(recipe, data, (train, validation), console)
    seed = recipe.training.seed
    views, to_batch = _views(recipe)
    inputs = inputs_of(recipe, folder)
    samples: ClevrQuestions | ClevrAttributes
    if isinstance(recipe.task, AttributesTask):
        fraction = recipe.task.scene_fraction
        samples = ClevrAttributes(
            folder, train, views[0], fraction=fraction, limit=recipe.data.limit, seed=seed
        )
        measured_scenes = ClevrAttributes(folder, validation, views[1])
        names = list(samples.names)
        return TaskData(
            samples.at_epoch, measured_scenes, to_batch, meta={"inputs": inputs, "attributes": names}
        )
    if isinstance(recipe.task, ObjectsTask):
        moves = Displacement() if isinstance(recipe.inputs, PixelInputs) and recipe.inputs.augment else None
        scenes = ClevrObjects(folder, train, views[0], limit=recipe.data.limit, seed=seed, moves=moves)
        return TaskData(
            scenes.at_epoch, ClevrObjects(folder, validation, views[1]), to_batch, meta={"inputs": inputs}
        )
    if isinstance(recipe.task, RelationsTask):
        counted, measured_counts = (
            ClevrAttributes(folder, split, view, read=read_relation_targets, limit=limit, seed=seed)
            for split, view, limit in zip((train, validation), views, (recipe.data.limit, None), strict=True)
        )
        return TaskData(counted.at_epoch, measured_counts, to_batch, meta={"inputs": inputs})
    vocabulary = _vocabulary(recipe, folder)
    if isinstance(recipe.task, LayoutLearning):
        return layout_data(recipe, folder, vocabulary, views, to_batch, inputs)
    limit, share = recipe.data.limit, recipe.batch.per_image > 1
    if isinstance(recipe.task, ProgramsTask):  # the others teach a generator nothing
        limit = min((one for one in (limit, recipe.task.programs) if one is not None), default=None)
    referents = isinstance(recipe.task, AnsweringTask) and recipe.task.referent_weight > 0
    samples = ClevrQuestions(
        folder, train, vocabulary, views[0], limit=limit, seed=seed, share=share, referents=referents
    )
    measured = ClevrQuestions(folder, validation, vocabulary, views[1])
    shown = programs_shown(recipe, len(samples))
    check_programs(samples, shown, train)
    if recipe.model.family in ENGINES:
        check_programs(measured, len(measured), validation)
    return TaskData(
        samples.at_epoch,
        measured,
        to_batch,
        meta={"inputs": inputs, "vocabulary": vocabulary.to_dict()},
        images=samples.image_numbers,
        shown=shown,
        scenes=scenes_of(folder, validation),
    )


def samples_for(
    model: ModelFile, folder: ClevrFolder, split: str, limit: int | None = None, *, render: bool = False
) -> tuple[Samples, Collate]:
    """What a model can be tested on in a data folder, and how samples become a batch.

    Args:
        model: says what it sees, and which words it knows.
        folder: in CLEVR v1.0 layout.
        split: such as `"val"`.
        limit: only so many, from the start of the file.
        render: make the images from the scenes, as the model was trained, instead of reading files.

    Raises:
        ModelError: the model has no vocabulary.
        DataError: a file, scene or image is missing or broken.
        VocabularyError: a question has a word or answer that the model does not know.
    """
    inputs = model.meta["inputs"]
    view = SceneView() if render else view_of(inputs)
    to_batch = _rendering(tuple(inputs["image_size"])) if render else batches_of(inputs)
    if model.family == "attribute-cnn":
        scenes = ClevrAttributes(folder, split, view, limit=limit)
        known = tuple(model.meta.get("attributes", CLEVR_VALUES))
        if scenes.names != known:
            raise ModelError(
                f"this network names {', '.join(known[:3])} and so on; the scenes of {folder.root} hold "
                f"{', '.join(scenes.names[:3])} and so on. Give a world like the one it was trained on."
            )
        return scenes, to_batch
    if model.family == "attribute-detector":
        return ClevrObjects(folder, split, view, limit=limit), to_batch
    if model.family == "relation-counter":
        return ClevrAttributes(folder, split, view, read=read_relation_targets, limit=limit), to_batch
    vocabulary = vocabulary_of(model)
    if isinstance(model.config, StackNmnConfig):
        return layout_samples(model.config, folder, split, vocabulary, view, limit), to_batch
    return ClevrQuestions(folder, split, vocabulary, view, limit=limit), to_batch


def _views(recipe: Recipe) -> tuple[tuple[View, View], Collate]:
    """What the model sees while training and while measured, and how samples become a batch."""
    inputs = recipe.inputs
    if recipe.model_init.conv_frozen and isinstance(inputs, PixelInputs):
        eyes = starting_image_network(recipe.model_init)
        training, measuring = (CellView(eyes, inputs.image_size, on_device()) for _ in range(2))
        return (training, measuring), collate
    if isinstance(inputs, PixelInputs) and inputs.render:
        to_batch = _rendering(inputs.image_size, gpu=recipe.training.accelerator != "cpu")
        return (SceneView(jitter=inputs.jitter), SceneView()), to_batch
    meta = inputs.to_meta()
    places = isinstance(recipe.task, ObjectsTask)  # they are moved with the images (`Displacement`)
    return (view_of(meta, _alteration(inputs, moves=not places)), view_of(meta)), batches_of(meta)


def _alteration(inputs: Inputs, *, moves: bool) -> Alteration | None:
    """What training does to images; without `moves` everything stays where it is."""
    light = (
        Photometric(inputs.photometric) if isinstance(inputs, PixelInputs) and inputs.photometric else None
    )
    move = Augmentation() if moves and isinstance(inputs, PixelInputs) and inputs.augment else None
    return InTurn((light, move)) if light and move else light or move


def inputs_of(recipe: Recipe, folder: ClevrFolder) -> dict[str, Any]:
    """What a model file says of its inputs: what the recipe says, and the shape of features.

    Args:
        recipe: says what the model sees.
        folder: the data.

    Raises:
        DataError: there are no features where the recipe says.
        ModelError, UsageError: the backbone cannot be made.
    """
    meta = recipe.inputs.to_meta()
    if not isinstance(recipe.inputs, FeatureInputs):
        return meta
    choice = choice_of(meta)
    if recipe.inputs.on_the_fly:
        return meta | {"shape": list(load_backbone(choice).shape(choice.size))}
    store = find_store(folder, recipe.data.train, choice, recipe.inputs.features)
    return meta | {"shape": list(store.shape)}


def batches_of(inputs: Mapping[str, Any]) -> Collate:
    """How samples of a view become a batch: side by side, or through a backbone first.

    Args:
        inputs: the `inputs` of a model file.
    """
    if inputs["kind"] == "features" and inputs.get("on_the_fly"):
        return BackboneCollate(load_backbone(choice_of(inputs)), on_device())
    return collate


def _rendering(size: tuple[int, int], *, gpu: bool = True) -> Collate:
    """Batches rendered on the device that trains or tests."""
    from visreason.data.on_the_fly import RenderingCollate  # the renderer takes a second to import

    return RenderingCollate(size, "cuda" if gpu and torch.cuda.is_available() else "cpu")


def _vocabulary(recipe: Recipe, folder: ClevrFolder) -> Vocabulary:
    """The words and answers of a recipe's training texts: of questions, expressions or both."""
    locates = isinstance(recipe.task, LocatingTask)
    asks = not locates or isinstance(recipe.task, JointTask)
    split = recipe.data.train
    vocabulary = vocabulary_of_data(folder.questions_file(split)) if asks else CLEVR_VOCABULARY
    return with_expression_words(vocabulary, folder.referring_file(split)) if locates else vocabulary


def vocabulary_of_data(questions: Path) -> Vocabulary:
    """CLEVR's vocabulary, with what else a file of training questions says appended in order of first occurrence;
    Sort-of-CLEVR's where that says it all, and that of `vocab.json` where the file is clevr-iep's.

    Args:
        questions: in the format of CLEVR v1.0 or clevr-iep.

    Raises:
        DataError: the file, or the `vocab.json` beside it, is missing or broken.
    """
    if questions.suffix in HDF5_SUFFIXES:
        return iep_vocabulary(questions)
    for known in (CLEVR_VOCABULARY, SORT_OF_CLEVR_VOCABULARY):
        with suppress(VocabularyError):
            open_question_table(questions, known)
            return known
    found = Vocabulary.from_questions((each.text, each.answer) for each in iter_questions(questions))
    known = CLEVR_VOCABULARY
    words = [*known.words, *(word for word in found.words if word not in known.words)]
    answers = [*known.answers, *(answer for answer in found.answers if answer not in known.answers)]
    return Vocabulary(tuple(words), tuple(answers))


def view_of(inputs: Mapping[str, Any], alteration: Alteration | None = None) -> View:
    """What a model sees, from what its file says of its inputs.

    Args:
        inputs: the `inputs` of a model file.
        alteration: what training does to images.

    Raises:
        ModelError: the inputs are of an unknown kind.

    Example:
        >>> view_of({"kind": "state", "encoding": "onehot", "max_objects": 10})
        StateView(encoding='onehot', max_objects=10)
    """
    match inputs["kind"]:
        case "pixels":
            return ImageView(tuple(inputs["image_size"]), alteration)
        case "features":
            choice = choice_of(inputs)
            if inputs.get("on_the_fly"):
                return ImageView(choice.size, bicubic=True)
            return FeatureView(choice, inputs.get("features"), feature_shape(inputs))
        case "state":
            return StateView(inputs["encoding"], inputs["max_objects"])
        case "question":
            return BlindView()
    raise ModelError(f"the model reads {inputs['kind']!r}, which this version of visreason cannot show it.")
