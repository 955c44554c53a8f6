r"""Batch normalisation over what several processes train on at once, so that they normalise as one would.

```
m = sum_r sum x / n;   v = sum_r sum (x - m)^2 / n;   y = (x - m) / sqrt(v + eps) * w + b
```

with the outer sums over the processes r, each with its share of the batch, however large, and n numbers a channel in
all. PyTorch's own `SyncBatchNorm` runs on GPUs alone and needs equal shares to the bit.

Shape legend: C channels.
"""

from typing import Any, cast

import torch
import torch.distributed
from torch import Tensor, nn
from torch.distributed import ProcessGroup
from torch.nn.modules.batchnorm import _BatchNorm


class _SumOverProcesses(torch.autograd.Function):
    """The sum of all processes' tensors; every process's gradient by it is that of the sum of their losses."""

    @staticmethod
    def forward(ctx: Any, addend: Tensor, group: ProcessGroup) -> Tensor:
        """Add up."""
        ctx.group = group
        total = addend.clone()
        torch.distributed.all_reduce(total, group=group)
        return total

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None]:
        """Add the gradients up."""
        total = grad.clone()
        torch.distributed.all_reduce(total, group=ctx.group)
        return total, None


class _Synchronised(_BatchNorm):
    """What both synchronised layers do; they differ in the inputs that they accept."""

    group: ProcessGroup

    def forward(self, input: Tensor) -> Tensor:
        """Normalise by the statistics of all processes' inputs; in evaluation by the running ones."""
        if not self.training:
            return super().forward(input)
        cells = input.float()
        over, shape = [0, *range(2, cells.dim())], [1, -1] + [1] * (cells.dim() - 2)
        count = cells.new_tensor([cells.numel() // cells.shape[1]])
        sums = self._over_all(torch.cat([cells.sum(over), count]))
        mean_C, whole = sums[:-1] / sums[-1], sums[-1].detach()
        apart = cells - mean_C.view(shape)
        variance_C = self._over_all(apart.square().sum(over)) / whole
        self._remember(mean_C.detach(), variance_C.detach() * whole / (whole - 1).clamp_min(1))
        normal = apart * (variance_C + self.eps).rsqrt().view(shape)
        return (normal * self.weight.view(shape) + self.bias.view(shape)).to(input.dtype)

    def _over_all(self, addend: Tensor) -> Tensor:
        total: Tensor = _SumOverProcesses.apply(addend, self.group)  # type: ignore[no-untyped-call]
        return total

    def _remember(self, mean_C: Tensor, variance_C: Tensor) -> None:
        """Move the running statistics."""
        assert self.running_mean is not None
        assert self.running_var is not None
        assert self.num_batches_tracked is not None
        self.num_batches_tracked += 1
        share = 1 / float(self.num_batches_tracked) if self.momentum is None else self.momentum
        self.running_mean.lerp_(mean_C, share)
        self.running_var.lerp_(variance_C, share)


class SynchronisedBatchNorm1d(_Synchronised, nn.BatchNorm1d):
    """`nn.BatchNorm1d` over all processes; the formula is the module's."""


class SynchronisedBatchNorm2d(_Synchronised, nn.BatchNorm2d):
    """`nn.BatchNorm2d` over all processes; the formula is the module's."""


_KINDS: dict[type[nn.Module], type[_Synchronised]] = {
    nn.BatchNorm1d: SynchronisedBatchNorm1d,
    nn.BatchNorm2d: SynchronisedBatchNorm2d,
}


def synchronise(model: nn.Module, group: ProcessGroup, besides: tuple[type[nn.Module], ...] = ()) -> None:
    """Let a model's batch normalisations take their statistics over all processes of a group, from now on.

    Weights and running statistics stay as they are and keep their names.

    Args:
        model: every process's copy; all have to pass the same layers in the same order.
        group: the processes. Not the group that gradients travel in: the two would wait for each other's messages.
        besides: kinds of modules that are left alone with all that is in them, because not every process passes them
            at every step.
    """
    for module in model.children():
        if type(module) in _KINDS:
            module.__class__ = _KINDS[type(module)]
            module.group = group  # type: ignore[assignment]
        elif not isinstance(module, besides):
            synchronise(module, group, besides)


def separate(model: nn.Module) -> None:
    """Undo `synchronise`."""
    for module in model.modules():
        for theirs, ours in _KINDS.items():
            if type(module) is ours:
                del module.group
                cast(nn.Module, module).__class__ = theirs
