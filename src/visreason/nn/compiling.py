"""PyTorch's compiler for the parts of a network whose course is always the same.

Those are the image network and the network of the answer, which turn one tensor into another. Around them nothing is
compiled: how long a question is and which modules a program calls changes from batch to batch, so that a compiler would
begin again and again, and the sum over pairs already walks in blocks of its own (`visreason.nn.pairwise_sum`).
"""

from collections.abc import Callable, Sequence
from typing import cast

from torch import Tensor, nn
from torch.fx import GraphModule

from visreason.nn.answer_head import AnswerHead
from visreason.nn.convolution import PixelCnn

COMPILED: tuple[type[nn.Module], ...] = (PixelCnn, AnswerHead)
"""The layers that are compiled."""

_Run = Callable[..., Sequence[Tensor]]


def compile_layers(model: nn.Module, say: Callable[[str], None]) -> int:
    """Let the model's `COMPILED` layers run compiled, in place: names of weights stay, and copies are not compiled.

    Nothing is compiled yet: each layer is at its first batch, and again for batches of another size, for evaluation and
    for another number format. Dropout draws the numbers that it draws without a compiler. Where there is no compiler,
    or it fails, the layer runs as it is.

    Args:
        model: any network.
        say: is told, once, of a compiler that fails.

    Returns:
        How many layers there are.

    Example:
        >>> compile_layers(nn.Sequential(PixelCnn((8, 8)), nn.Flatten(), AnswerHead(128, (16,), answers=28)), print)
        2
    """
    backend = _Careful(say)
    layers = [part for part in model.modules() if isinstance(part, COMPILED)]
    for layer in layers:
        layer.compile(backend=backend, dynamic=True)
    return len(layers)


class _Careful:
    """A backend of `torch.compile`: the default one, and where it fails the graph as it was recorded.

    Args:
        say: is told of the first failure.
    """

    def __init__(self, say: Callable[[str], None]) -> None:
        self.say = say
        self.failed = False

    def __call__(self, graph: GraphModule, inputs: list[Tensor]) -> _Run:
        """What runs the graph; after a failure the compiler is not tried again."""
        from torch._dynamo.exc import BackendCompilerFailed
        from torch._inductor.compile_fx import compile_fx  # takes seconds

        if self.failed:
            return graph.forward
        try:
            compiled = compile_fx(graph, inputs, config_patches={"fallback_random": True})
        except BackendCompilerFailed as error:  # no C++ compiler was found, or it did not take the code
            self.failed = True
            self.say(f"nothing is compiled, which costs time alone: {_first_line(error)}")
            return graph.forward
        return cast(_Run, compiled)


def _first_line(error: Exception) -> str:
    """What the compiler said, without the code that it was given."""
    return str(error).strip().partition("\n")[0]
