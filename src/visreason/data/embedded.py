"""The world that recipes train on when they are given no data: made once, kept in the cache folder."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import orjson
from rich.console import Console

import visreason
from visreason.clevr.folder import ClevrFolder
from visreason.clevr.rules import NO_RULES, Rules
from visreason.data.cache import cache_folder
from visreason.data.progress import shown_progress
from visreason.data.region_world import RegionSplit, generate_regions
from visreason.data.sort_of_clevr import SortOfClevrSplit, generate_sort_of_clevr
from visreason.data.split_order import SplitOrder
from visreason.data.world import generate_world
from visreason.data.world_counterfactuals import CounterfactualSplit, make_counterfactuals
from visreason.data.world_split import RendererName, WorldSplit, folder_fingerprint
from visreason.errors import UsageError
from visreason.region_world.scene import RegionDesign


def embedded_world(
    scenes: Mapping[str, int],
    split: str,
    *,
    questions_per_scene: int = 10,
    only: Rules = NO_RULES,
    image_size: tuple[int, int] = (480, 320),
    images: bool = False,
    seed: int = 0,
    counterfactuals: int = 0,
    refexps_per_scene: int = 0,
    renderer: RendererName = "raycast",
    jobs: int | None = None,
    console: Console | None = None,
) -> ClevrFolder:
    """The folder of an embedded world, one split of which is made now if it was not made before.

    Worlds lie in `worlds/` of the cache folder, named after a checksum of the settings and of the code that
    makes them: another version of visreason makes its own, and two recipes with equal worlds share one.
    Splits never share a scene.

    Args:
        scenes: how many scenes each split of the world has, such as `{"train": 5000, "val": 500}`.
        split: which of them is needed.
        questions_per_scene, only, image_size, seed, refexps_per_scene, renderer: as in `WorldSplit`.
        images: whether images are stored; without, models read states, or images are rendered when needed.
        counterfactuals: minimal pairs of each scene of the split, which are made now too if there are none.
        jobs: processes; None takes one a core.
        console: where progress is shown; None shows it on standard error.

    Raises:
        UsageError: the split is not among `scenes`, or a setting is out of range.
        DataError: a file cannot be written.

    Example:
        >>> folder = embedded_world({"train": 3, "val": 2}, "val", jobs=1)
        >>> folder.splits(), folder.scenes_file("val").exists()
        (('val',), True)
    """
    _check_split(scenes, split)
    worlds = {
        name: WorldSplit(
            split=name,
            scenes=count,
            questions_per_scene=questions_per_scene,
            image_size=image_size,
            images=images,
            seed=seed,
            only=only,
            refexps_per_scene=refexps_per_scene,
            renderer=renderer,
        )
        for name, count in scenes.items()
    }
    place = _place(worlds, ("clevr", "render") if images or refexps_per_scene else ("clevr",))
    with shown_progress(console or Console(stderr=True)) as progress:
        made = generate_world(place, worlds[split], jobs=jobs, wait=True, progress=progress)
        if counterfactuals:
            edited = CounterfactualSplit(worlds[split], counterfactuals)
            make_counterfactuals(place, edited, jobs=jobs, wait=True, progress=progress)
    return made.folder


def embedded_sort_of_clevr(
    scenes: Mapping[str, int],
    split: str,
    *,
    questions_per_scene: int = 10,
    seed: int = 0,
    console: Console | None = None,
) -> ClevrFolder:
    """The folder of an embedded Sort-of-CLEVR world, images included; as `embedded_world`.

    Args:
        scenes: how many scenes each split of the world has, such as `{"train": 9800, "val": 200}`.
        split: which of them is needed.
        questions_per_scene, seed: as in `visreason.data.sort_of_clevr.SortOfClevrSplit`.
        console: where progress is shown; None shows it on standard error.

    Raises:
        UsageError: the split is not among `scenes`, or a setting is out of range.
        DataError: a file cannot be written.

    Example:
        >>> folder = embedded_sort_of_clevr({"train": 3, "val": 2}, "val")
        >>> folder.splits(), len(list(folder.images_dir("val").iterdir()))
        (('val',), 2)
    """
    _check_split(scenes, split)
    worlds = {
        name: SortOfClevrSplit(name, count, questions_per_scene, seed) for name, count in scenes.items()
    }
    with shown_progress(console or Console(stderr=True)) as progress:
        place = _place(worlds, ("sort_of_clevr",))
        return generate_sort_of_clevr(place, worlds[split], wait=True, progress=progress).folder


def embedded_regions(
    images: Mapping[str, int],
    split: str,
    *,
    image_size: int = 128,
    design: RegionDesign | None = None,
    seed: int = 0,
    jobs: int | None = None,
    console: Console | None = None,
) -> Path:
    """The folder of an embedded region world; as `embedded_world`.

    Args:
        images: how many images each split of the world has, such as `{"train": 3000, "val": 500}`.
        split: which of them is needed.
        image_size, design, seed: as in `visreason.data.region_world.RegionSplit`.
        jobs: processes; None takes one a core.
        console: where progress is shown; None shows it on standard error.

    Raises:
        UsageError: the split is not among `images`, or a setting is out of range.
        DataError: a file cannot be written.

    Example:
        >>> folder = embedded_regions({"train": 3, "val": 2}, "val", jobs=1)
        >>> sorted(path.name for path in (folder / "annotations").iterdir())
        ['instances_val.json']
    """
    _check_split(images, split)
    own = design or RegionDesign()
    worlds = {name: RegionSplit(name, count, image_size, seed, own) for name, count in images.items()}
    place = _place(worlds, ("clevr", "region_world"))
    with shown_progress(console or Console(stderr=True)) as progress:
        generate_regions(place, worlds[split], jobs=jobs, wait=True, progress=progress)
    return place


def _check_split(scenes: Mapping[str, int], split: str) -> None:
    if split not in scenes:
        raise UsageError(f"the embedded world has the splits {', '.join(scenes)}, not {split!r}.")


def _place(worlds: Mapping[str, SplitOrder], rooms: Sequence[str]) -> Path:
    """The folder named after a checksum of what a world is made of and of the code, room by room, that makes it."""
    source = Path(visreason.__file__).parent
    code = [folder_fingerprint(source / room, "*.py", "*.json") for room in rooms]
    settings = {name: world.arguments() for name, world in sorted(worlds.items())}
    key = hashlib.sha256(orjson.dumps([visreason.__version__, code, settings])).hexdigest()[:16]
    return cache_folder() / "worlds" / key
