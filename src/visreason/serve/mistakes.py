"""What a model's last test got wrong, each mistake with the picture that it was about."""

import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

from visreason.errors import VisreasonError
from visreason.files import read_json
from visreason.serve.failures import ApiError
from visreason.serve.limits import Limits
from visreason.serve.loaded import LoadedModel
from visreason.serve.results import read_predictions, results_folder
from visreason.serve.scene_records import record_of
from visreason.serve.schemas.mistakes import Kind, MistakeRecord, Mistakes, MistakeSubject
from visreason.serve.subjects import Prediction, Subject
from visreason.serve.worker import Worker
from visreason.tasks.figures import METRICS, PREDICTIONS
from visreason.tasks.run_folder import RunFolder

_SHOWN = 60
"""Mistakes of a kind that are told; there may be thousands."""


@dataclass(frozen=True, slots=True)
class FoundMistakes:
    """The mistakes of one test.

    Attributes:
        counts: how many there are of each kind.
        predictions: the first of each kind.
        subjects: what they were about, as far as that is known.
        note: why it is not, for people.
    """

    counts: Mapping[Kind, int]
    predictions: Sequence[Prediction]
    subjects: Sequence[Subject | None]
    note: str | None

    def record(self) -> Mistakes:
        """All that are told."""
        pairs = zip(self.predictions, self.subjects, strict=True)
        told = [_record(number, one, subject) for number, (one, subject) in enumerate(pairs)]
        return Mistakes(counts=dict(self.counts), mistakes=told, note=self.note)

    def subject(self, number: int) -> Subject:
        """What one of them was about.

        Raises:
            ApiError: there is none of this number, or its picture is not known (404).
        """
        found = self.subjects[number] if 0 <= number < len(self.subjects) else None
        if found is None:
            raise ApiError(404, "not_found", "there is no mistake of this number whose picture is known.")
        return found

    def open(self, number: int) -> MistakeSubject:
        """One of them with its scene and all boxes of its image; errors as of `subject`."""
        subject = self.subject(number)
        return MistakeSubject(
            **_record(number, self.predictions[number], subject).model_dump(),
            scene=None if subject.scene is None else record_of(subject.scene),
            boxes=[list(box) for box in subject.boxes],
            place=subject.place,
        )


class MistakeFinder:
    """Finds the mistakes of models' last tests, and keeps them until there is another test.

    Args:
        limits: how many requests may wait.
    """

    def __init__(self, limits: Limits) -> None:
        self.worker = Worker("the finder of mistakes", limits.waiting, 1)
        self._kept: dict[str, tuple[tuple[int, ...], Future[FoundMistakes]]] = {}
        self._lock = threading.Lock()

    def of(self, model: LoadedModel) -> "Future[FoundMistakes]":
        """The mistakes of a model; a world that its test was on is made again, which takes as long as it takes.

        Raises:
            ApiError: it was never tested, or is no run (404), or too many wait (503).
        """
        folder = results_folder(model)
        stamp = tuple(
            file.stat().st_mtime_ns if file.is_file() else 0
            for file in (folder / METRICS, folder / PREDICTIONS)
        )
        with self._lock:
            kept = self._kept.get(model.name)
            if kept is None or kept[0] != stamp or (kept[1].done() and kept[1].exception() is not None):
                kept = self._kept[model.name] = stamp, self.worker.submit(_find_all, model)
        return kept[1]


def _find_all(models: Sequence[LoadedModel]) -> list[FoundMistakes]:
    return [_find(model, results_folder(model)) for model in models]


def _find(model: LoadedModel, folder: Path) -> FoundMistakes:
    """The mistakes of one model, with their subjects."""
    from visreason.serve.tested_data import find_subjects  # brings all that opens folders and makes worlds

    wrong = [one for one in read_predictions(folder) if _is_wrong(one)]
    counts: Counter[Kind] = Counter(map(_kind, wrong))
    shown: list[Prediction] = []
    for kind in counts:
        shown += [one for one in wrong if _kind(one) == kind][:_SHOWN]
    assert model.run is not None  # it has results
    metrics, classes = read_json(folder / METRICS), model.file.meta.get("classes", [])
    try:
        subjects = find_subjects(RunFolder(model.run), metrics, classes, shown) if shown else []
        note = None if any(subjects) or not shown else "what today's data holds is not what the test was on."
    except VisreasonError as error:
        subjects, note = [None] * len(shown), str(error)
    return FoundMistakes(counts, shown, subjects, note)


def _is_wrong(one: Prediction) -> bool:
    """Whether a line tells of a mistake; programs of a generator are judged by what the oracle answers."""
    if "prediction" not in one:
        return False
    return not one["correct"] if "correct" in one else "answer" in one and one["prediction"] != one["answer"]


def _kind(one: Prediction) -> Kind:
    return "box" if "iou" in one else "region" if "region" in one else "answer"


def _record(number: int, one: Prediction, subject: Subject | None) -> MistakeRecord:
    """A mistake as it is told."""
    kind = _kind(one)
    words = None if kind == "box" else one["prediction"]
    box = one.get("box")
    if subject is not None and subject.place is not None:
        box = list(subject.boxes[subject.place])
    return MistakeRecord(
        number=number,
        kind=kind,
        text=None if subject is None else subject.text,
        image_filename=one["image_filename"],
        opens=subject is not None,
        image=subject is not None and subject.image is not None,
        type=one.get("type") or "",
        answer=str(one["answer"]) if "answer" in one else None,
        prediction=None if words is None else str(words),
        probability=one.get("probability"),
        box=box if kind == "box" or subject is not None else None,
        predicted_box=one["prediction"] if kind == "box" else None,
        iou=one.get("iou"),
        frame=list((480, 320) if subject is None else subject.frame),
    )
