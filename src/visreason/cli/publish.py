"""`visreason publish`: a run becomes a shipped model with its card, and a record of the ledger."""

from pathlib import Path
from typing import Literal


def publish(
    run: Path,
    name: str,
    *,
    data: Path | None = None,
    split: str | None = None,
    real: Path | None = None,
    real_split: str = "val",
    rules: list[Path] | None = None,
    rules_split: str | None = None,
    dtype: Literal["bf16", "fp16", "fp32"] = "bf16",
    note: str | None = None,
    results_only: bool = False,
    results: Path = Path("results"),
    batch_size: int = 64,
    json: bool = False,
    overwrite: bool = False,
) -> None:
    """Test a run and ship it: weights and card go into the package, the record of the ledger into results/NAME.json.

    Of several seeds the one with the best validation ships, and the record holds them all. Minimal pairs that lie in
    a data folder are asked too. `visreason ledger` then draws docs/results.md and docs/models/.

    Args:
        run: a run's folder, or that of several seeds (`train --seeds 1,2,3`).
        name: of the model, under which every command takes it from then on.
        data: unseen generated data; without it, the split that the run's epochs were chosen by.
        split: of this data; by default the split that the recipe validates on.
        real: real images with scenes and questions, for the column of their own.
        real_split: of these.
        rules: a folder that `generate --only RULE` made, to see what a model makes of it; may be repeated.
        rules_split: of these; by default that of --data.
        dtype: what matrices are stored in; they are used as float32 again.
        note: what else is to be said of it.
        results_only: write the record alone and ship nothing.
        results: the folder of records.
        batch_size: samples at once in the tests.
        json: print the record as an object.
        overwrite: replace the model and the record of this name.

    Example:
        visreason publish runs/rn-state rn-state --data world --split test --real CLEVR_v1.0
    """
    from visreason.cli.tables import messages, print_json, print_table
    from visreason.zoo.publishing import publish_run
    from visreason.zoo.record import WORDS
    from visreason.zoo.recording import TestOrder

    console = messages()
    orders = [TestOrder("generated", data, split)]
    orders += [] if real is None else [TestOrder("real", real, real_split)]
    orders += [TestOrder("rules", folder, rules_split or split) for folder in rules or ()]
    made = publish_run(
        run,
        name,
        orders,
        results,
        console,
        ship=not results_only,
        dtype=dtype,
        note=note,
        batch_size=batch_size,
        overwrite=overwrite,
    )
    record = made.record
    if json:
        print_json(record.to_dict())
    else:
        measured = [(test, figure) for test in record.tests for figure in record.headlines]
        rows = [
            [f"{test.data}, {test.split}", WORDS[name], str(test.spread(name)), f"{test.count(name):,}"]
            for test, name in measured
        ]
        print_table(["data", "figure", "95 % interval", "samples"], rows, right=["samples"], title=name)
    console.print("wrote " + ", ".join(map(str, made.files)), soft_wrap=True)
    console.print("Next: visreason ledger")
