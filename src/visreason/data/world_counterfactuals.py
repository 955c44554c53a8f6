"""Minimal pairs of a generated split: a split of its own in the same folder, made from the finished one.

The layout is that of `visreason.clevr.counterfactual_files`. Like every split it is made window by window,
completed by the same call where it was interrupted, the same for any number of processes, and has its entry
in `world.json`; the split it is made from is not touched, so pairs can be added to a world later.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count as naturals
from itertools import groupby, islice
from pathlib import Path
from typing import Any

from visreason.clevr.counterfactual_files import counterfactual_split, numbered, pair_records
from visreason.clevr.counterfactuals import minimal_pairs
from visreason.clevr.folder import ClevrFolder
from visreason.clevr.question import Question
from visreason.clevr.questions import WINDOW
from visreason.clevr.questions_file import iter_questions
from visreason.clevr.records import write_records
from visreason.clevr.sampling import scene_rng
from visreason.clevr.scene import Scene
from visreason.clevr.scenes_file import iter_scenes, release_info
from visreason.data.compression import compress_texts
from visreason.data.folder_lock import folder_lock
from visreason.data.parallel import resolve_jobs
from visreason.data.world import Progress, make_images, run_stage
from visreason.data.world_contents import seal_split
from visreason.data.world_files import WorldFiles
from visreason.data.world_manifest import claim_split, forget_split, note_questions, read_manifest
from visreason.data.world_split import WorldSplit
from visreason.errors import UsageError
from visreason.files import read_json, write_json


@dataclass(frozen=True, slots=True)
class CounterfactualSplit:
    """The minimal pairs of one split of a generated world.

    Attributes:
        of: the split whose scenes are edited and whose questions are asked again.
        per_scene: minimal pairs of each scene, if so many are found.

    Raises:
        UsageError: the split asks no questions, or fewer than one pair is wanted.

    Example:
        >>> pairs = CounterfactualSplit(WorldSplit("val", 100), 2)
        >>> pairs.split, pairs.scenes
        ('cf_val', 200)
    """

    of: WorldSplit
    per_scene: int

    def __post_init__(self) -> None:
        if self.per_scene < 1:
            raise UsageError(f"--counterfactuals must be at least 1; got {self.per_scene}.")
        if not self.of.questions_per_scene:
            raise UsageError("minimal pairs ask a scene's questions again, but --questions-per-scene is 0.")

    @property
    def split(self) -> str:
        """The name of the split that holds the pairs."""
        return counterfactual_split(self.of.split)

    @property
    def scenes(self) -> int:
        """How many edited scenes it has at most."""
        return self.of.scenes * self.per_scene

    def texts(self, root: Path) -> tuple[Path, ...]:
        """The files of the split that are no images."""
        folder = ClevrFolder(root)
        return folder.scenes_file(self.split), folder.questions_file(self.split)

    def arguments(self) -> dict[str, Any]:
        """All that decides the split's bytes."""
        of = replace(self.of, refexps_per_scene=0, captions_per_scene=0)  # which the pairs do not depend on
        return of.arguments() | {"scenes": self.scenes, "counterfactuals": self.per_scene}


@dataclass(frozen=True, slots=True)
class PairsTask:
    """The making of the pairs of one window of 250 scenes, as it travels to another process."""

    wanted: CounterfactualSplit
    root: Path
    window: int
    asked: tuple[tuple[Scene, tuple[Question, ...]], ...]

    def __call__(self) -> int:
        """Make the window's part; return its number of scenes."""
        of, rules = self.wanted.of, self.wanted.of.only
        pairs = minimal_pairs(
            self.asked,
            self.wanted.per_scene,
            scene_rng(of.seed, self.wanted.split, self.window),
            min_objects=rules.counts[0],
            max_objects=rules.counts[1],
            allowed=lambda scene: not rules.broken_by_scene(scene),
        )
        records = list(map(pair_records, pairs))
        part = {"scenes": [scene for scene, _ in records], "questions": [question for _, question in records]}
        write_json(WorldFiles(self.root, self.wanted.split, of.scenes).part(self.window), part)
        return len(self.asked)


def make_counterfactuals(
    out: Path,
    wanted: CounterfactualSplit,
    *,
    jobs: int | None = None,
    compress: bool = False,
    overwrite: bool = False,
    wait: bool = False,
    progress: Progress = lambda stage, done, total: None,
) -> int:
    """Make the minimal pairs of a finished split, or complete them where a former call was interrupted.

    Where the split has become longer since, they are made anew.

    Args:
        out: the folder of a world that holds the split.
        wanted: which split, and how many pairs of each scene.
        jobs: processes; None takes one a core. The result is the same for any number.
        compress: store scenes and questions as `.json.gz`.
        overwrite: make the pairs anew.
        wait: wait while another process is at work in the folder, rather than raise.
        progress: called with the stage, the number done and the total.

    Returns:
        The number of pairs; fewer than asked for where a scene's questions allow no more.

    Raises:
        UsageError: the pairs were made of other arguments.
        DataError: a file of the split is missing or broken, or cannot be written.

    Example:
        >>> import tempfile
        >>> from visreason.data.world import generate_world
        >>> out, split = Path(tempfile.mkdtemp()), WorldSplit("val", 2, images=False)
        >>> made = generate_world(out, split, jobs=1)
        >>> make_counterfactuals(out, CounterfactualSplit(split, 3), jobs=1), made.folder.splits()
        (6, ('cf_val', 'val'))
    """
    processes = resolve_jobs(jobs)
    parts = WorldFiles(out, wanted.split, wanted.of.scenes)
    with folder_lock(out, wait=wait):
        if _is_longer(out, wanted):
            forget_split(out, wanted.split)
        count = claim_split(out, wanted, overwrite=overwrite)
        parts.remove_leftovers()
        if count is None:
            _make_windows(wanted, parts, processes, progress)
            count = _assemble(parts)
            note_questions(out, wanted.split, count)
        parts.remove_parts()
        pictures = replace(wanted.of, split=wanted.split, scenes=count)
        files = WorldFiles(out, wanted.split, count)
        make_images(pictures, files, processes, progress)
        made = bool(compress and compress_texts(files))
        shown = {"images": count * wanted.of.images, "masks": count * wanted.of.masks}
        seal_split(files, {"scenes": count, "questions": count, **shown}, anew=made)
    return count


def _is_longer(out: Path, wanted: CounterfactualSplit) -> bool:
    """Whether the pairs that are there were made when the split had fewer scenes, and differ in nothing else."""
    known = read_manifest(out)["splits"].get(wanted.split, {"arguments": {}})["arguments"]
    arguments = wanted.arguments()
    same: bool = known | {"scenes": arguments["scenes"]} == arguments
    return same and known["scenes"] < arguments["scenes"]


def _make_windows(wanted: CounterfactualSplit, parts: WorldFiles, jobs: int, progress: Progress) -> None:
    """Make the windows that are missing."""
    missing = [window for window in range(parts.windows) if not parts.part(window).exists()]
    tasks = (
        PairsTask(wanted, parts.root, window, asked)
        for window, asked in enumerate(_windows(WorldFiles(parts.root, wanted.of.split, wanted.of.scenes)))
        if window in missing
    )
    done = wanted.of.scenes - sum(len(parts.window(window)) for window in missing)
    run_stage("counterfactuals", tasks, done, wanted.of.scenes, min(jobs, len(missing)), progress)


def _windows(files: WorldFiles) -> Iterator[tuple[tuple[Scene, tuple[Question, ...]], ...]]:
    """The scenes of a split, each with the questions about it, a window at a time."""
    asked = _asked(files)
    while window := tuple(islice(asked, WINDOW)):
        yield window


def _asked(files: WorldFiles) -> Iterator[tuple[Scene, tuple[Question, ...]]]:
    """The scenes of a split, each with the questions about it; both files are in the order of the images."""
    groups = groupby(iter_questions(files.questions_file), key=lambda question: question.image_index)
    index, questions = next(groups, (-1, iter(())))
    for scene in iter_scenes(files.scenes_file):
        about: tuple[Question, ...] = ()
        if scene.image_index == index:
            about = tuple(questions)
            index, questions = next(groups, (-1, iter(())))
        yield scene, about


def _assemble(parts: WorldFiles) -> int:
    """Write the scenes and the questions file from the windows' parts; return the number of pairs."""
    info = release_info(parts.split)
    write_records(parts.scenes_file, "scenes", _numbered(parts, "scenes"), info)
    return write_records(parts.questions_file, "questions", _numbered(parts, "questions"), info)


def _numbered(parts: WorldFiles, key: str) -> Iterator[dict[str, Any]]:
    """The scenes' or questions' records of all pairs, numbered through."""
    records = (record for window in range(parts.windows) for record in read_json(parts.part(window))[key])
    return map(numbered, records, naturals())
