"""`visreason bench`: the project's own benchmarks."""

import dataclasses
import difflib
import importlib
import json as json_module
import sys

from visreason.benchmarks.row import Row
from visreason.errors import UsageError

BENCHMARKS = {
    "questions": "questions written a second on one core, and how evenly families and answers are spread",
    "rendering": "images rendered a second",
    "fidelity": "decibels to real CLEVR images rendered again from their scenes (needs the reference data)",
    "table": "preparing and opening a table of 700,000 questions",
    "rn-step": "a Relation Network's training step against the plain formula: time and memory",
}


def bench(name: list[str] | None = None, *, json: bool = False) -> None:
    """Run the project's own benchmarks: ratios against the plain formula, measured in one run.

    Args:
        name: which ones; all without it.
        json: print a list of objects instead of a table.

    Example:
        visreason bench questions rn-step
    """
    names = name or list(BENCHMARKS)
    for given in names:
        if given not in BENCHMARKS:
            near = difflib.get_close_matches(given, BENCHMARKS, n=1)
            raise UsageError(f"there is no benchmark {given!r}. {f'Did you mean {near[0]}? ' if near else ''}"
                             f"The benchmarks are {', '.join(BENCHMARKS)}.")
    rows: list[Row] = []
    for given in names:
        print(f"{given}: {BENCHMARKS[given]} …", file=sys.stderr)
        rows += importlib.import_module(f"visreason.benchmarks.{given.replace('-', '_')}").run()
    if json:
        print(json_module.dumps([dataclasses.asdict(row) for row in rows], indent=2))
    else:
        _print_table(rows)


def _print_table(rows: list[Row]) -> None:
    """The rows as a table on standard output."""
    from rich.console import Console
    from rich.table import Table

    table = Table("benchmark", "value", "times faster", "memory of the plain form", "equal", title="visreason bench")
    for row in rows:
        value = "" if row.value is None else f"{row.value:,.4g} {row.unit or ''}"
        ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
        memory = "" if row.memory_ratio is None else f"{row.memory_ratio:.1%}"
        table.add_row(row.name, value, ratio, memory, {None: "", True: "yes", False: "NO"}[row.equal])
    Console(width=max(100, Console().width)).print(table)
