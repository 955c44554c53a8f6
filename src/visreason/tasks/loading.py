"""From what a user calls a model - a run, a checkpoint, a model file, a shipped name - to the model."""

import difflib
import os
from pathlib import Path

from visreason.errors import ModelError
from visreason.models import ModelFile, load_model
from visreason.shipped import SHIPPED
from visreason.tasks.checkpoint import model_of_checkpoint, read_checkpoint
from visreason.tasks.run_folder import RunFolder


def load_any(source: str | os.PathLike[str]) -> ModelFile:
    """Load a model, in evaluation mode, on the CPU.

    Args:
        source: a run folder (its best weights), a `.ckpt` checkpoint, a `.safetensors` model file, or a
            shipped name.

    Raises:
        ModelError: there is no such model, the run has no weights yet, or the file is of another kind.
    """
    path = Path(source)
    if path.is_dir():
        return load_model(weights_of_run(path))
    if path.suffix == ".ckpt":
        return model_of_checkpoint(read_checkpoint(path), str(path))
    if path.is_file():
        return load_model(path)
    known = {file.stem: file for file in sorted(SHIPPED.glob("*.safetensors"))}
    if str(source) in known:
        return load_model(known[str(source)])
    near = difflib.get_close_matches(str(source), known, n=3)
    hint = f" Did you mean {' or '.join(near)}?" if near else ""
    raise ModelError(
        f"there is no model {source}: give a run folder, a checkpoint or a .safetensors file.{hint} "
        f"Shipped models: {', '.join(known)}."
    )


def weights_of_run(path: Path) -> Path:
    """The model file of a run.

    Raises:
        ModelError: the folder is no run, holds several, or has finished no epoch.
    """
    run = RunFolder(path)
    if run.weights.is_file():
        return run.weights
    if not run.is_run():
        inside = sorted(child.name for child in path.glob("*/") if RunFolder(child).is_run())
        hint = f"It holds the runs {', '.join(inside)}: name one." if inside else "It has no config.yaml."
        raise ModelError(f"{path} is no run of visreason. {hint}")
    raise ModelError(f"the run {path} has no weights yet: its first epoch is not finished.")
