"""A model in memory with the thread that works for it."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from starlette.concurrency import run_in_threadpool

from visreason.clevr.questions.understand import known_words
from visreason.clevr.scene import Scene
from visreason.data.images import Pixels
from visreason.data.regions.boxes import Boxes
from visreason.errors import VisreasonError
from visreason.models.families import MODELS
from visreason.models.model_file import ModelFile
from visreason.models.stack_nmn import StackNmnConfig
from visreason.serve.failures import detail_of
from visreason.serve.limits import Limits
from visreason.serve.schemas.asking import Candidate, ModelAnswer, Program
from visreason.serve.schemas.looking import LocatedBox
from visreason.serve.schemas.models import ModelRecord, Words
from visreason.serve.waiting import wait_for
from visreason.serve.worker import Worker
from visreason.tasks.asking import Answer, Prepared, answer_together, prepare
from visreason.tasks.locating import Located, locate_model
from visreason.tasks.recipes.task_kinds import ENGINES
from visreason.tasks.region_asking import name_regions
from visreason.trace.regions import RegionsTrace

Task = Literal["answer", "locate", "answer+locate", "regions", "programs", "other"]


_SILENT = frozenset({"attribute-cnn", "attribute-detector", "relation-counter"})
"""Families that say what is there, and answer nothing."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What is asked about: a scene, an image of anything, or the image of a scene."""

    scene: Scene | None
    image: Pixels | None


class LoadedModel:
    """A model that answers many requests at once.

    Args:
        name: by which it is asked.
        file: the model.
        limits: how many requests may wait, how many make a batch, and how long one may take.
        run: the folder of its run, if it has one.
        card: the file of its card, if it ships.
    """

    def __init__(
        self, name: str, file: ModelFile, limits: Limits, run: Path | None = None, card: Path | None = None
    ) -> None:
        self.name, self.file, self.run, self.card = name, file, run, card
        self.worker = Worker(f"the model {name}", limits.waiting, limits.batch)
        self._limits = limits

    @property
    def task(self) -> Task:
        """What it can be asked for."""
        family, config = self.file.family, self.file.config
        if MODELS[family].reads == "regions":
            return "regions"
        if isinstance(config, StackNmnConfig) and config.locate is not None:
            return "locate" if config.answer_count is None else "answer+locate"
        if family == "program-generator":
            return "programs"
        return "other" if family in _SILENT else "answer"

    @property
    def answers(self) -> bool:
        """Whether it can be asked a question."""
        return self.task in ("answer", "answer+locate", "programs")

    @property
    def locates(self) -> bool:
        """Whether it can be given an expression."""
        return self.task in ("locate", "answer+locate")

    @property
    def looks(self) -> bool:
        """Whether it needs an image."""
        return self.file.meta.get("inputs", {}).get("kind") in ("pixels", "features")

    def record(self, scores: dict[str, Any] | None) -> ModelRecord:
        """What the list of models says of it."""
        meta = self.file.meta
        return ModelRecord(
            name=self.name,
            family=self.file.family,
            task=self.task,
            input=meta.get("inputs", {}).get("kind", "question"),
            parameters=sum(one.numel() for one in self.file.model.parameters()),
            recipe=meta.get("recipe") if isinstance(meta.get("recipe"), str) else None,
            scores=scores,
        )

    def words(self) -> Words:
        """What it knows."""
        vocabulary = self.file.meta.get("vocabulary", {})
        parsed = self.file.family in ENGINES  # it is asked in the parser's words
        return Words(
            words=sorted(known_words()) if parsed else vocabulary.get("words", []),
            answers=vocabulary.get("answers", []),
            classes=self.file.meta.get("classes", []),
        )

    async def ask(self, question: str, seen: Seen, top: int, *, trace: bool) -> ModelAnswer:
        """What it answers, or why it does not.

        Raises:
            ApiError: too many requests wait (503), or it took too long (504).
        """
        start = time.perf_counter()
        try:
            asked = await run_in_threadpool(
                prepare, self.file, question, image=seen.image, scene=seen.scene, top=top
            )
            work = self._explain if trace else self._answer
            answer = await wait_for(self.worker.submit(work, asked), self._limits.seconds)
        except VisreasonError as error:
            return ModelAnswer(
                model=self.name, answer=None, milliseconds=_since(start), error=detail_of(error)
            )
        told = answer.to_dict()
        program = told.get("program")
        return ModelAnswer(
            model=self.name,
            answer=told["answer"],
            top=[Candidate(**one) for one in told["top"]],
            trace=told["trace"] if trace else None,
            program=None if program is None else Program(**program),
            milliseconds=_since(start),
        )

    async def locate(self, expression: str, image: Pixels, *, trace: bool) -> LocatedBox:
        """Where it points, or why it does not.

        Raises:
            ApiError: too many requests wait (503), or it took too long (504).
        """
        start = time.perf_counter()
        try:
            found = await wait_for(
                self.worker.submit(self._locate, (expression, image)), self._limits.seconds
            )
        except VisreasonError as error:
            return LocatedBox(
                model=self.name,
                box=None,
                probability=None,
                milliseconds=_since(start),
                error=detail_of(error),
            )
        told = found.to_dict()
        return LocatedBox(
            model=self.name,
            box=told["box"],
            probability=told["probability"],
            trace=told["trace"] if trace else None,
            milliseconds=_since(start),
        )

    async def regions(self, image: Pixels, boxes: Boxes, top: int) -> RegionsTrace:
        """The names of an image's boxes.

        Raises:
            ModelError: it names no regions.
            ApiError: too many requests wait (503), or it took too long (504).
        """
        return await wait_for(self.worker.submit(self._name, (image, boxes, top)), self._limits.seconds)

    def _explain(self, asked: Sequence[Prepared]) -> list[Answer]:
        return answer_together(self.file, asked)

    def _answer(self, asked: Sequence[Prepared]) -> list[Answer]:
        return answer_together(self.file, asked, trace=False)

    def _locate(self, asked: Sequence[tuple[str, Pixels]]) -> list[Located]:
        return [locate_model(self.file, expression, image) for expression, image in asked]

    def _name(self, asked: Sequence[tuple[Pixels, Boxes, int]]) -> list[RegionsTrace]:
        return [name_regions(self.file, image, boxes, top=top) for image, boxes, top in asked]


def _since(start: float) -> float:
    return round(1000 * (time.perf_counter() - start), 2)
