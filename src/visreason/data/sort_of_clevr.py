"""Making a Sort-of-CLEVR world: a folder in CLEVR's layout, so that whatever reads images and questions reads it.

The layout is that of `visreason.sort_of_clevr.folder`, and `world.json` says what made each split. Every scene
with its questions depends on the seed, the split's name and its own number alone.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from visreason.clevr.folder import ClevrFolder, image_filename
from visreason.clevr.question import Question
from visreason.clevr.questions_file import write_questions
from visreason.clevr.sampling import scene_rng
from visreason.data.folder_lock import folder_lock
from visreason.data.split_order import check_split_name
from visreason.data.world import Generated, Progress
from visreason.data.world_contents import seal_split
from visreason.data.world_files import WorldFiles
from visreason.data.world_manifest import claim_split, note_questions
from visreason.errors import UsageError
from visreason.files import write_atomically
from visreason.sort_of_clevr.arrays import Arrays, read_arrays, to_arrays, write_arrays
from visreason.sort_of_clevr.folder import arrays_file, as_question, flat_scenes_file, write_flat_scenes
from visreason.sort_of_clevr.questions import FlatQuestion, choose_questions
from visreason.sort_of_clevr.scene import FlatScene, draw_flat_scene, sample_flat_scene

MOST_QUESTIONS = 18
"""Questions of a group that can be asked of one scene: three types about six colours."""

_Asked = list[tuple[FlatQuestion, str]]


@dataclass(frozen=True, slots=True)
class SortOfClevrSplit:
    """One split of a Sort-of-CLEVR world; the same settings give the same bytes on any day.

    Attributes:
        split: its name, such as `"val"`; scenes of different splits differ, whatever the seed.
        scenes: how many scenes; the public data has 9,800 to train on and 200 to test on.
        questions_per_scene: relational questions about each, and as many non-relational ones; all different.
        seed: of scenes and questions.
        arrays: whether the split is also written in the public form (`visreason.sort_of_clevr.arrays`).

    Raises:
        UsageError: a setting is out of range; names it.
    """

    split: str
    scenes: int
    questions_per_scene: int = 10
    seed: int = 0
    arrays: bool = False

    def __post_init__(self) -> None:
        check_split_name(self.split)
        limits = {"scenes": (1, 10**6), "questions_per_scene": (1, MOST_QUESTIONS), "seed": (0, 2**63)}
        for name, (least, most) in limits.items():
            value = getattr(self, name)
            if not least <= value <= most:
                raise UsageError(f"{name.replace('_', ' ')} must be {least} to {most}; got {value}.")

    def texts(self, root: Path) -> tuple[Path, ...]:
        """The files of the split that are no images."""
        own = (flat_scenes_file(root, self.split), ClevrFolder(root).questions_file(self.split))
        return (*own, arrays_file(root, self.split)) if self.arrays else own

    def arguments(self) -> dict[str, Any]:
        """All that decides the split's bytes."""
        names = ("scenes", "questions_per_scene", "seed", "arrays")
        return {"world": "sort-of-clevr"} | {name: getattr(self, name) for name in names}


@dataclass(frozen=True, slots=True)
class ImportedSplit:
    """One split of a Sort-of-CLEVR world that somebody made: images, questions and answers, but no scenes.

    Attributes:
        split: its name.
        source: the `.npz` file.
        data: what was read from it.
    """

    split: str
    source: Path
    data: Arrays

    @classmethod
    def read(cls, split: str, source: Path) -> "ImportedSplit":
        """Read the file.

        Raises:
            UsageError: the split's name is none.
            DataError: the file is missing or broken.
        """
        check_split_name(split)
        return cls(split, source, read_arrays(source))

    @property
    def scenes(self) -> int:
        """How many images it has."""
        return len(self.data.images)

    def texts(self, root: Path) -> tuple[Path, ...]:
        """The files of the split that are no images."""
        return (ClevrFolder(root).questions_file(self.split),)

    def arguments(self) -> dict[str, Any]:
        """All that decides the split's bytes; the source by its contents, not by its place."""
        checksum = hashlib.sha256(self.source.read_bytes()).hexdigest()[:16]
        return {"world": "sort-of-clevr", "scenes": self.scenes, "source": checksum}


def flat_scenes(wanted: SortOfClevrSplit) -> Iterator[tuple[FlatScene, _Asked]]:
    """The scenes of a split, one by one, each with the questions about it and their answers."""
    for index in range(wanted.scenes):
        rng = scene_rng(wanted.seed, wanted.split, index)
        scene = sample_flat_scene(rng, index, wanted.split)
        yield scene, choose_questions(scene, rng, wanted.questions_per_scene)


def generate_sort_of_clevr(
    out: Path,
    wanted: SortOfClevrSplit | ImportedSplit,
    *,
    overwrite: bool = False,
    wait: bool = False,
    progress: Progress = lambda stage, done, total: None,
) -> Generated:
    """Make one split of a Sort-of-CLEVR world, or complete it where a former call was interrupted.

    Args:
        out: the folder; it is made, or is a world already that this split joins or continues.
        wanted: what the split holds.
        overwrite: make the split anew, and put it into a folder that holds something else; only files of the
            same names are replaced.
        wait: wait while another process is at work in the folder, rather than raise.
        progress: called with the stage, the number done and the total.

    Raises:
        UsageError: the folder holds something else, or the split was made of other arguments.
        DataError: a file cannot be written, or the arrays' questions stand for nothing.

    Example:
        >>> import tempfile
        >>> made = generate_sort_of_clevr(Path(tempfile.mkdtemp()), SortOfClevrSplit("val", 2))
        >>> made.scenes, made.questions, made.images
        (2, 40, 2)
    """
    if out.exists() and not out.is_dir():
        raise UsageError(f"{out} is a file; give the name of a folder.")
    out.mkdir(parents=True, exist_ok=True)
    files = WorldFiles(out, wanted.split, wanted.scenes)
    with folder_lock(out, wait=wait):
        questions = claim_split(out, wanted, overwrite=overwrite)
        files.remove_leftovers()
        if questions is None:
            progress("scenes and questions", 0, wanted.scenes)
            questions = _write_texts(out, wanted, files)
            progress("scenes and questions", wanted.scenes, wanted.scenes)
            note_questions(out, wanted.split, questions)
        _write_images(wanted, files, progress)
        made = Generated(files.folder, wanted.split, wanted.scenes, questions, wanted.scenes, 0)
        seal_split(files, made.counts())
    return made


def _write_texts(out: Path, wanted: SortOfClevrSplit | ImportedSplit, files: WorldFiles) -> int:
    """Write everything but the images; return the number of questions."""
    if isinstance(wanted, ImportedSplit):
        return write_questions(files.questions_file, _imported_questions(wanted), wanted.split)
    made = list(flat_scenes(wanted))
    write_flat_scenes(files.flat_scenes_file, (scene for scene, _ in made), wanted.split)
    if wanted.arrays:
        images = [draw_flat_scene(scene) for scene, _ in made]
        write_arrays(files.arrays_file, to_arrays(images, [asked for _, asked in made]))
    pairs = ((scene, one) for scene, asked in made for one in asked)
    numbered = (
        as_question(*one, scene.image_index, scene.image_filename, scene.split, index)
        for index, (scene, one) in enumerate(pairs)
    )
    return write_questions(files.questions_file, numbered, wanted.split)


def _imported_questions(wanted: ImportedSplit) -> Iterator[Question]:
    """The questions of arrays, in their order."""
    count = 0
    for image in range(wanted.scenes):
        for one in wanted.data.questions(image, str(wanted.source)):
            yield as_question(*one, image, image_filename(wanted.split, image), wanted.split, count)
            count += 1


def _write_images(wanted: SortOfClevrSplit | ImportedSplit, files: WorldFiles, progress: Progress) -> None:
    """Write the images that are missing."""
    lacking = files.lacking(images=True, masks=False)
    if not lacking:
        return
    done = wanted.scenes - len(lacking)
    progress("images", done, wanted.scenes)
    for index, pixels in enumerate(_pictures(wanted)):
        if index in lacking:
            with write_atomically(files.image(index)) as file:
                Image.fromarray(pixels).save(file, "PNG")
            done += 1
            progress("images", done, wanted.scenes)


def _pictures(wanted: SortOfClevrSplit | ImportedSplit) -> Iterator[NDArray[np.uint8]]:
    """All images of a split in their order."""
    if isinstance(wanted, ImportedSplit):
        yield from wanted.data.images
    else:
        yield from (draw_flat_scene(scene) for scene, _ in flat_scenes(wanted))
