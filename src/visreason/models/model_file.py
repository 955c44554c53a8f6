"""One file a model: safetensors weights and, in the header, everything needed to use them.

The header's metadata has one entry, `visreason`, whose value is JSON: `{"format": 1, "family": ..., "config":
{...}, "meta": {...}}`. `meta` says what the model reads and answers:

* `vocabulary`: `{"words": [...], "answers": [...]}`; `words[0]` has index 1 (0 is padding), `answers[0]`
  class 0;
* `inputs`: `{"kind": "pixels", "image_size": [128, 128]}` or
  `{"kind": "state", "encoding": "ordinal" | "onehot", "max_objects": 10}`;
* `recipe` and `provenance`: where the model comes from.

Weights may be stored in fewer bits than they are used with (`save_model(..., dtype=torch.bfloat16)`): the network that
is built from the configuration takes them in its own precision again.

Beside them, `sha256` is the checksum of all this and of the weights, compared when the file is read; files without one
are read too.

Reading one never runs code from it: safetensors holds numbers only (https://github.com/huggingface/safetensors).
"""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn

from visreason.errors import ModelError
from visreason.files import write_atomically
from visreason.models.config import config_from_dict, config_to_dict
from visreason.models.families import MODELS, build_model, family_of

FORMAT = 1
_CHECKSUM = "sha256"


@dataclass(frozen=True, slots=True)
class ModelFile:
    """What a model file holds.

    Attributes:
        model: the network with its weights, in evaluation mode.
        family: its family's name.
        config: its configuration.
        meta: vocabulary, inputs, recipe and provenance, as in the module's docstring.
    """

    model: nn.Module
    family: str
    config: Any
    meta: dict[str, Any]


def save_model(
    path: str | os.PathLike[str],
    model: nn.Module,
    meta: Mapping[str, Any],
    *,
    dtype: torch.dtype | None = None,
) -> None:
    """Write a model and what is needed to use it to one `.safetensors` file, whole or not at all.

    Args:
        path: the file.
        model: a model of one of our families.
        meta: JSON values as in the module's docstring.
        dtype: to store matrices and kernels in, which then take half the room with `torch.bfloat16` or `torch.float16`;
            vectors (biases, running averages) stay as they are. None stores everything as it is.

    Raises:
        ModelError: the model is of no family here, or the name does not end in `.safetensors`.

    Example:
        >>> import pathlib, tempfile
        >>> model = build_model("question-only", {"vocabulary_size": 2, "answer_count": 2})
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "guess.safetensors"
        >>> save_model(path, model, {"vocabulary": {"words": ["is", "it"], "answers": ["yes", "no"]}})
        >>> load_model(path).meta["vocabulary"]["answers"]
        ['yes', 'no']
    """
    if Path(path).suffix != ".safetensors":
        raise ModelError(f"{path}: a model file's name ends in .safetensors. Choose such a name.")
    header = {
        "format": FORMAT,
        "family": family_of(model),
        "config": config_to_dict(model.config),
        "meta": dict(meta),
    }
    tensors = {name: _stored(tensor.detach().cpu(), dtype) for name, tensor in model.state_dict().items()}
    said = orjson.loads(orjson.dumps(header, option=orjson.OPT_SERIALIZE_NUMPY))
    said[_CHECKSUM] = _digest(said, tensors)
    data = save(tensors, metadata={"visreason": orjson.dumps(said).decode()})
    with write_atomically(path) as file:
        file.write(data)


def _stored(tensor: Tensor, dtype: torch.dtype | None) -> Tensor:
    """A tensor as it is stored."""
    rounded = dtype is not None and tensor.is_floating_point() and tensor.dim() > 1
    return (tensor.to(dtype) if rounded else tensor).contiguous()


def _digest(said: Mapping[str, Any], tensors: Mapping[str, Tensor]) -> str:
    """SHA-256 of the header entry and of every tensor's name and bytes."""
    digest = hashlib.sha256(orjson.dumps(said))
    for name in sorted(tensors):
        digest.update(name.encode())
        digest.update(tensors[name].reshape(-1).view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()


def load_model(path: str | os.PathLike[str], device: torch.device | str = "cpu") -> ModelFile:
    """Read a model file; the model comes in evaluation mode.

    Raises:
        ModelError: the file is missing, truncated, damaged, no safetensors file (such as a pickled checkpoint), not
            ours, of a family or format that this version does not know, or its weights do not fit its
            configuration.
    """
    header, tensors = _read(Path(path))
    if header.get("format") != FORMAT:
        raise ModelError(
            f"{path} has model-file format {header.get('format')!r}; this visreason reads format {FORMAT}. "
            "Use the version of visreason that wrote it, or train again."
        )
    family = header.get("family")
    if family not in MODELS:
        raise ModelError(
            f"{path} holds a model of the family {family!r}; known families: {', '.join(MODELS)}."
        )
    config = config_from_dict(MODELS[family].config, header.get("config", {}), str(path))
    model = build_model(family, config).to(device)
    try:
        model.load_state_dict(tensors)
    except RuntimeError as error:
        reason = str(error).replace("\n\t", " ")
        raise ModelError(f"{path}: the weights do not fit the {family} it says it is. {reason}") from error
    return ModelFile(model.eval(), family, config, dict(header.get("meta", {})))


def _read(path: Path) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """The header entry and the tensors of one of our files."""
    if not path.is_file():
        raise ModelError(f"{path} is not a file. Give a model file (.safetensors).")
    try:
        with safe_open(path, framework="pt", device="cpu") as file:
            metadata = file.metadata() or {}
            if "visreason" not in metadata:
                raise ModelError(
                    f"{path} is a safetensors file of another project. Bring a known checkpoint over with "
                    "`visreason import-weights`."
                )
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (no mapping)
    except (SafetensorError, OSError) as error:
        raise ModelError(f"{path} is not a model file of visreason: {_explain(path, error)}") from error
    try:
        header = orjson.loads(metadata["visreason"])
    except orjson.JSONDecodeError as error:
        raise ModelError(
            f"{path}: the header is not JSON ({error}). The file is damaged; copy it again."
        ) from error
    if not isinstance(header, dict):
        raise ModelError(f"{path}: the header is not a JSON object. The file is damaged; copy it again.")
    if (known := header.pop(_CHECKSUM, None)) not in (None, _digest(header, tensors)):
        raise ModelError(f"{path} is damaged: it is not as it was written ({known!r:.12}…). Copy it again.")
    return header, tensors


def _explain(path: Path, error: Exception) -> str:
    """What a file that safetensors refuses probably is."""
    with path.open("rb") as file:
        start = file.read(8)
    if start[:2] == b"PK" or start[:1] == b"\x80":
        return (
            "it is a PyTorch pickle, which can run code when read and is not opened here. Bring a reference "
            "project's checkpoint over with `visreason import-weights`."
        )
    return f"{error}. It may be truncated; copy it again."
