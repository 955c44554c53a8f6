"""Measuring a model on data it has not seen: every sample once, each figure with its interval."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import torch
from rich.console import Console

from visreason.data.dataset import ClevrAttributes
from visreason.data.expressions import QuestionsAndExpressions
from visreason.data.object_targets import ClevrObjects
from visreason.data.samples import collate
from visreason.data.vocabulary import Vocabulary
from visreason.models import ModelFile
from visreason.models.attribute_detector import AttributeDetector
from visreason.models.stack_nmn import StackNmn
from visreason.tasks.abilities import vocabulary_of
from visreason.tasks.attribute_report import AttributeReport
from visreason.tasks.count_report import CountReport
from visreason.tasks.count_tally import CountTally
from visreason.tasks.loader import Collate
from visreason.tasks.location_report import JointReport, LocationReport
from visreason.tasks.measuring import measure
from visreason.tasks.object_report import ObjectReport
from visreason.tasks.object_tally import ObjectTally
from visreason.tasks.program_report import ProgramReport
from visreason.tasks.program_tally import GeneratorTally, Scenes
from visreason.tasks.reasoning_tally import ReasoningTally
from visreason.tasks.recipes.task_kinds import ENGINES
from visreason.tasks.reports import AnswerReport, Report, Subject
from visreason.tasks.sources import Samples
from visreason.tasks.stack_tally import StackTally
from visreason.tasks.starting_weights import generator_of
from visreason.tasks.tallies import AnswerTally, AttributeTally, Collector
from visreason.tasks.team import Team


def evaluate(
    model: ModelFile,
    samples: Samples,
    subject: Subject,
    console: Console,
    *,
    batch_size: int = 64,
    workers: int = 0,
    to_batch: Collate = collate,
    scenes: Scenes | None = None,
    team: Team | None = None,
) -> Report:
    """Measure a model on all of a data set's samples, each once.

    Args:
        model: as loaded; it is moved to the team's device, or to a GPU where there is one.
        samples: questions; for an attribute network or a counter scenes, for one that points expressions too.
        subject: names of model, data and split, for the report.
        console: where a progress bar is shown.
        batch_size: samples at once; the figures do not depend on it.
        workers: processes that load images.
        to_batch: makes a batch of samples.
        scenes: what programs are about, for the oracle; None where there are none.
        team: the processes that share the work, all of which get the whole report; None is this one alone.

    Raises:
        DataError: the samples have no true answers, or an image is broken.
    """
    network = model.model
    ask = partial(
        measure,
        network,
        samples,
        to_batch,
        console=console,
        doing=f"testing on {subject.data} {subject.split}",
        batch_size=batch_size,
        workers=workers,
        team=team,
    )
    if isinstance(samples, ClevrObjects):
        assert isinstance(network, AttributeDetector)
        objects = ObjectTally(network.config.value_counts, network.grid)
        ask(objects)
        return ObjectReport.of(subject, objects, samples)
    if isinstance(samples, ClevrAttributes) and model.family == "relation-counter":
        counts = CountTally()
        ask(counts)
        return CountReport.of(subject, counts, samples)
    if isinstance(samples, ClevrAttributes):
        attributes = AttributeTally()
        ask(attributes)
        return AttributeReport.of(subject, attributes, samples)
    vocabulary = vocabulary_of(model)
    if isinstance(samples, QuestionsAndExpressions):
        return _evaluate_stack(network, samples, subject, vocabulary, ask)
    if model.family == "program-generator":
        programs = GeneratorTally(vocabulary, scenes)
        ask(programs)
        return ProgramReport.of(subject, programs, samples.table)
    writes = generator_of(model.model) is not None
    answers = ReasoningTally(vocabulary, scenes) if writes else AnswerTally(vocabulary.answers)
    ask(answers)
    return AnswerReport.of(subject, answers, samples.table, told_programs=model.family in ENGINES)


def _evaluate_stack(
    network: torch.nn.Module,
    samples: QuestionsAndExpressions,
    subject: Subject,
    vocabulary: Vocabulary,
    ask: Callable[[Collector], None],
) -> Report:
    """The report of a Stack Neural Module Network: of answers, boxes, or both."""
    assert isinstance(network, StackNmn)
    questions, expressions = samples.questions, samples.expressions
    tally = StackTally(
        vocabulary,
        answers=questions is not None,
        grid=(network.image.height, network.image.width),
        frame=None if expressions is None else expressions.frame,
    )
    ask(tally)
    answered = located = None
    if questions is not None and tally.answers is not None:
        answered = AnswerReport.of(subject, tally.answers, questions.table)
        planned = zip(answered.predictions, tally.of_questions.words(), strict=True)
        predictions = [{**one, "layout": layout} for one, layout in planned]
        answered = replace(answered, layouts=tally.of_questions.scores(), predictions=predictions)
    if expressions is not None and tally.locations is not None:
        located = LocationReport.of(subject, tally.locations, tally.of_expressions, expressions.table)
    if answered is not None and located is not None:
        return JointReport(subject, answered, located)
    report = answered or located
    assert report is not None
    return report
