"""What `visreason test` does with networks of regions, and with what they have said before."""

from dataclasses import replace
from pathlib import Path

import numpy as np
from rich.console import Console

from visreason.data.regions.dataset import RegionDataset
from visreason.data.regions.folder import read_regions
from visreason.data.regions.missing import keep, kept_at_random, kept_of_image
from visreason.data.regions.region_set import RegionSet
from visreason.errors import ModelError
from visreason.metrics.region_predictions import RegionPredictions
from visreason.models import ModelFile
from visreason.tasks.measuring import measure
from visreason.tasks.naming_report import NamingReport
from visreason.tasks.region_batches import batches_of_model
from visreason.tasks.region_tally import RegionTally
from visreason.tasks.reports import Subject
from visreason.tasks.team import Team


def evaluate_regions(
    model: ModelFile,
    folder: Path,
    subject: Subject,
    console: Console,
    *,
    limit: int | None = None,
    dropped: float = 0.0,
    seed: int = 0,
    batch_size: int = 64,
    workers: int = 0,
    team: Team | None = None,
) -> NamingReport:
    """Measure a model on all regions of a split, each once.

    Args:
        model: as loaded; it is moved to the team's device, or to a GPU where there is one.
        folder: images with boxes, in any layout of `visreason.data.regions.folder`.
        subject: names of model, data and split.
        console: where a progress bar, and what is odd in the data, is shown.
        limit: only so many images, from the start of the file.
        dropped: the fraction of regions that the model is not shown.
        seed: of which these are.
        batch_size: images at once; the figures do not depend on it.
        workers: processes that load images.
        team: the processes that share the work, all of which get the whole report; None is this one alone.

    Raises:
        ModelError: the model file does not say what its classes are.
        DataError: the data is missing or broken, or has none of the model's classes.
        UsageError: the fraction is none.
    """
    samples = samples_of(model, folder, subject.split, console, limit=limit, dropped=dropped, seed=seed)
    tally = RegionTally(model.meta["classes"], model.meta["frequencies"])
    measure(
        model.model,
        samples,
        batches_of_model(model.meta["inputs"]),
        tally,
        console,
        doing=f"testing on {subject.data} {subject.split}",
        batch_size=batch_size,
        workers=workers,
        team=team,
    )
    return NamingReport.of(subject, tally, samples, dropped=dropped)


def samples_of(
    model: ModelFile,
    folder: Path,
    split: str,
    console: Console,
    *,
    limit: int | None = None,
    dropped: float = 0.0,
    seed: int = 0,
) -> RegionDataset:
    """The images of a split as a model is to see them; arguments as of `evaluate_regions`."""
    missing = [key for key in ("inputs", "classes", "frequencies") if key not in model.meta]
    if missing:
        raise ModelError(
            f"this model of regions does not say its {missing[0]}. Take a file of `visreason train`."
        )
    regions: RegionSet = read_regions(folder, split, classes=model.meta["classes"])
    if regions.report.oddities:
        console.print(regions.report.text(), markup=False, soft_wrap=True)
    if limit is not None:
        regions = replace(regions, images=regions.images[:limit])
    if dropped:
        regions = keep(regions, kept_at_random(regions, dropped, seed))
    inputs = model.meta["inputs"]
    return RegionDataset(regions, short=inputs["short"], long=inputs["long"])


def score_again(source: str, file: Path, *, dropped: float = 0.0, seed: int = 0) -> NamingReport:
    """Score predictions that were saved before; with `dropped`, those that would have been kept alone.

    The draws are those of `evaluate_regions`: there the model does not see what is dropped, here it has seen it.

    Args:
        source: what the model is called in the report.
        file: `predictions.npz` of a test.
        dropped: the fraction of regions that does not count.
        seed: of which these are.

    Raises:
        DataError: the file holds no predictions.
        UsageError: the fraction is none, or nothing is left.
    """
    said = RegionPredictions.read(file)
    if dropped:
        kept = np.zeros(len(said.labels), bool)
        for image in np.unique(said.images).tolist():
            rows = np.flatnonzero(said.images == image)
            kept[rows] = kept_of_image(len(rows), image, dropped, seed)
        said = replace(
            said, probabilities=said.probabilities[kept], labels=said.labels[kept], images=said.images[kept]
        )
    return NamingReport(Subject(source, str(file), "saved"), said, said.score(), dropped)
