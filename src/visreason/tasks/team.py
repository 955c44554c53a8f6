"""Several processes, on one machine or many, that measure one model as a single one would.

Every process takes its share of the batches, which are those of a single process; then each is told what all of them
have found, and the first one reports.
"""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

import torch

from visreason.errors import UsageError, VisreasonError
from visreason.tasks.gather import gather_lists

_RANKS = ("RANK", "LOCAL_RANK", "NODE_RANK", "GROUP_RANK", "SLURM_PROCID")
"""What torchrun, Slurm and Lightning itself tell a process of its place."""

_PATIENCE = timedelta(hours=12)
"""How long a process waits for the slowest one."""


def is_first_process() -> bool:
    """Whether this process makes what is written, and tells the user how the work goes."""
    return all(os.environ.get(name, "0") == "0" for name in _RANKS)


def started_together() -> bool:
    """Whether Slurm or torchrun started this process at the same time as others; Lightning's own come later."""
    return "RANK" in os.environ or int(os.environ.get("SLURM_NTASKS", "1")) > 1


def quieten_lightning() -> None:
    """Let Lightning tell errors only: what it finds and starts is the user's own choice."""
    for name in ("lightning.pytorch", "lightning.fabric"):
        logging.getLogger(name).setLevel(logging.ERROR)


@dataclass(frozen=True, slots=True)
class Member:
    """One process of a team.

    Attributes:
        rank: its number, from 0.
        ranks: how many there are.
        device: where it computes.
    """

    rank: int
    ranks: int
    device: torch.device


class Team:
    """The processes that share a pass over data, one a device.

    Lightning starts those of this machine, as further runs of the same command, when `join` is first called; Slurm
    and torchrun have started them all before.

    Args:
        devices: GPUs a machine, or with `accelerator="cpu"` processes.
        nodes: machines.
        accelerator: "auto" takes GPUs where there are any.

    Raises:
        UsageError: a number is less than 1.

    Example:
        >>> member = Team(accelerator="cpu").join()
        >>> member.rank, member.ranks, str(member.device)
        (0, 1, 'cpu')
    """

    def __init__(
        self, devices: int = 1, nodes: int = 1, accelerator: Literal["auto", "cpu", "gpu"] = "auto"
    ) -> None:
        if devices < 1 or nodes < 1:
            raise UsageError(f"--devices and --nodes must be at least 1; got {devices} and {nodes}.")
        self.devices = devices
        self.nodes = nodes
        self.accelerator = accelerator
        self._member: Member | None = None

    @property
    def alone(self) -> bool:
        """Whether there is one process only."""
        return self.devices * self.nodes == 1

    @property
    def is_first(self) -> bool:
        """Whether this process reports."""
        return self.alone or is_first_process()

    def join(self) -> Member:
        """Start the other processes and wait for them, unless that is done.

        Raises:
            UsageError: the machine has no such devices, or was told of other numbers of them.
        """
        if self._member is None:
            self._member = self._alone() if self.alone else self._together()
        return self._member

    @contextmanager
    def reporting(self) -> Iterator[None]:
        """Work from which the first process alone returns.

        The others end with it, in success: what they have met after `join`, the first one has met too, and tells.
        """
        try:
            yield
        except VisreasonError:
            if self.is_first or self._member is None:
                raise
        if not self.is_first:
            raise SystemExit(0)

    def share_fault(self, fault: VisreasonError | None) -> None:
        """Meet in every process what one of them has met.

        Args:
            fault: what this one has met, if anything.

        Raises:
            VisreasonError: the fault of the first process that has met one.
        """
        (faults,) = gather_lists(self.join().ranks, [fault])
        for one in faults:
            if one is not None:
                raise one

    def _alone(self) -> Member:
        there = torch.cuda.is_available()
        if self.accelerator == "gpu" and not there:
            raise UsageError("--accelerator gpu: this machine has no GPU that PyTorch can use.")
        return Member(0, 1, torch.device("cuda" if there and self.accelerator != "cpu" else "cpu"))

    def _together(self) -> Member:
        from lightning.fabric import Fabric  # takes seconds
        from lightning.fabric.strategies.ddp import DDPStrategy
        from lightning.fabric.utilities.exceptions import MisconfigurationException

        quieten_lightning()
        strategy = DDPStrategy(process_group_backend="gloo", timeout=_PATIENCE)  # only findings travel
        try:
            fabric = Fabric(
                accelerator=self.accelerator, devices=self.devices, num_nodes=self.nodes, strategy=strategy
            )
            fabric.launch()
        except (MisconfigurationException, RuntimeError, ValueError) as error:
            raise UsageError(
                f"--accelerator {self.accelerator}, --devices {self.devices}, --nodes {self.nodes}: {error}"
            ) from error
        return Member(fabric.global_rank, fabric.world_size, fabric.device)
