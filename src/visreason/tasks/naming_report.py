"""What a test found of the names of regions."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import numpy as np

from visreason.data.regions.dataset import RegionDataset
from visreason.metrics.intervals import Interval, clustered_fraction
from visreason.metrics.region_predictions import RegionPredictions
from visreason.metrics.regions import RegionScores
from visreason.tasks.figures import write_figures
from visreason.tasks.region_tally import RegionTally
from visreason.tasks.reports import ARRAYS, Subject, names_of

_MOST_WORDS = 20
"""Attributes that get a figure of their own: so many, those that are met most."""


@dataclass(frozen=True, slots=True)
class NamingReport:
    """How well regions were named.

    Attributes:
        subject: what was tested on what.
        said: the probabilities that the scores are made of.
        scores: every figure with its interval.
        dropped: the fraction of regions that was left out.
        loss: mean cross entropy; None of predictions that were read from a file, as are the others that follow.
        by_prediction: accuracy of the backbone's own prediction and of each iteration's.
        by_word: accuracy on the regions that have an attribute, of the attributes that are met most.
        predictions: one object a region, as in `predictions.jsonl`.
    """

    subject: Subject
    said: RegionPredictions
    scores: RegionScores
    dropped: float = 0.0
    loss: float | None = None
    by_prediction: Mapping[str, Interval] = field(default_factory=dict)
    by_word: Mapping[str, Interval] = field(default_factory=dict)
    predictions: Sequence[Mapping[str, Any]] = ()

    @classmethod
    def of(
        cls, subject: Subject, tally: RegionTally, samples: RegionDataset, *, dropped: float = 0.0
    ) -> Self:
        """Make the report of a tally over all images of a data set, in its order."""
        said = tally.predictions()
        images = [samples.regions.images[row] for row in samples.used]
        boxes = [box for image in images for box in image.boxes.tolist()]
        words = [own for image in images for own in image.attributes]
        ids = [one for image in images for one in image.ids]
        files = [image.file.name for image in images for _ in range(len(image))]
        named_N = said.probabilities[:, 1:].argmax(axis=1) + 1
        predictions = [
            {
                "image_filename": files[row],
                "region": ids[row],
                "box": [round(one, 2) for one in boxes[row]],
                "answer": tally.classes[truth],
                "prediction": tally.classes[named],
                "probability": round(float(said.probabilities[row, named]), 6),
                "correct": truth == named,
                "attributes": list(words[row]),
            }
            for row, (truth, named) in enumerate(zip(said.labels.tolist(), named_N.tolist(), strict=True))
        ]
        by_word = {}
        for word, _ in Counter(one for own in words for one in own).most_common(_MOST_WORDS):
            rows = np.array([word in own for own in words])
            by_word[word] = clustered_fraction((named_N == said.labels)[rows], said.images[rows])
        return cls(
            subject,
            said,
            said.score(),
            dropped,
            tally.loss(),
            tally.by_prediction(),
            by_word,
            predictions,
        )

    def to_dict(self) -> dict[str, Any]:
        """The form of `metrics.json`."""
        scores = self.scores
        accuracy: dict[str, Any] = {"overall": scores.instances.ac.to_dict()}
        for name, group in (("by_prediction", self.by_prediction), ("by_attribute", self.by_word)):
            accuracy |= {name: {key: one.to_dict() for key, one in group.items()}} if group else {}
        bands = {str(band): band.figures for band in scores.bands}
        names = self.said.classes.tolist()
        return {
            "task": "regions",
            **names_of(self.subject),
            "per_instance_ap": {"overall": scores.instances.ap.to_dict()},
            "per_instance_ac": accuracy,
            "per_instance_sc": {"overall": scores.instances.sc.to_dict()},
            "per_class_ap": {
                "overall": scores.classes.ap.to_dict(),
                "by_frequency": {key: one.ap.to_dict() for key, one in bands.items()},
            },
            "per_class_ac": {
                "overall": scores.classes.ac.to_dict(),
                "by_frequency": {key: one.ac.to_dict() for key, one in bands.items()},
            },
            "per_class_sc": {"overall": scores.classes.sc.to_dict()},
            "classes": scores.to_dict(names)["per_class"],
            "dropped": self.dropped,
            "loss": self.loss,
        }

    def table(self) -> list[tuple[str, str, str]]:
        """The four figures, accuracy of each prediction and by attribute, and AP of frequent and rare classes."""
        scores = self.scores
        lines = {
            "AP over regions": scores.instances.ap,
            "accuracy over regions": scores.instances.ac,
            "AP over classes": scores.classes.ap,
            "accuracy over classes": scores.classes.ac,
        }
        if len(self.by_prediction) > 1:
            lines |= {f"accuracy, {name}": one for name, one in self.by_prediction.items()}
        lines |= {f"accuracy, {name}": one for name, one in self.by_word.items()}
        lines |= {f"AP of classes seen {band} times": band.figures.ap for band in scores.bands}
        return [(name, str(value), f"{value.count:,}") for name, value in lines.items()]

    def write(self, folder: Path) -> list[Path]:
        """Write `metrics.json`, `results.csv`, `predictions.jsonl` and, to be scored again, `predictions.npz`."""
        written = write_figures(folder, self.to_dict(), self.predictions)
        self.said.write(folder / ARRAYS)
        return [*written, folder / ARRAYS]
