"""From images with boxes to the samples that networks of regions are trained and tested on."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from rich.console import Console

from visreason.data.class_graph import build_graph
from visreason.data.embedded import embedded_regions
from visreason.data.features.choice import choice_of
from visreason.data.knowledge import KnowledgeGraph, Pairs, read_knowledge
from visreason.data.region_files import KNOWLEDGE
from visreason.data.regions.dataset import RegionDataset
from visreason.data.regions.folder import read_regions
from visreason.data.regions.region_set import RegionSet
from visreason.data.relationships import stated_relations
from visreason.data.wordnet import DEBIAN, open_wordnet
from visreason.errors import DataError
from visreason.nn.backbones import load_backbone
from visreason.tasks.loader import TaskData
from visreason.tasks.recipes.kinds import RegionInputs
from visreason.tasks.recipes.recipe import Recipe
from visreason.tasks.recipes.region_task import RegionsTask
from visreason.tasks.recipes.worlds import RegionWorld
from visreason.tasks.region_batches import region_batches

_GRAPHS = frozenset({"region-global", "region-full"})
"""Families with a graph of classes."""

_PROBE = 256
"""The side of the image that tells the stride of a backbone's features."""


def region_training_data(recipe: Recipe, data: Path | None, console: Console) -> TaskData:
    """What a recipe of regions is trained and validated on; what is odd in the data is told on the console.

    Args:
        recipe: says which splits, what the model sees, and what the world holds.
        data: a folder in any layout of `visreason.data.regions.folder`, or None for the generated world.
        console: where the making of the world is shown.

    Raises:
        DataError: a file or image is missing or broken, or both splits hold the same image.
    """
    inputs, task = recipe.inputs, recipe.task
    assert isinstance(inputs, RegionInputs)
    assert isinstance(task, RegionsTask)
    names = (recipe.data.train, recipe.data.validation)
    folder = region_folder(recipe, data, names, console)
    with _telling("data.train", names[0]):
        seen = read_regions(folder, names[0], minimum=task.minimum)
    with _telling("data.validation", names[1]):
        measured = read_regions(folder, names[1], classes=seen.classes)
    for name, split in zip(names, (seen, measured), strict=True):
        if split.report.oddities:
            console.print(split.report.text(name), markup=False, soft_wrap=True)
    _check_apart(seen, measured, names)
    if recipe.data.limit is not None:
        seen = replace(seen, images=seen.images[: recipe.data.limit])
    samples = RegionDataset(seen, short=inputs.short, long=inputs.long, flips=inputs.flips)
    meta = {"inputs": inputs.to_meta(), "classes": list(seen.classes), "frequencies": seen.counts().tolist()}
    knowledge = None
    if recipe.model.family in _GRAPHS and task.knowledge:
        knowledge = class_knowledge(folder, seen, task, console)
        meta |= knowledge_meta(knowledge)
    backbone = None
    if inputs.backbone is not None:
        backbone = load_backbone(choice_of(meta["inputs"]))
        channels, height, _ = backbone.shape((_PROBE, _PROBE))
        meta["inputs"] |= {"features": [channels, _PROBE // height]}
    return TaskData(
        lambda epoch: samples,
        RegionDataset(measured, short=inputs.short, long=inputs.long),
        region_batches(backbone),
        meta,
        knowledge=knowledge,
    )


@contextmanager
def _telling(setting: str, split: str) -> Iterator[None]:
    """Errors of a reader say which setting names the split."""
    try:
        yield
    except DataError as error:
        raise DataError(f"{error} The split {split!r} is that of --{setting}.") from error


def region_folder(recipe: Recipe, data: Path | None, splits: Sequence[str], console: Console) -> Path:
    """A recipe's folder of images with boxes: the one that was given, or the generated world.

    Args:
        recipe: says what the world holds.
        data: a folder, or None for the generated world.
        splits: those of the world that are needed; they are made now if they were not made before.
        console: where the making is shown.

    Raises:
        DataError: there is no such folder.
        UsageError: the world has no such split.
    """
    if data is not None:
        if not data.exists():
            raise DataError(
                f"{data} does not exist. Give a folder of images with boxes (see docs/regions.md)."
            )
        return data
    world = recipe.world
    assert isinstance(world, RegionWorld)
    images = {recipe.data.train: world.images, recipe.data.validation: world.validation_images}
    for split in splits:
        folder = embedded_regions(
            images,
            split,
            image_size=world.image_size,
            design=world.design(),
            seed=world.seed,
            console=console,
        )
    return folder


def class_knowledge(folder: Path, seen: RegionSet, task: RegionsTask, console: Console) -> KnowledgeGraph:
    """What is known of the classes: the data's own knowledge.json or names and WordNet, and what is seen together.

    Args:
        folder: of the data.
        seen: the training regions.
        task: says what is wanted.
        console: where it is told what is missing.

    Raises:
        DataError: a file is broken.
    """
    own = folder / KNOWLEDGE
    told, nouns = None, None
    if own.is_file():
        told = _told(own, seen.classes)
    else:
        nouns = open_wordnet(None if task.wordnet is None else Path(task.wordnet))
        if nouns is None:
            console.print(f"no WordNet at {DEBIAN}: the graph has no kinds, parts and likeness of classes.")
    vectors = None if task.vectors is None else Path(task.vectors)
    graph, _ = build_graph(
        seen.classes,
        wordnet=nouns,
        told=told,
        annotations=seen if task.cooccurrence else None,
        stated=stated_relations(folder, seen) if task.cooccurrence else None,
        vectors=vectors,
    )
    if not len(graph.edges):
        console.print("nothing is known of the classes: the graph has messages between regions alone.")
    return graph


def knowledge_meta(graph: KnowledgeGraph) -> dict[str, Any]:
    """What a model file says of the graph that its model was made for."""
    size = graph.vectors.shape[1] if len(graph.edges) else 0
    return {"relations": list(graph.relations), "edge_count": len(graph.edges), "vector_size": size}


def _told(path: Path, classes: Sequence[str]) -> dict[str, Pairs]:
    """The edges of a knowledge file between given classes.

    Raises:
        DataError: the file does not list one of them.
    """
    listed, relations = read_knowledge(path)
    missing = [name for name in classes if name not in listed]
    if missing:
        raise DataError(
            f"{path} does not list the class {missing[0]!r} of the data. Add it, or remove the file."
        )
    known = set(classes)
    return {
        name: {pair: weight for pair, weight in pairs.items() if known.issuperset(pair)}
        for name, pairs in relations.items()
    }


def _check_apart(seen: RegionSet, measured: RegionSet, names: tuple[str, str]) -> None:
    """Make sure that no image is both trained and measured on."""
    both = {image.file for image in seen.images} & {image.file for image in measured.images}
    if both:
        raise DataError(
            f"the splits {names[0]} and {names[1]} have {len(both):,} in common, such as {min(both).name}. Give data "
            "with two splits: annotations/instances_train.json and annotations/instances_val.json."
        )
