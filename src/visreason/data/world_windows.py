"""Scenes and questions of a generated split, window by window, and their assembly into CLEVR's files."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from operator import attrgetter
from pathlib import Path
from typing import Any

import orjson

from visreason.clevr.question import question_to_json
from visreason.clevr.questions import QuestionEngine, read_templates
from visreason.clevr.records import write_records
from visreason.clevr.sampling import sample_scene, scene_rng
from visreason.clevr.scene import Scene, scene_to_json
from visreason.clevr.scenes_file import release_info
from visreason.data.world_files import WorldFiles
from visreason.data.world_split import WorldSplit
from visreason.files import read_json, write_json


@dataclass(frozen=True, slots=True)
class WindowTask:
    """The making of one window of 250 scenes with its questions, as it travels to another process."""

    wanted: WorldSplit
    engines: tuple[QuestionEngine, ...]
    root: Path
    window: int

    def __call__(self) -> int:
        """Make the window's part; return its number of scenes."""
        wanted = self.wanted
        files = WorldFiles(self.root, wanted.split, wanted.scenes)
        scenes = [split_scene(wanted, index) for index in files.window(self.window)]
        asked = (
            engine.generate_window(scenes, self.window, wanted.questions_per_scene) for engine in self.engines
        )
        questions = sorted(
            chain.from_iterable(asked), key=attrgetter("image_index")
        )  # stable: engines in order
        part = {
            "scenes": [_line(scene_to_json(scene)) for scene in scenes],
            "questions": [_line(question_to_json(question)) for question in questions],
        }
        write_json(files.part(self.window), part)
        return len(scenes)


def split_scene(wanted: WorldSplit, index: int) -> Scene:
    """One scene of a split, by its index.

    Raises:
        UsageError: the rules ask for more objects than fit.

    Example:
        >>> split_scene(WorldSplit("val", 8), 7).image_filename
        'CLEVR_val_000007.png'
    """
    least, most = wanted.only.counts
    return sample_scene(
        scene_rng(wanted.seed, wanted.split, index),
        index,
        wanted.split,
        least,
        most,
        rule=wanted.only.object_rule,
        scene_rule=wanted.only.scene_rule,
    )


def question_engines(wanted: WorldSplit) -> tuple[QuestionEngine, ...]:
    """The engines that ask what is wanted, one for each set of templates; made, and so checked, before any file is.

    Raises:
        DataError: the templates are missing or malformed.
        UsageError: they lack a family, the rules leave none, or they cannot give so many questions a scene.
    """
    sets = (None if folder is None else read_templates(folder) for folder in wanted.templates)
    engines = tuple(QuestionEngine(templates, wanted.seed, rules=wanted.only) for templates in sets)
    for engine in engines:
        engine.generate_window([], 0, wanted.questions_per_scene)
    return engines


def assemble(files: WorldFiles) -> int:
    """Write the scenes and the questions file from the windows' parts; return the number of questions.

    Records are copied as the text they were stored as, for this is the one step that is not done in parallel;
    only the number of a question, which counts from the split's first on, is put in.
    """
    info = release_info(files.split)
    write_records(files.scenes_file, "scenes", map(orjson.Fragment, _lines(files, "scenes")), info)
    numbered = (
        orjson.Fragment(f'{{"question_index":{index},{line.partition(",")[2]}')
        for index, line in enumerate(_lines(files, "questions"))
    )
    return write_records(files.questions_file, "questions", numbered, info)


def _line(record: dict[str, Any]) -> str:
    """A record as JSON text; a question's begins with its number."""
    return orjson.dumps(record).decode()


def _lines(files: WorldFiles, key: str) -> Iterator[str]:
    """The scenes' or questions' records of all windows, one window in memory at a time."""
    for window in range(files.windows):
        yield from read_json(files.part(window))[key]
