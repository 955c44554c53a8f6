"""What converters of other projects' checkpoints share: filling a model, and saying where it comes from."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from torch import Tensor, nn

from visreason.errors import ModelError
from visreason.nn.torch_file import describe, read_state_dict, read_torch_file

__all__ = ["describe", "fill", "provenance", "read_state_dict", "read_torch_file"]


def fill(model: nn.Module, tensors: Mapping[str, Tensor], path: Path, kind: str) -> nn.Module:
    """The model with these weights, in evaluation mode.

    Files older than PyTorch 0.4.1 do not count batches; those counts stay 0.

    Args:
        model: with any weights.
        tensors: by the model's names.
        path: where they come from.
        kind: what wrote it, for messages.

    Raises:
        ModelError: they do not fit.
    """
    counts = {name: one for name, one in model.state_dict().items() if name.endswith("num_batches_tracked")}
    try:
        model.load_state_dict({**counts, **tensors})
    except RuntimeError as error:
        reason = str(error).replace("\n\t", " ")
        raise ModelError(f"{path} is not {kind}. {reason}") from error
    return model.eval()


def provenance(source: str, network: str, path: Path) -> dict[str, str]:
    """Where a model file comes from, for its metadata."""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return {"source": source, "network": network, "file": path.name, "sha256": digest}
