"""Is a data folder in CLEVR's layout whole? Real or generated: every record is read, every image is opened.

Files are streamed, so that the memory does not grow with the number of questions; what is kept of each split
is the names of its images, and some of its scenes to run programs on.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from PIL import Image

from visreason.clevr.captions_file import caption_from_json
from visreason.clevr.executor import execute
from visreason.clevr.folder import ClevrFolder
from visreason.clevr.masks import SceneMasks
from visreason.clevr.programs import Program
from visreason.clevr.question import Question, question_from_json
from visreason.clevr.records import iter_records
from visreason.clevr.referring import expression_from_json
from visreason.clevr.rules import NO_RULES, Rule, Rules
from visreason.clevr.rules.guard import Guard
from visreason.clevr.scene import Scene, scene_from_json
from visreason.data.check import Check, Problems
from visreason.errors import DataError, ProgramError, VisreasonError
from visreason.sort_of_clevr.folder import flat_scenes_file
from visreason.sort_of_clevr.scene import flat_scene_from_json

_SAMPLE = 1000
"""Scenes at most that are kept to answer the questions about them."""


class Told(Protocol):
    """What every text about an image has."""

    @property
    def image_filename(self) -> str:
        """The image it is about."""

    @property
    def program(self) -> Program | None:
        """Its program, where it has one."""


@dataclass(slots=True)
class SplitCheck:
    """The check of one split, file after file.

    Attributes:
        folder, split: which.
        rules: that scenes and questions are to obey.
        images: the names of the images met, in order.
        counts: kind to how many were read.
        scenes_whole: whether the scenes were read to the end, so that an image without one is a fault.
        sample: some of the scenes, by image.
    """

    folder: ClevrFolder
    split: str
    rules: Rules = NO_RULES
    images: dict[str, None] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    scenes_whole: bool = False
    sample: dict[str, SceneMasks] = field(default_factory=dict)
    _broken_rules: Problems = field(default_factory=Problems)

    def run(self) -> Iterator[Check]:
        """All checks of the split; those of files that no split has to have are left out where they are not."""
        yield self._check_scenes()
        yield from self._check_questions()
        guard = self.rules.without_families().guard()
        path = self.folder.referring_file(self.split)
        yield from self._check_told(path, "referring expressions", "questions", expression_from_json, guard)
        path = self.folder.captions_file(self.split)
        yield from self._check_told(path, "captions", "captions", caption_from_json, guard)
        if self.rules:
            yield self._broken_rules.check(f"{self.split} rules", f"{self.rules}: obeyed by all")
        yield self._check_images()

    def _check_scenes(self) -> Check:
        name, path, problems = f"{self.split} scenes", self.folder.scenes_file(self.split), Problems()
        flat = flat_scenes_file(self.folder.root, self.split)
        if not path.exists() and not flat.exists():
            return Check(name, "note", f"no {path.name} (the released test split has none)")
        stride = 1
        read = flat_scene_from_json if flat.exists() else scene_from_json
        number = -1
        for number, scene in self._records(flat if flat.exists() else path, "scenes", read, problems):
            if scene.image_filename in self.images:
                problems.add(f"scene {number} is a second one of {scene.image_filename}")
            self._note_name(f"scene {number}", scene.image_filename, problems)
            if isinstance(scene, Scene):
                self._note_rules(f"scene {number}", self.rules.broken_by_scene(scene))
                if number % stride == 0:
                    self.sample[scene.image_filename] = SceneMasks(scene)
            if len(self.sample) >= 2 * _SAMPLE:
                stride *= 2
                self.sample = dict(list(self.sample.items())[::2])
        self.counts["scenes"] = number + 1
        return problems.check(name, f"{number + 1:,}")

    def _check_questions(self) -> Iterator[Check]:
        name, path, problems = f"{self.split} questions", self.folder.questions_file(self.split), Problems()
        if not path.exists():
            yield Check(name, "note", f"no {path.name}")
            return
        number, answered, asked, wrong = -1, 0, 0, Problems()
        guard = self.rules.guard()
        for number, question in self._records(path, "questions", question_from_json, problems):
            answered += question.answer is not None
            self._note_image(f"question {number}", question, problems)
            self._note_rules(f"question {number}", self.rules.broken_by_question(question, guard))
            masks = self.sample.get(question.image_filename)
            if masks is not None and question.program is not None and question.answer is not None:
                asked += 1
                if fault := _disagreement(question, masks):
                    wrong.add(f"question {number} ({question.text!r}): {fault}")
        self.counts["questions"] = number + 1
        yield problems.check(name, f"{number + 1:,}, {answered:,} with answers")
        if asked:
            yield wrong.check(f"{self.split} answers", f"{asked:,} looked at, all as the oracle says")

    def _check_told(
        self, path: Path, kind: str, key: str, read: Callable[..., Told], guard: Guard | None
    ) -> Iterator[Check]:
        """Read the referring expressions or captions of a split that has them."""
        if not path.exists():
            return
        problems, number = Problems(), -1
        for number, told in self._records(path, key, read, problems):
            if not told.image_filename.startswith("CLEVR_loc_"):  # CLEVR-Ref has images, but no scenes
                self._note_image(f"{kind} {number}", told, problems)
            if guard is not None and told.program is not None:
                self._note_rules(f"{kind} {number}", guard.broken_by(told.program))
        self.counts[{"referring expressions": "refexps"}.get(kind, kind)] = number + 1
        yield problems.check(f"{self.split} {kind}", f"{number + 1:,}")

    def _records(
        self, path: Path, key: str, read: Callable[..., Any], problems: Problems
    ) -> Iterator[tuple[int, Any]]:
        """Every record that can be read, with its place in the file; faults go to `problems`."""
        try:
            for number, record in enumerate(iter_records(path, key)):
                try:
                    positioned = {} if key == "scenes" else {"position": number}
                    yield number, read(record, f"{path.name}: {key[:-1]} {number}", **positioned)
                except VisreasonError as error:
                    problems.add(str(error))
                    name = record.get("image_filename") if isinstance(record, dict) else None
                    if isinstance(name, str):
                        self._note_name(f"{key[:-1]} {number}", name, problems)
            self.scenes_whole |= key == "scenes"
        except DataError as error:
            problems.add(str(error))

    def _note_image(self, what: str, told: Told, problems: Problems) -> None:
        """Note the image of a text, and whether there is no scene of it."""
        if self.scenes_whole and told.image_filename not in self.images:
            problems.add(f"{what} is about {told.image_filename}, of which there is no scene")
        self._note_name(what, told.image_filename, problems)

    def _note_name(self, what: str, name: str, problems: Problems) -> None:
        """Note an image's name, unless it leads out of the images' folder."""
        try:
            self.folder.image_path(self.split, name)
        except DataError as error:
            problems.add(f"{what}: {error}")
        else:
            self.images[name] = None

    def _note_rules(self, what: str, broken: list[Rule]) -> None:
        if broken:
            self._broken_rules.add(f"{what} breaks {', '.join(map(str, broken))}")

    def _check_images(self) -> Check:
        """Look for every image's file and read it."""
        name, directory, problems = f"{self.split} images", self.folder.images_dir(self.split), Problems()
        if not any(path.parent.is_dir() for path in self._paths()):
            return Check(name, "note", f"no {directory}; models that read state descriptions do not need it")
        for path in self._paths():
            try:
                with Image.open(path) as image:
                    image.verify()
            except FileNotFoundError:
                problems.add(f"{path.name} is missing")
            except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
                problems.add(f"{path.name} is broken ({error})")
        return problems.check(name, f"{len(self.images):,}")

    def _paths(self) -> Iterator[Path]:
        return (self.folder.image_path(self.split, image) for image in self.images)


def _disagreement(question: Question, masks: SceneMasks) -> str | None:
    """How a stored answer differs from the true one; None where it does not."""
    assert question.program is not None
    try:
        answer = execute(question.program, masks)
    except ProgramError as error:
        return str(error)
    return None if answer == question.answer else f"the answer is {answer!r}, stored is {question.answer!r}"
