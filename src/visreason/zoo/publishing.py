"""What `visreason publish` does: a run becomes a record of the ledger and, if it ships, a model file and its card."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

import torch
from rich.console import Console

from visreason.errors import UsageError
from visreason.files import write_atomically
from visreason.models import ModelFile, load_model, save_model
from visreason.shipped import SHIPPED
from visreason.tasks.run_folder import RunFolder
from visreason.zoo.card import Card
from visreason.zoo.card_words import limits_of, use_of
from visreason.zoo.fixed_questions import ask_fixed
from visreason.zoo.recipe_facts import portable
from visreason.zoo.record import Record
from visreason.zoo.recording import NOT_SHIPPED, TestOrder, best_of, record_runs, runs_of
from visreason.zoo.shipped_models import MOST_BYTES, MOST_BYTES_TOGETHER

Storage = Literal["bf16", "fp16", "fp32"]
"""What matrices are stored in."""

_DTYPES: dict[Storage, torch.dtype] = {"bf16": torch.bfloat16, "fp16": torch.float16, "fp32": torch.float32}


@dataclass(frozen=True, slots=True)
class Published:
    """What was written.

    Attributes:
        record: what is known of the runs.
        card: of the model, if one ships.
        files: all that were written.
    """

    record: Record
    card: Card | None
    files: Sequence[Path]


def publish_run(
    path: Path,
    name: str,
    orders: Sequence[TestOrder],
    results: Path,
    console: Console,
    *,
    ship: bool = True,
    dtype: Storage = "bf16",
    note: str | None = None,
    batch_size: int = 64,
    overwrite: bool = False,
    shipped: Path = SHIPPED,
) -> Published:
    """Test a run, or the runs of several seeds, and write its record; and ship the run with the best validation.

    The weights that are tested are those that ship, rounding included. Every file is written whole, and none before
    all tests are made.

    Args:
        path: a run's folder, or one of several seeds.
        name: of the record and the model.
        orders: the tests; the first is the one that the ledger's main column shows.
        results: the folder of the ledger's records.
        console: where progress is shown.
        ship: False writes the record alone.
        dtype: what matrices are stored in.
        note: what else is to be said of the model.
        batch_size: samples at once in the tests.
        overwrite: replace a model and a record of this name.
        shipped: the folder of shipped models.

    Raises:
        UsageError: the name is none or taken, such models do not ship, the file would be too large, or a test is not
            possible.
        DataError: data is missing or broken.
    """
    targets = _free_targets(name, results, shipped if ship else None, overwrite=overwrite)
    runs = runs_of(path)
    if not ship:
        record = record_runs(name, runs, orders, console, note=note, batch_size=batch_size)
        record.write(targets[0])
        return Published(record, None, targets)
    learnt = runs[0].recipe().task.name
    if learnt in NOT_SHIPPED:
        raise UsageError(
            f"{path} learnt {learnt}; such models do not ship. Give --results-only for the record."
        )
    record_file, file, card_file = targets
    with TemporaryDirectory() as folder:
        rounded = {number: Path(folder) / f"{number}-{name}.safetensors" for number in range(len(runs))}
        for number, run in enumerate(runs):
            _save_rounded(run, name, rounded[number], _DTYPES[dtype])
        best = best_of(runs)
        weights = rounded[best].read_bytes()
        _check_size(file, len(weights))
        record = record_runs(name, runs, orders, console, weights=rounded, note=note, batch_size=batch_size)
        drift = ask_fixed(rounded[best], console)
    card = Card(
        record=record,
        run=best,
        sha256=hashlib.sha256(weights).hexdigest(),
        size=len(weights),
        dtype=str(_DTYPES[dtype]).removeprefix("torch."),
        drift=drift,
        use=use_of(record),
        limits=limits_of(record),
    )
    with write_atomically(file) as opened:
        opened.write(weights)
    card.write(card_file)
    record.write(record_file)
    return Published(record, card, targets)


def _free_targets(name: str, results: Path, shipped: Path | None, *, overwrite: bool) -> list[Path]:
    """The files that will be written, record first; none of them is there, unless it may be written over."""
    if re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name) is None:
        raise UsageError(
            f"{name!r} is no name of a model: small letters and digits with dashes, as rn-pixels."
        )
    targets = [results / f"{name}.json"]
    if shipped is not None:
        targets += [shipped / f"{name}.safetensors", shipped / f"{name}.json"]
    for target in targets:
        if target.exists() and not overwrite:
            raise UsageError(f"{target} exists. Give another name, or --overwrite.")
    return targets


def _save_rounded(run: RunFolder, name: str, file: Path, dtype: torch.dtype) -> None:
    """A run's model file as it ships: matrices rounded, and no place of this machine in it."""
    model: ModelFile = load_model(run.weights)
    provenance = model.meta["provenance"] | {"shipped_as": name}
    if (data := run.data()) is not None:  # so that a test without --data takes no other world for its own
        provenance["data"] = data.name
    meta = portable(model.meta | {"provenance": provenance})
    save_model(file, model.model, meta, dtype=None if dtype == torch.float32 else dtype)


def _check_size(file: Path, size: int) -> None:
    """Make sure that a model file is small enough, alone and with those that ship already."""
    if size > MOST_BYTES:
        raise UsageError(
            f"the model file has {size / 1e6:.1f} MB; what ships has at most {MOST_BYTES / 1e6:.0f} MB. Train a "
            "compact recipe with narrower layers; --results-only records this one in the ledger."
        )
    others = sum(one.stat().st_size for one in file.parent.glob("*.safetensors") if one != file)
    if others + size > MOST_BYTES_TOGETHER:
        raise UsageError(
            f"with this one ({size / 1e6:.1f} MB) shipped models have {(others + size) / 1e6:.1f} MB; at most "
            f"{MOST_BYTES_TOGETHER / 1e6:.0f} MB may ship together."
        )
