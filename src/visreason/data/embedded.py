"""The world that recipes train on when they are given no data: made once, kept in the cache folder."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

import orjson
from rich.console import Console

import visreason
from visreason.clevr.folder import ClevrFolder
from visreason.data.cache import cache_folder
from visreason.data.progress import shown_progress
from visreason.data.world import generate_world
from visreason.data.world_split import WorldSplit, folder_fingerprint
from visreason.errors import UsageError


def embedded_world(
    scenes: Mapping[str, int],
    split: str,
    *,
    questions_per_scene: int = 10,
    min_objects: int = 3,
    max_objects: int = 10,
    families: str | None = None,
    image_size: tuple[int, int] = (480, 320),
    images: bool = False,
    seed: int = 0,
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
        questions_per_scene, min_objects, max_objects, families, image_size, seed: as in `WorldSplit`.
        images: whether images are stored; without, models read states, or images are rendered when needed.
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
    if split not in scenes:
        raise UsageError(f"the embedded world has the splits {', '.join(scenes)}, not {split!r}.")
    worlds = {
        name: WorldSplit(
            split=name,
            scenes=count,
            questions_per_scene=questions_per_scene,
            image_size=image_size,
            images=images,
            seed=seed,
            min_objects=min_objects,
            max_objects=max_objects,
            families=families,
        )
        for name, count in scenes.items()
    }
    out = cache_folder() / "worlds" / _key(worlds, images=images)
    with shown_progress(console or Console(stderr=True)) as progress:
        return generate_world(out, worlds[split], jobs=jobs, wait=True, progress=progress).folder


def _key(worlds: Mapping[str, WorldSplit], *, images: bool) -> str:
    """A checksum of what a world is made of and of the code that makes it."""
    source = Path(visreason.__file__).parent
    rooms = ("clevr", "render") if images else ("clevr",)
    code = [folder_fingerprint(source / room, "*.py", "*.json") for room in rooms]
    settings = {name: world.arguments() for name, world in sorted(worlds.items())}
    return hashlib.sha256(orjson.dumps([visreason.__version__, code, settings])).hexdigest()[:16]
