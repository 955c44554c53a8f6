"""Batch normalisation over processes, which are threads here that meet at a barrier to add up."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, get_ident
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from visreason.nn.batch_norm import SynchronisedBatchNorm2d, separate, synchronise

GROUP: Any = object()


@pytest.fixture
def together(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[Any]]:
    """Runs a piece of work for each of two processes at once; `all_reduce` adds up over both."""
    barrier, told = Barrier(2, timeout=10), {}

    def all_reduce(addend: Tensor, group: object) -> None:
        told[get_ident()] = addend.clone()
        barrier.wait()
        addend.copy_(sum(told.values()))
        barrier.wait()

    monkeypatch.setattr(torch.distributed, "all_reduce", all_reduce)

    def run(*works: Callable[[], Any]) -> list[Any]:
        told.clear()
        with ThreadPoolExecutor(2) as pool:
            return [done.result() for done in [pool.submit(work) for work in works]]

    return run


def made(kind: type[nn.Module], **settings: Any) -> nn.Module:
    torch.manual_seed(0)
    layer = nn.Sequential(nn.Identity(), kind(3, **settings))
    nn.init.normal_(layer[1].weight)
    nn.init.normal_(layer[1].bias)
    return layer


@pytest.mark.parametrize("momentum", [0.1, None])
@pytest.mark.parametrize(("kind", "shape"), [(nn.BatchNorm2d, (7, 3, 4, 5)), (nn.BatchNorm1d, (7, 3))])
def test_uneven_shares_are_normalised_as_the_whole_batch(
    together: Callable[..., list[Any]], kind: type[nn.Module], shape: tuple[int, ...], momentum: float | None
) -> None:
    torch.manual_seed(1)
    whole, slope = torch.randn(shape) * 3 + 100, torch.randn(shape)
    alone = made(kind, momentum=momentum)
    given = whole.clone().requires_grad_()
    expected = alone(given)
    (expected * slope).sum().backward()
    copies = [made(kind, momentum=momentum) for _ in range(2)]
    for copy in copies:
        synchronise(copy, GROUP)
    parts = [slice(0, 2), slice(2, 7)]

    def work(copy: nn.Module, part: slice) -> Callable[[], tuple[Tensor, Tensor | None]]:
        def step() -> tuple[Tensor, Tensor | None]:
            own = whole[part].clone().requires_grad_()
            result = copy(own)
            (result * slope[part]).sum().backward()
            return result, own.grad

        return step

    found = together(*(work(copy, part) for copy, part in zip(copies, parts, strict=True)))
    for (result, grad), part, copy in zip(found, parts, copies, strict=True):
        torch.testing.assert_close(result, expected[part], rtol=1e-4, atol=1e-4)
        torch.testing.assert_close(grad, given.grad[part], rtol=1e-4, atol=1e-4)
        torch.testing.assert_close(dict(copy[1].named_buffers()), dict(alone[1].named_buffers()))
    slopes = sum(copy[1].weight.grad for copy in copies)
    torch.testing.assert_close(slopes, alone[1].weight.grad, rtol=1e-4, atol=1e-4)


def test_in_evaluation_and_once_separated_it_is_the_plain_layer() -> None:
    layer, cells = made(nn.BatchNorm2d), torch.randn(2, 3, 4, 4)
    names = list(layer.state_dict())
    expected = layer.eval()(cells)
    synchronise(layer, GROUP)
    assert isinstance(layer[1], SynchronisedBatchNorm2d)
    assert list(layer.state_dict()) == names
    assert torch.equal(layer(cells), expected)
    separate(layer)
    assert type(layer[1]) is nn.BatchNorm2d
    assert layer.train()(cells).isfinite().all()


def test_what_not_every_process_passes_is_left_alone() -> None:
    class Sometimes(nn.Sequential):
        pass

    model = nn.Sequential(nn.BatchNorm1d(2), Sometimes(nn.BatchNorm1d(2)))
    synchronise(model, GROUP, besides=(Sometimes,))
    assert [type(model[0]) is nn.BatchNorm1d, type(model[1][0]) is nn.BatchNorm1d] == [False, True]
