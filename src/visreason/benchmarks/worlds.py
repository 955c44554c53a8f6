"""What a generated world costs without images: processor time and room on disk, and how far that is to CLEVR's size."""

import tempfile
import time
from pathlib import Path

from visreason.benchmarks.row import Row
from visreason.clevr.questions import WINDOW
from visreason.clevr.rules import Rules
from visreason.data.compression import compress_texts
from visreason.data.world_files import WorldFiles
from visreason.data.world_split import WorldSplit
from visreason.data.world_windows import WindowTask, assemble, question_engines

CLEVR_SCENES = 70_000
"""Scenes of CLEVR's training split, with ten questions each."""

RULES = (
    "cogent=A",
    "pairs!=red+cube",
    "pairs=red+cube",
    "relations!=left+red",
    "relations=left+red",
    "depth<=6",
)


def run(scenes: int = WINDOW) -> list[Row]:
    """Make a window of `scenes` scenes with ten questions each, in this process alone, with and without rules.

    Returns:
        Milliseconds of processor time a scene with its questions, of making it and of putting the split
        together (which is not done in parallel); kilobytes a scene, plain and compressed; minutes on 16 cores
        and megabytes of 70,000 scenes; milliseconds a scene with some split rules.

    Example:
        >>> [row.name for row in run(scenes=2)][:3]
        ['worlds.making', 'worlds.assembly', 'worlds.compressing']
    """
    with tempfile.TemporaryDirectory() as folder:
        files = WorldFiles(Path(folder), "train", scenes)
        making = _milliseconds_of_window(files)
        start = time.process_time()
        assemble(files)
        put_together = time.process_time()
        plain = _bytes(files)
        compress_texts(files)
        end = time.process_time()
        packed = _bytes(files)
    assembly, compressing = (1e3 * (put_together - start) / scenes, 1e3 * (end - put_together) / scenes)
    minutes = CLEVR_SCENES * (making / 16 + assembly + compressing) / 60e3
    return [
        Row(name="worlds.making", value=making, unit="ms a scene with 10 questions"),
        Row(name="worlds.assembly", value=assembly, unit="ms a scene, in one process"),
        Row(name="worlds.compressing", value=compressing, unit="ms a scene, in one process"),
        Row(name="worlds.plain", value=plain / scenes / 1e3, unit="kB a scene"),
        Row(name="worlds.compressed", value=packed / scenes / 1e3, unit="kB a scene"),
        Row(name="worlds.clevr.time", value=minutes, unit="minutes on 16 cores (projected)"),
        Row(name="worlds.clevr.plain", value=CLEVR_SCENES * plain / scenes / 1e6, unit="MB (projected)"),
        Row(
            name="worlds.clevr.compressed", value=CLEVR_SCENES * packed / scenes / 1e6, unit="MB (projected)"
        ),
        *(_rule_row(rule, max(1, scenes // 5)) for rule in RULES),
    ]


def _rule_row(rule: str, scenes: int) -> Row:
    with tempfile.TemporaryDirectory() as folder:
        spent = _milliseconds_of_window(WorldFiles(Path(folder), "train", scenes), rule)
    return Row(name=f"worlds.only.{rule}", value=spent, unit="ms a scene with 10 questions")


def _milliseconds_of_window(files: WorldFiles, *rules: str) -> float:
    """Make the first window of a split; the processor time it takes, a scene."""
    wanted = WorldSplit(files.split, files.scenes, images=False, only=Rules.parse(rules))
    task = WindowTask(wanted, question_engines(wanted), files.root, 0)
    start = time.process_time()
    task()
    return 1e3 * (time.process_time() - start) / files.scenes


def _bytes(files: WorldFiles) -> int:
    return sum(path.stat().st_size for path in files.texts())
