"""`visreason import-weights`: a reference project's checkpoint as our model file."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from torch.nn import Module


def import_weights(
    source: Literal["relation-networks-clevr", "clevr-iep", "mmnet", "snmn-pytorch"],
    file: Path,
    out: Path,
    *,
    dictionaries: Path | None = None,
    vocab: Path | None = None,
    second: Path | None = None,
    by_words: bool = False,
    online: bool = False,
    position_size: int | None = None,
    validity: Literal["soft", "off"] | None = None,
    overwrite: bool = False,
) -> None:
    """Turn a reference project's checkpoint into a model file of visreason.

    Args:
        source: the project that wrote the checkpoint (mmnet is VisualReasoning_MMnet).
        file: its checkpoint; only numbers are read from it, no code is run.
        out: the model file to write, ending in .safetensors.
        dictionaries: for relation-networks-clevr: JSON with the words and answers the checkpoint was trained with;
            without it the model has no vocabulary and can only be used from Python.
        vocab: for mmnet, which needs it: the vocab.json the checkpoint was trained with. clevr-iep's checkpoints have
            it in them; a file given here counts instead.
        second: for clevr-iep: a checkpoint with the other part. A program generator and an execution engine, each in
            a file of its own, become one model that answers questions.
        by_words: for mmnet: the file is of a SAN_wbw, whose weights look like a SAN's.
        online: for snmn-pytorch: take the network that was trained; without, the running average of its weights, which
            the project tests with.
        position_size: for snmn-pytorch: numbers that say where a cell lies (PE_DIM), which the file does not tell;
            without, 128, as in all of its configurations.
        validity: for snmn-pytorch: whether modules must fit the stack (VALIDATE_MODULES), which the file does not tell;
            without, soft. Its vqa_scratch and loc_scratch have it off.
        overwrite: replace a file that is there.

    Example:
        visreason import-weights mmnet PG.model pg.safetensors --vocab vocab.json
    """
    from visreason.errors import UsageError
    from visreason.models import save_model
    from visreason.zoo import clevr_iep, mmnet, relation_networks_clevr, snmn_pytorch

    if out.exists() and not overwrite:
        raise UsageError(f"{out} exists. Give another file, or --overwrite.")
    ours, other = (
        ("dictionaries", "vocab") if source == "relation-networks-clevr" else ("vocab", "dictionaries")
    )
    words = {"dictionaries": dictionaries, "vocab": vocab}
    if source == "snmn-pytorch" and (dictionaries is not None or vocab is not None):
        raise UsageError(
            f"checkpoints of {source} are of CLEVR's 82 words. Leave --dictionaries and --vocab out."
        )
    if words[other] is not None:
        raise UsageError(f"checkpoints of {source} do not use --{other}. Give their words as --{ours}.")
    if second is not None and source != "clevr-iep":
        raise UsageError(f"checkpoints of {source} come one a file. Leave --second out.")
    if by_words and source != "mmnet":
        raise UsageError(f"checkpoints of {source} say themselves how they read. Leave --by-words out.")
    if online and source != "snmn-pytorch":
        raise UsageError(f"checkpoints of {source} hold one network each. Leave --online out.")
    untold = {"position_size": position_size, "validity": validity}
    rules = {name: value for name, value in untold.items() if value is not None}
    if rules and source != "snmn-pytorch":
        flags = " and ".join(f"--{name.replace('_', '-')}" for name in rules)
        raise UsageError(f"checkpoints of {source} have no stack. Leave {flags} out.")

    def snmn(file: Path, _: Path | None) -> "tuple[Module, dict[str, Any]]":
        return snmn_pytorch.convert(file, "online" if online else "ema", rules=rules)

    converters: dict[str, Callable[[Path, Path | None], tuple[Module, dict[str, Any]]]] = {
        "relation-networks-clevr": relation_networks_clevr.convert,
        "clevr-iep": partial(clevr_iep.convert, second=second),
        "mmnet": partial(mmnet.convert, by_words=by_words),
        "snmn-pytorch": snmn,
    }
    model, meta = converters[source](file, words[ours])
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
