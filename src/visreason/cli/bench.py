"""`visreason bench`: the project's own benchmarks."""

import dataclasses
import difflib
import importlib
import sys

from visreason.benchmarks.row import Row
from visreason.errors import UsageError

BENCHMARKS = {
    "scenes": "scenes placed a second on one core, and how well their objects can be seen",
    "questions": "questions written a second on one core, and how evenly families and answers are spread",
    "worlds": "what a world without images costs, and how far that is to CLEVR's 70,000 scenes",
    "rendering": "images rendered a second",
    "world-gpu": "images a second that are rendered while training, each from a new camera, on a GPU if there is one",
    "fidelity": "decibels to real CLEVR images rendered again from their scenes (needs the reference data)",
    "fidelity-mitsuba": "the same of Mitsuba's images, and what they cost (needs the extra `mitsuba`; minutes)",
    "expressions": "referring expressions written and boxes drawn a second on one core, and how even they are",
    "counterfactuals": "minimal pairs made a second on one core, and how even they are",
    "attribution": "planted faults and how often `test --attribute` names the step at which they lie",
    "table": "preparing and opening a table of 700,000 questions",
    "feature-reading": "features read in random order from shards, against one file an image",
    "families": "a training and an inference step of every family, against its samples one by one: time and memory",
    "module-network": "a module network's pass against its programs executed one by one: time and memory",
    "module-memory": "a module memory's pass against reading the whole memory for every function",
    "rn-step": "a Relation Network's training step against the plain formula: time and memory",
    "word-attention": "attention word by word against one question and one word at a time",
    "snmn-step": "a Stack Neural Module Network's training step against the form in which it is written",
    "program-decoding": "writing programs for 64 questions side by side against one after the other",
    "end-to-end": "a module memory's soft training step against its programs executed one by one",
    "search": "finding an image's nearest among 100,000 and a million: time, memory, and what faiss finds of it",
    "graph-distance": "distances of scenes a second, and exact ones against trying every matching of small scenes",
    "serving": "questions a second that the studio answers, and how long the slowest wait, beside one alone",
    "region-memory": "a memory that 128 regions read and write, against going region by region: time and memory",
}


def bench(name: list[str] | None = None, *, json: bool = False) -> None:
    """Run the project's own benchmarks: ratios against the plain formula, measured in one run.

    Args:
        name: which ones; all without it.
        json: print a list of objects instead of a table.

    Example:
        visreason bench questions rn-step
    """
    from visreason.cli.tables import print_json, print_table

    names = name or list(BENCHMARKS)
    for given in names:
        if given not in BENCHMARKS:
            near = difflib.get_close_matches(given, BENCHMARKS, n=1)
            raise UsageError(
                f"there is no benchmark {given!r}. {f'Did you mean {near[0]}? ' if near else ''}"
                f"The benchmarks are {', '.join(BENCHMARKS)}."
            )
    rows: list[Row] = []
    for given in names:
        print(f"{given}: {BENCHMARKS[given]} …", file=sys.stderr)
        rows += importlib.import_module(f"visreason.benchmarks.{given.replace('-', '_')}").run()
    if json:
        print_json([dataclasses.asdict(row) for row in rows])
    else:
        columns = ["benchmark", "value", "times faster", "of its memory", "equal"]
        print_table(columns, [_cells(row) for row in rows], right=columns[1:4], title="visreason bench")


def _cells(row: Row) -> list[str]:
    """A row as the table shows it: ratios are against the plain formula."""
    return [
        row.name,
        "" if row.value is None else f"{row.value:,.4g} {row.unit or ''}",
        "" if row.ratio is None else f"{row.ratio:.2f}",
        "" if row.memory_ratio is None else f"{row.memory_ratio:.1%}",
        {None: "", True: "yes", False: "NO"}[row.equal],
    ]
