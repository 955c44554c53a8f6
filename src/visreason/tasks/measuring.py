"""One pass of a model over a data set, every sample exactly once, in one process or shared among several."""

import torch
from rich.console import Console
from rich.markup import escape
from rich.progress import track

from visreason.errors import VisreasonError
from visreason.tasks.loader import Collate, Samples, batches, in_order, share
from visreason.tasks.tallies import Collector
from visreason.tasks.team import Team


def measure(
    model: torch.nn.Module,
    samples: Samples,
    to_batch: Collate,
    collector: Collector,
    console: Console,
    *,
    doing: str,
    batch_size: int = 64,
    workers: int = 0,
    team: Team | None = None,
) -> None:
    """Run a model over all samples and collect what it says of them, in their order.

    Several processes share the batches of a single one, each a piece of them, so that the model sees the same
    batches and all processes collect the same in the end.

    Args:
        model: in evaluation mode; it is moved to the process's device.
        samples: with what the collector needs of them.
        to_batch: makes a batch of samples.
        collector: collects.
        console: where a progress bar is shown.
        doing: what the bar says.
        batch_size: samples at once.
        workers: processes that load images.
        team: the processes; None is this one alone.

    Raises:
        DataError: a sample is broken, in whichever process.
    """
    team = team or Team()
    member = team.join()
    groups = share(in_order(len(samples), batch_size), member.rank, member.ranks)
    loader = track(
        batches(samples, to_batch, groups, workers) if groups else (),
        description=escape(doing),
        total=len(groups),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    network, fault = model.to(member.device), None
    try:
        with torch.inference_mode():
            for batch in loader:
                here = batch.to(member.device)
                collector.add(here, network(here))
    except VisreasonError as error:
        fault = error
    team.share_fault(fault)
    collector.merge(member.ranks)
