"""`visreason import-weights`: a reference project's checkpoint as our model file."""

from pathlib import Path
from typing import Literal


def import_weights(
    source: Literal["relation-networks-clevr"],
    file: Path,
    out: Path,
    *,
    dictionaries: Path | None = None,
    overwrite: bool = False,
) -> None:
    """Turn a reference project's checkpoint into a model file of visreason.

    Args:
        source: the project that wrote the checkpoint.
        file: its checkpoint; only numbers are read from it, no code is run.
        out: the model file to write, ending in .safetensors.
        dictionaries: JSON with the words and answers the checkpoint was trained with; without it the model
            has no vocabulary and can only be used from Python.
        overwrite: replace a file that is there.

    Example:
        visreason import-weights relation-networks-clevr original_fp_epoch_493.pth rn.safetensors
        --dictionaries dictionaries.json
    """
    from visreason.errors import UsageError
    from visreason.models import save_model
    from visreason.zoo.relation_networks_clevr import convert

    if out.exists() and not overwrite:
        raise UsageError(f"{out} exists. Give another file, or --overwrite.")
    model, meta = convert(file, dictionaries)
    save_model(out, model, meta)
    vocabulary = meta.get("vocabulary")
    known = (
        f"{len(vocabulary['words'])} words, {len(vocabulary['answers'])} answers"
        if vocabulary
        else "no vocabulary"
    )
    print(f"{out}: {meta['recipe']} from {source}, {known}.")
    if vocabulary is None:
        print("Without --dictionaries it cannot be tested or asked in words.")
