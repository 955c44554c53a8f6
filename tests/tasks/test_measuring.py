from typing import Any

import pytest
import torch
from rich.console import Console
from torch import Tensor

from visreason.errors import DataError, VisreasonError
from visreason.tasks.measuring import measure
from visreason.tasks.team import Member, Team


class Heard:
    """Collects what a model says."""

    def __init__(self) -> None:
        self.said: list[int] = []
        self.merged = 0

    def add(self, batch: Any, output: Any) -> None:
        self.said += output.tolist()

    def merge(self, ranks: int) -> None:
        self.merged = ranks


class OneOf(Team):
    """A team whose other processes are elsewhere."""

    def __init__(self, rank: int, ranks: int) -> None:
        super().__init__(ranks)
        self.member = Member(rank, ranks, torch.device("cpu"))
        self.fault: VisreasonError | None = None

    def join(self) -> Member:
        return self.member

    def share_fault(self, fault: VisreasonError | None) -> None:
        self.fault = fault


class Doubles(torch.nn.Module):
    def forward(self, batch: Tensor) -> Tensor:
        return 2 * batch


def hear(samples: list[int], console: Console, to_batch: Any = torch.tensor, **settings: Any) -> Heard:
    heard = Heard()
    measure(Doubles(), samples, to_batch, heard, console, doing="doubling [all]", batch_size=3, **settings)
    return heard


@pytest.mark.parametrize("count", [1, 7, 11])
@pytest.mark.parametrize("ranks", [1, 2, 5])
def test_every_sample_is_measured_once_and_in_order(count: int, ranks: int, console: Console) -> None:
    said: list[int] = []
    for rank in range(ranks):
        heard = hear(list(range(count)), console, team=OneOf(rank, ranks))
        assert heard.merged == ranks
        said += heard.said
    assert said == [2 * one for one in range(count)]


def test_what_a_process_meets_is_shared(console: Console) -> None:
    def broken(rows: list[int]) -> Tensor:
        raise DataError(f"sample {rows[0]} is broken")

    team = OneOf(1, 2)
    hear(list(range(7)), console, broken, team=team)
    assert str(team.fault) == "sample 3 is broken"
    with pytest.raises(DataError, match="sample 0 is broken"):
        hear(list(range(7)), console, broken)
