"""Referring expressions with boxes, and captions, of a generated split: a stage after its scenes.

Like scenes and questions they are made window by window, and each window depends on the settings and its own
scenes alone. The boxes come from the masks that the ray-caster draws at the size of the images, in the very
batches in which it draws these: they fit the stored masks pixel for pixel.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from visreason.clevr.boxes import Box
from visreason.clevr.captions_file import caption_to_json
from visreason.clevr.executor import outputs
from visreason.clevr.question import Question
from visreason.clevr.questions import QuestionEngine, caption_templates, referring_templates
from visreason.clevr.records import iter_records, write_records
from visreason.clevr.referring import ReferringExpression, expression_to_json
from visreason.clevr.scene import Scene
from visreason.clevr.scenes_file import iter_scenes, release_info
from visreason.data.world_files import WorldFiles
from visreason.data.world_split import WorldSplit
from visreason.files import read_json, write_json

PART = "texts"
"""What the parts of this stage are called."""


class TextEngines(NamedTuple):
    """What makes the further texts of a split; None makes none."""

    referring: QuestionEngine | None
    captions: QuestionEngine | None


def text_engines(wanted: WorldSplit) -> TextEngines:
    """The engines that make what is wanted; made, and so checked, before any file is.

    Raises:
        UsageError: there are not so many families, or the rules leave none.
    """
    engines = []
    for templates, count in (
        (referring_templates(), wanted.refexps_per_scene),
        (caption_templates(), wanted.captions_per_scene),
    ):
        engine = QuestionEngine(templates, wanted.seed, rules=wanted.only) if count else None
        if engine is not None:
            engine.generate_window([], 0, count)
        engines.append(engine)
    return TextEngines(*engines)


@dataclass(frozen=True, slots=True)
class TextTask:
    """The making of one window's expressions and captions, as it travels to another process."""

    wanted: WorldSplit
    engines: TextEngines
    root: Path
    window: int
    scenes: tuple[Scene, ...]

    def __call__(self) -> int:
        """Make the window's part; return its number of scenes."""
        part: dict[str, list[dict[str, Any]]] = {"questions": [], "captions": []}
        referring, captions = self.engines
        if referring is not None:
            asked = referring.generate_window(self.scenes, self.window, self.wanted.refexps_per_scene)
            part["questions"] = [expression_to_json(expression) for expression in self._with_boxes(asked)]
        if captions is not None:
            said = captions.generate_window(self.scenes, self.window, self.wanted.captions_per_scene)
            part["captions"] = [caption_to_json(caption) for caption in said]
        files = WorldFiles(self.root, self.wanted.split, self.wanted.scenes)
        write_json(files.part(self.window, PART), part)
        return len(self.scenes)

    def _with_boxes(self, asked: Sequence[Question]) -> Iterator[ReferringExpression]:
        """What the engine made, with the object each expression refers to and its boxes."""
        boxes = dict(self._boxes())
        first = self.scenes[0].image_index
        for question in asked:
            assert question.program is not None
            index = int(outputs(question.program, self.scenes[question.image_index - first])[-1])
            visible, whole = boxes[question.image_index][index]
            if visible is None:  # a few pixels' image need not show it
                continue
            yield ReferringExpression(
                text=question.text,
                program=question.program,
                box=visible,
                full_box=whole,
                object_index=index,
                family=question.family,
                index=question.index,
                image_filename=question.image_filename,
                image_index=question.image_index,
                split=question.split,
                template=question.template,
            )

    def _boxes(self) -> Iterator[tuple[int, list[tuple[Box | None, Box]]]]:
        """Index of each scene, and the boxes of its objects: of what is visible, and of the whole."""
        from visreason.data.world_images import image_batches, one_thread, renderer  # import PyTorch
        from visreason.render.boxes import object_boxes

        first = self.scenes[0].image_index
        with one_thread():
            for batch in image_batches(self.wanted):
                if first <= batch.start < first + len(self.scenes):
                    scenes = self.scenes[batch.start - first : batch.stop - first]
                    masks_BHW = renderer(*self.wanted.image_size).masks(scenes).numpy()
                    for scene, mask_HW in zip(scenes, masks_BHW, strict=True):
                        yield scene.image_index, object_boxes(scene, mask_HW)


def text_tasks(
    wanted: WorldSplit, engines: TextEngines, files: WorldFiles, missing: Sequence[int]
) -> Iterator[TextTask]:
    """The making of some windows' texts, with their scenes as the scenes file has them."""
    scenes, passed = iter_scenes(files.scenes_file), 0
    for window in missing:
        span = files.window(window)
        held = tuple(islice(scenes, span.start - passed, span.stop - passed))
        passed = span.stop
        yield TextTask(wanted, engines, files.root, window, held)


def assemble_texts(wanted: WorldSplit, files: WorldFiles) -> None:
    """Write the files of expressions and captions from the windows' parts."""
    info = release_info(files.split)
    if wanted.refexps_per_scene:
        sized = info | {"image_size": list(wanted.image_size)}
        write_records(
            files.referring_file, "questions", _numbered(files, "questions", "question_index"), sized
        )
    if wanted.captions_per_scene:
        write_records(files.captions_file, "captions", _numbered(files, "captions", "caption_index"), info)


def count_texts(wanted: WorldSplit, files: WorldFiles) -> tuple[int, int]:
    """How many expressions and captions there are, from their files."""
    kinds = (
        (files.referring_file, "questions", wanted.refexps_per_scene),
        (files.captions_file, "captions", wanted.captions_per_scene),
    )
    expressions, captions = (
        sum(1 for _ in iter_records(path, key)) if count else 0 for path, key, count in kinds
    )
    return expressions, captions


def _numbered(files: WorldFiles, key: str, index: str) -> Iterator[dict[str, Any]]:
    """The records of all windows, numbered through, one window in memory at a time."""
    number = 0
    for window in range(files.windows):
        for record in read_json(files.part(window, PART))[key]:
            yield record | {index: number}
            number += 1
