"""Training checkpoints: read without running code from them, turned into models and model files."""

import os
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from visreason import __version__
from visreason.errors import ModelError
from visreason.models import ModelFile, build_model, save_model
from visreason.nn.torch_file import BROKEN, check_archive
from visreason.tasks.run_folder import RunFolder


def read_checkpoint(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Read a training checkpoint onto the CPU.

    Raises:
        ModelError: the file is missing, truncated, holds more than tensors and plain values, or is not ours.
    """
    if not Path(path).is_file():
        raise ModelError(f"{path} is not a file. Give a checkpoint (.ckpt), a run folder or a model file.")
    if not zipfile.is_zipfile(path):
        raise ModelError(
            f"{path} is no training checkpoint of visreason: it is truncated, or another kind of file."
        )
    check_archive(Path(path))
    try:
        if unsafe := torch.serialization.get_unsafe_globals_in_checkpoint(path):
            raise ModelError(
                f"{path} holds more than tensors and plain values ({unsafe[0]}) and could run code when "
                "opened; it was not opened. Checkpoints of visreason never do."
            )
        checkpoint = torch.load(path, map_location="cpu", weights_only=True)
    except (zipfile.BadZipFile, *BROKEN) as error:
        reason = (str(error) or type(error).__name__).splitlines()[0]
        raise ModelError(f"{path} cannot be read as a checkpoint: {reason}") from error
    if not isinstance(checkpoint, dict) or "visreason" not in checkpoint:
        raise ModelError(
            f"{path} is not a training checkpoint of visreason. Bring a reference project's checkpoint over "
            "with `visreason import-weights`."
        )
    return checkpoint


def model_of_checkpoint(checkpoint: Mapping[str, Any], where: str) -> ModelFile:
    """The model in a checkpoint, in evaluation mode.

    Args:
        checkpoint: from `read_checkpoint`.
        where: the file, for messages.

    Raises:
        ModelError: the weights do not fit the configuration beside them.
    """
    ours = checkpoint["visreason"]
    model = build_model(ours["family"], ours["config"])
    prefix = "model."
    weights = {name.removeprefix(prefix): value for name, value in checkpoint["state_dict"].items()}
    try:
        model.load_state_dict(weights)
    except RuntimeError as error:
        raise ModelError(
            f"{where}: the weights do not fit the {ours['family']} they are said to be."
        ) from error
    score = ours["state"]["best_score"]
    provenance = {"visreason": __version__, "epochs": int(checkpoint["epoch"]) + 1, "validation_score": score}
    recipe = ours["recipe"]
    meta = {**ours["meta"], "recipe": recipe["about"]["name"], "settings": recipe, "provenance": provenance}
    return ModelFile(model.eval(), ours["family"], model.config, meta)


def export_weights(run: RunFolder) -> None:
    """Write the best checkpoint's weights as the run's model file."""
    best = model_of_checkpoint(read_checkpoint(run.best), str(run.best))
    save_model(run.weights, best.model, best.meta)
