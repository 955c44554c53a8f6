"""Making a world: a folder in CLEVR v1.0's layout with scenes, questions, programs, answers and images.

    OUT/world.json                          what made each split
    OUT/scenes/CLEVR_SPLIT_scenes.json
    OUT/questions/CLEVR_SPLIT_questions.json
    OUT/questions/CLEVR_loc_SPLIT_questions.json   with referring expressions
    OUT/captions/CLEVR_SPLIT_captions.json         with captions
    OUT/images/SPLIT/CLEVR_SPLIT_000000.png
    OUT/masks/SPLIT/CLEVR_SPLIT_000000.png  with masks: 0 is the floor, i + 1 the scene's object i
    OUT/checksums/CLEVR_SPLIT.sha256        of all these files, as `sha256sum -c` reads them
    OUT/.unfinished/SPLIT/                  while at work: windows of 250 scenes with their questions

Every part depends on the settings and its own number alone, so the number of processes and any interruption
leave no mark on the result. `pixel_coords` of the scenes are those of a 480x320 image, whatever size is
rendered, as readers of CLEVR's scenes expect.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from visreason.clevr.counterfactual_files import counterfactual_split
from visreason.clevr.folder import ClevrFolder
from visreason.clevr.questions import QuestionEngine
from visreason.data.compression import compress_texts
from visreason.data.folder_lock import folder_lock
from visreason.data.parallel import resolve_jobs, run_tasks
from visreason.data.world_contents import seal_split
from visreason.data.world_files import WorldFiles
from visreason.data.world_manifest import claim_split, forget_split, note_questions
from visreason.data.world_probe import check_rules
from visreason.data.world_referring import (
    PART,
    TextEngines,
    assemble_texts,
    count_texts,
    text_engines,
    text_tasks,
)
from visreason.data.world_split import WorldSplit
from visreason.data.world_windows import WindowTask, assemble, question_engines
from visreason.errors import UsageError

Progress = Callable[[str, int, int], None]
"""Called with what is being made, how many are done and how many there are to do."""


@dataclass(frozen=True, slots=True)
class Generated:
    """A finished split of a world.

    Attributes:
        folder: where it lies.
        split: its name.
        scenes: how many it has.
        questions: how many it has; fewer than asked for where a scene has too few well-posed ones.
        images, masks: how many it has.
        refexps, captions: how many it has.
    """

    folder: ClevrFolder
    split: str
    scenes: int
    questions: int
    images: int
    masks: int
    refexps: int = 0
    captions: int = 0

    def counts(self) -> dict[str, int]:
        """Kind to how many the split has of it."""
        kinds = ("scenes", "questions", "refexps", "captions", "images", "masks")
        return {kind: getattr(self, kind) for kind in kinds}


def generate_world(
    out: Path,
    wanted: WorldSplit,
    *,
    jobs: int | None = None,
    compress: bool = False,
    overwrite: bool = False,
    wait: bool = False,
    progress: Progress = lambda stage, done, total: None,
) -> Generated:
    """Make one split of a world, complete it where a former call was interrupted, or make it longer.

    Args:
        out: the folder; it is made, or is a world already that this split joins or continues.
        wanted: what the split holds; more scenes than a finished split has are added to it.
        jobs: processes; None takes one a core. The result is the same for any number.
        compress: store scenes, questions and captions as `.json.gz`.
        overwrite: make the split anew, and put it into a folder that holds something else; only files of the
            same names are replaced.
        wait: wait while another process is at work in the folder, rather than raise.
        progress: called with the stage, the number done and the total.

    Raises:
        UsageError: the folder holds something else, the split was made of other arguments, the arguments
            cannot be met, or the rules leave nothing to generate.
        DataError: the templates are malformed, or a file cannot be written.

    Example:
        >>> import tempfile
        >>> made = generate_world(Path(tempfile.mkdtemp()), WorldSplit("val", 2, images=False), jobs=1)
        >>> made.scenes, made.questions, made.folder.splits()
        (2, 20, ('val',))
    """
    processes = resolve_jobs(jobs)
    if out.exists() and not out.is_dir():
        raise UsageError(f"{out} is a file; give the name of a folder.")
    engines, text_makers = question_engines(wanted), text_engines(wanted)
    check_rules(wanted, engines)
    out.mkdir(parents=True, exist_ok=True)
    files = WorldFiles(out, wanted.split, wanted.scenes)
    with folder_lock(out, wait=wait):
        if overwrite:
            forget_split(out, counterfactual_split(wanted.split))  # pairs of scenes that are no more
        questions = claim_split(out, wanted, overwrite=overwrite)
        files.remove_leftovers()
        if questions is None:
            _make_windows(wanted, engines, files, processes, progress)
            questions = assemble(files)
            note_questions(out, wanted.split, questions)
        files.remove_parts()
        _make_texts(wanted, text_makers, files, processes, progress)
        make_images(wanted, files, processes, progress)
        made = bool(compress and compress_texts(files))
        images, masks = wanted.scenes * wanted.images, wanted.scenes * wanted.masks
        refexps, captions = count_texts(wanted, files)
        done = Generated(
            files.folder, wanted.split, wanted.scenes, questions, images, masks, refexps, captions
        )
        seal_split(files, done.counts(), anew=made)
    return done


def _make_windows(
    wanted: WorldSplit,
    engines: tuple[QuestionEngine, ...],
    files: WorldFiles,
    jobs: int,
    progress: Progress,
) -> None:
    """Make the windows that are missing."""
    missing = [window for window in range(files.windows) if not files.part(window).exists()]
    tasks = (WindowTask(wanted, engines, files.root, window) for window in missing)
    done = wanted.scenes - sum(len(files.window(window)) for window in missing)
    run_stage("scenes and questions", tasks, done, wanted.scenes, min(jobs, len(missing)), progress)


def _make_texts(
    wanted: WorldSplit, engines: TextEngines, files: WorldFiles, jobs: int, progress: Progress
) -> None:
    """Make referring expressions and captions, unless what is wanted of them is there."""
    if not all(path.exists() for path in wanted.further_texts(files.root)):
        missing = [window for window in range(files.windows) if not files.part(window, PART).exists()]
        tasks = text_tasks(wanted, engines, files, missing)
        done = wanted.scenes - sum(len(files.window(window)) for window in missing)
        run_stage("expressions and captions", tasks, done, wanted.scenes, min(jobs, len(missing)), progress)
        assemble_texts(wanted, files)
    files.remove_parts(PART)


def make_images(wanted: WorldSplit, files: WorldFiles, jobs: int, progress: Progress) -> None:
    """Render those batches of a split's images and masks that lack a file, as far as they are wanted."""
    lacking = files.lacking(images=wanted.images, masks=wanted.masks)
    if not lacking:
        return
    from visreason.data.world_images import image_batches, image_tasks  # imports PyTorch, which takes a while

    missing = [batch for batch in image_batches(wanted) if not lacking.isdisjoint(batch)]
    tasks = image_tasks(wanted, files, missing)
    done = wanted.scenes - sum(map(len, missing))
    run_stage("images", tasks, done, wanted.scenes, min(jobs, len(missing)), progress)


def run_stage(
    stage: str, tasks: Iterable[Callable[[], int]], done: int, total: int, jobs: int, progress: Progress
) -> None:
    """Run tasks that each return how much they did, and tell the progress of the stage they make up."""
    progress(stage, done, total)
    for count in run_tasks(tasks, jobs):
        done += count
        progress(stage, done, total)
