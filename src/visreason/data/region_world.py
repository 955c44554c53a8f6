"""Making a region world: images with boxes in COCO's format, a knowledge graph, and what can be known at best.

    OUT/images/SPLIT/SPLIT_000000.png
    OUT/annotations/instances_SPLIT.json    boxes, masks and classes (`visreason.region_world.records`)
    OUT/knowledge.json                      the graph over the classes
    OUT/world.json                          what made each split, checksums, and the ceilings
    OUT/checksums/instances_SPLIT.sha256    as `sha256sum -c` reads them
    OUT/.unfinished/SPLIT/                  while at work: the annotations of windows of 25 images

Every image depends on the seed, the split's name and its own number alone, so the number of processes and any
interruption leave no mark on the result. `contents.ceilings` in `world.json` holds the accuracies of the four observers
of `visreason.region_world.oracles`: `expected` of the design, and `measured` on this split.
"""

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import orjson
from PIL import Image

from visreason import __version__
from visreason.clevr.sampling import scene_rng
from visreason.data.folder_lock import folder_lock
from visreason.data.parallel import resolve_jobs, run_tasks
from visreason.data.region_files import REGIONS, RegionFiles
from visreason.data.split_order import check_split_name
from visreason.data.world import Progress
from visreason.data.world_contents import contents_of, seal_split
from visreason.data.world_manifest import claim_split, read_manifest
from visreason.errors import UsageError
from visreason.files import read_json, write_atomically, write_json
from visreason.region_world.ceilings import Ceilings, CeilingTally, expected_ceilings
from visreason.region_world.drawing import draw_region_scene
from visreason.region_world.records import annotation_records, categories, image_record, knowledge
from visreason.region_world.scene import RegionDesign, RegionScene, sample_region_scene

WINDOW = 25
"""Images that are made, and kept, together."""

_SIDES = (64, 1024)
"""Sides of images, in pixels: on smaller ones something hidden might not be seen at all."""

_PNG_EFFORT = 1
"""zlib's level, as for the images of other worlds."""

_PART = "regions"


@dataclass(frozen=True, slots=True)
class RegionSplit:
    """One split of a region world; the same settings give the same bytes on any day and with any `jobs`.

    Attributes:
        split: its name, such as `"val"`; images of different splits differ, whatever the seed.
        images: how many.
        image_size: height and width of each, in pixels.
        seed: of everything.
        design: how much can be told from what.

    Raises:
        UsageError: a setting is out of range; names it.
    """

    split: str
    images: int
    image_size: int = 128
    seed: int = 0
    design: RegionDesign = field(default_factory=RegionDesign)

    def __post_init__(self) -> None:
        check_split_name(self.split)
        limits = {"images": (1, 10**6), "image_size": _SIDES, "seed": (0, 2**63)}
        for name, (least, most) in limits.items():
            value = getattr(self, name)
            if not least <= value <= most:
                raise UsageError(f"{name.replace('_', ' ')} must be {least} to {most}; got {value}.")

    @property
    def scenes(self) -> int:
        """How many images it has."""
        return self.images

    def texts(self, root: Path) -> tuple[Path, ...]:
        """The files of the split that are no images."""
        return (RegionFiles(root, self.split, self.images).annotations_file,)

    def arguments(self) -> dict[str, Any]:
        """All that decides the split's bytes."""
        own = {name: getattr(self, name) for name in ("images", "image_size", "seed")}
        return {"world": REGIONS} | own | asdict(self.design)


@dataclass(frozen=True, slots=True)
class GeneratedRegions:
    """A finished split of a region world.

    Attributes:
        folder: where it lies.
        split: its name.
        images, regions: how many it has.
        ceilings: the accuracies of the four observers on it.
    """

    folder: Path
    split: str
    images: int
    regions: int
    ceilings: Ceilings


def region_scene(wanted: RegionSplit, index: int) -> RegionScene:
    """One scene of a split, by its index.

    Example:
        >>> region_scene(RegionSplit("val", 8), 7).index
        7
    """
    rng = scene_rng(wanted.seed, wanted.split, index)
    return sample_region_scene(rng, wanted.design, index, wanted.split)


def generate_regions(
    out: Path,
    wanted: RegionSplit,
    *,
    jobs: int | None = None,
    overwrite: bool = False,
    wait: bool = False,
    progress: Progress = lambda stage, done, total: None,
) -> GeneratedRegions:
    """Make one split of a region world, or complete it where a former call was interrupted.

    Args:
        out: the folder; it is made, or is a world already that this split joins or continues.
        wanted: what the split holds.
        jobs: processes; None takes one a core. The result is the same for any number.
        overwrite: make the split anew, and put it into a folder that holds something else; only files of the
            same names are replaced.
        wait: wait while another process is at work in the folder, rather than raise.
        progress: called with the stage, the number done and the total.

    Raises:
        UsageError: the folder holds something else, or the split was made of other arguments.
        DataError: a file cannot be written.

    Example:
        >>> import tempfile
        >>> made = generate_regions(Path(tempfile.mkdtemp()), RegionSplit("val", 2), jobs=1)
        >>> made.images, made.ceilings["both"]["local"]
        (2, 1.0)
    """
    processes = resolve_jobs(jobs)
    if out.exists() and not out.is_dir():
        raise UsageError(f"{out} is a file; give the name of a folder.")
    out.mkdir(parents=True, exist_ok=True)
    files = RegionFiles(out, wanted.split, wanted.images)
    with folder_lock(out, wait=wait):
        claim_split(out, wanted, overwrite=overwrite)
        files.remove_leftovers()
        sealed = contents_of(read_manifest(out)["splits"][wanted.split]) is not None
        texts = not (sealed and files.annotations_file.exists())
        _make_windows(wanted, files, processes, progress, texts=texts)
        write_json(files.knowledge_file, knowledge())
        if texts:
            seal_split(files, {"images": wanted.images, **_assemble(wanted, files)})
        contents = read_manifest(out)["splits"][wanted.split]["contents"]
        files.remove_parts(_PART)
    return GeneratedRegions(
        out, wanted.split, wanted.images, contents["regions"], contents["ceilings"]["measured"]
    )


@dataclass(frozen=True, slots=True)
class RegionTask:
    """The making of one window of images, as it travels to another process."""

    wanted: RegionSplit
    root: Path
    window: range
    lacking: frozenset[int]
    texts: bool

    def __call__(self) -> int:
        """Write those images of the window that are lacking and, if asked, its annotations; return how many images."""
        wanted = self.wanted
        files = RegionFiles(self.root, wanted.split, wanted.images)
        images: list[str] = []
        annotations: list[str] = []
        tally = CeilingTally()
        for index in self.window:
            scene = region_scene(wanted, index)
            drawn = draw_region_scene(scene, wanted.image_size)
            if index in self.lacking:
                with write_atomically(files.image(index)) as file:
                    Image.fromarray(drawn.image).save(file, "PNG", compress_level=_PNG_EFFORT)
            images.append(_line(image_record(scene, wanted.image_size)))
            annotations += map(_line, annotation_records(scene, drawn))
            tally.add(scene, wanted.design)
        if self.texts:
            part = {"images": images, "annotations": annotations, "tally": tally.to_dict()}
            write_json(_part(files, self.window), part)
        return len(self.window)


def _make_windows(
    wanted: RegionSplit, files: RegionFiles, processes: int, progress: Progress, *, texts: bool
) -> None:
    """Make what is missing of every window."""
    lacking = files.lacking(images=True, masks=False)
    tasks = [
        RegionTask(wanted, files.root, window, lacking.intersection(window), texts)
        for window in _windows(wanted)
        if not lacking.isdisjoint(window) or (texts and not _part(files, window).exists())
    ]
    done = wanted.images - sum(len(task.window) for task in tasks)
    progress("images", done, wanted.images)
    for count in run_tasks(tasks, min(processes, len(tasks))):
        done += count
        progress("images", done, wanted.images)


def _assemble(wanted: RegionSplit, files: RegionFiles) -> dict[str, Any]:
    """Write the annotations from the windows' parts; return the number of regions, and the ceilings."""
    parts = [read_json(_part(files, window)) for window in _windows(wanted)]
    tally = CeilingTally()
    for part in parts:
        tally.add_dict(part["tally"])
    lines = (line for part in parts for line in part["annotations"])
    numbered = [orjson.Fragment(f'{{"id":{number},{line[1:]}') for number, line in enumerate(lines, start=1)]
    annotations = {
        "info": {"description": f"region world, split {wanted.split}", "version": __version__},
        "licenses": [],
        "images": [orjson.Fragment(line) for part in parts for line in part["images"]],
        "annotations": numbered,
        "categories": categories(),
    }
    write_json(files.annotations_file, annotations)
    ceilings = {"expected": expected_ceilings(wanted.design), "measured": tally.accuracies()}
    return {"regions": len(numbered), "ceilings": ceilings}


def _windows(wanted: RegionSplit) -> list[range]:
    """The images of every window."""
    return [range(first, min(first + WINDOW, wanted.images)) for first in range(0, wanted.images, WINDOW)]


def _part(files: RegionFiles, window: range) -> Path:
    """What is kept of a window until all are done."""
    return files.part(window.start // WINDOW, _PART)


def _line(record: dict[str, Any]) -> str:
    """A record as JSON text."""
    return orjson.dumps(record).decode()
