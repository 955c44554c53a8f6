"""How every verb speaks: tables and JSON on standard output, all else on standard error."""

from collections.abc import Sequence
from typing import Any

import orjson
from rich import box
from rich.console import Console
from rich.table import Table


def messages(*, quiet: bool = False) -> Console:
    """Where a verb tells how the work goes: standard error, on which [x] and :x: are what somebody called something.

    Args:
        quiet: tell nothing, because another process does.
    """
    return Console(stderr=True, highlight=False, markup=False, emoji=False, quiet=quiet)


def print_table(
    columns: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[str] = (), title: str = ""
) -> None:
    """Print a table: as wide as the terminal, or as wide as it needs where standard output is a file or a
    pipe.

    Args:
        columns: headings.
        rows: cells, as many as headings.
        right: headings of the columns of numbers, which are set flush right.
        title: stands over it.
    """
    console = Console(highlight=False, markup=False, emoji=False)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for place, column in enumerate(columns):
        table.add_column(
            column, justify="right" if column in right else "left", overflow="fold", no_wrap=place == 0
        )
    for row in rows:
        table.add_row(*row)
    if not console.is_terminal:
        console.width = console.measure(table, options=console.options.update(max_width=1000)).maximum
    if title:
        console.print(title, soft_wrap=True)
    console.print(table)


def print_json(value: Any) -> None:
    """Print a value as JSON."""
    print(orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_SERIALIZE_NUMPY).decode())
