"""Other people's weights, read as numbers only: no code in such a file is run."""

import struct
import warnings
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from pickle import UnpicklingError  # what torch.load raises; nothing is unpickled here
from typing import Any

import torch
from torch import Tensor

from visreason.errors import ModelError

BROKEN = (
    RuntimeError,
    ValueError,
    KeyError,
    IndexError,
    TypeError,
    AttributeError,
    EOFError,
    OSError,
    UnpicklingError,
    struct.error,
)
"""What PyTorch raises of a damaged file of numbers."""


def read_torch_file(path: Path, kind: str) -> Any:
    """What a file that PyTorch saved holds: tensors, numbers, words, lists and mappings of them.

    Args:
        path: the file.
        kind: what is wanted, for messages, such as "a checkpoint of RelationNetworks-CLEVR (.pth)".

    Raises:
        ModelError: the file is missing, damaged, or may hold code.
    """
    if not path.is_file():
        raise ModelError(f"{path} is not a file. Give {kind}.")
    check_archive(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # advice on pickles, which is for those who make them
            return torch.load(path, map_location="cpu", weights_only=True)
    except UnpicklingError as error:
        raise ModelError(
            f"{path} is no PyTorch file of numbers only: it may hold code, which would run when read, and is not "
            f"opened. Give {kind}."
        ) from error
    except BROKEN as error:
        reason = (str(error) or type(error).__name__).split("\n")[0].split(" Please file")[0]
        raise ModelError(
            f"{path} cannot be read as a checkpoint: {reason} Copy or download it again."
        ) from error


def check_archive(path: Path) -> None:
    """Compare the checksums in a file of PyTorch, which PyTorch itself does not; the older form has none.

    Raises:
        ModelError: a number in it has changed since it was written, or its end is missing.
    """
    if not zipfile.is_zipfile(path):
        return
    try:
        with zipfile.ZipFile(path) as archive:
            broken = archive.testzip()
    except (zipfile.BadZipFile, zlib.error, *BROKEN) as error:
        raise ModelError(f"{path} is damaged ({error}). Copy or download it again.") from error
    if broken is not None:
        raise ModelError(f"{path} is damaged: {broken} is not as it was written. Copy or download it again.")


def read_state_dict(path: Path, kind: str) -> dict[str, Tensor]:
    """The names and tensors of a bare `state_dict`, names without `module.`.

    Args:
        path: the file.
        kind: as in `read_torch_file`.

    Raises:
        ModelError: as `read_torch_file`, or the file holds something else.
    """
    loaded = read_torch_file(path, kind)
    if not isinstance(loaded, Mapping) or not all(isinstance(value, Tensor) for value in loaded.values()):
        raise ModelError(
            f"{path} holds {describe(loaded)}, not a state_dict (names and tensors). Give {kind}."
        )
    return {str(name).removeprefix("module."): tensor for name, tensor in loaded.items()}


def describe(loaded: object) -> str:
    """What was found instead of what was wanted.

    >>> describe({"a": 1, "b": 2}), describe([1])
    ("a mapping with 'a', 'b'", 'a list')
    """
    if isinstance(loaded, Mapping):
        return f"a mapping with {', '.join(map(repr, list(loaded)[:4]))}"
    return f"a {type(loaded).__name__}"
