"""Measuring a model on questions it has not seen: every question once, figures with intervals, files for machines."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from rich.console import Console
from rich.progress import track

from visreason.data.dataset import ClevrAttributes, ClevrQuestions, collate
from visreason.models import ModelFile, Output
from visreason.nn.batch import Batch
from visreason.tasks.answering import AnswerTally
from visreason.tasks.attributes import AttributeTally
from visreason.tasks.loader import batches, in_order
from visreason.tasks.module import Tally


def measure(
    model: torch.nn.Module, loader: Iterable[Batch], tally: Tally, device: torch.device | str = "cpu"
) -> None:
    """Run a model over batches and add what it says to a tally.

    Args:
        model: in evaluation mode, on `device`.
        loader: batches with their true answers.
        tally: collects.
        device: where the model is.
    """
    with torch.inference_mode():
        for batch in loader:
            here = batch.to(device)
            output: Output = model(here)
            tally.add(here, output.logits.float())
