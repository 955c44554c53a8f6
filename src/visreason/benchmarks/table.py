"""Preparing and opening the question table of a file as big as CLEVR's training questions.

The file is written to a temporary folder: questions of our own engine about a hundred scenes, repeated under
new numbers until there are 700,000, with programs, about 0.7 GB. Preparation and opening each run in a
process of their own, so that each peak of memory is its own.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path

from visreason.benchmarks.memory import peak_memory
from visreason.benchmarks.row import Row
from visreason.clevr.folder import image_filename
from visreason.clevr.question import Question
from visreason.clevr.questions import QuestionEngine
from visreason.clevr.questions_file import write_questions
from visreason.clevr.sampling import sample_scene, scene_rng
from visreason.data.question_table import open_question_table
from visreason.data.vocabulary import CLEVR_VOCABULARY

QUESTIONS = 700_000
"""CLEVR v1.0 has 699,989 training questions about 70,000 images."""


def run(questions: int = QUESTIONS) -> list[Row]:
    """Measure preparation and opening of a table.

    Args:
        questions: how many the file holds.

    Returns:
        The file's size; CPU seconds and peak memory of preparation; wall seconds and peak memory of opening
        it again, every array read once (the peak counts the interpreter, its modules and the mapped pages);
        whether both saw the same numbers.

    Example:
        >>> {row.name: row.equal for row in run(questions=200)}["table.opening"]
        True
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "CLEVR_train_questions.json"
        write_questions(path, many_questions(questions), "train")
        size = path.stat().st_size / 1e6
        prepared, opened = (_measure_elsewhere(path, Path(folder) / "cache") for _ in range(2))
    same = prepared["checksum"] == opened["checksum"] and opened["questions"] == questions
    return [
        Row(name="table.file", value=size, unit="MB"),
        Row(name="table.preparation", value=prepared["cpu"], unit="CPU s"),
        Row(name="table.preparation-memory", value=prepared["memory"], unit="MiB"),
        Row(name="table.opening", value=opened["wall"], unit="s", equal=same),
        Row(name="table.opening-memory", value=opened["memory"], unit="MiB"),
    ]


def many_questions(wanted: int, scenes: int = 100) -> Iterator[Question]:
    """Our engine's questions about `scenes` scenes, over and over, each time about new images."""
    sampled = [sample_scene(scene_rng(0, "train", i), i, "train") for i in range(scenes)]
    asked = list(QuestionEngine(seed=0).generate(sampled))
    index = 0
    for turn in count():
        for question in asked:
            if index == wanted:
                return
            image = turn * scenes + question.image_index
            filename = image_filename("train", image)
            yield replace(question, index=index, image_index=image, image_filename=filename)
            index += 1


def measure(path: Path) -> dict[str, float]:
    """Open a table and read all of it once; meant for a fresh process."""
    wall, cpu = time.perf_counter(), time.process_time()
    table = open_question_table(path, CLEVR_VOCABULARY)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    arrays = (table.words_T, table.starts_Q, table.answer_Q, table.type_Q, table.family_Q, table.image_Q)
    checksum = sum(int(array.sum(dtype="int64")) for array in arrays)
    return {
        "wall": wall,
        "cpu": cpu,
        "questions": len(table),
        "checksum": checksum,
        "memory": peak_memory(),
    }


def _measure_elsewhere(path: Path, cache: Path) -> dict[str, float]:
    """`measure` in a process of its own, with a cache of its own."""
    environment = os.environ | {"VISREASON_CACHE": str(cache)}
    command = [sys.executable, "-m", __name__, str(path)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    return dict(json.loads(done.stdout))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Open a question table and print time and memory.")
    parser.add_argument("path", type=Path)
    print(json.dumps(measure(parser.parse_args().path)))
