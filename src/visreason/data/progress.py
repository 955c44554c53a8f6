"""Showing how far a generation is, on a terminal."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn


@contextmanager
def shown_progress(console: Console) -> Iterator[Callable[[str, int, int], None]]:
    """Show bars, one a stage, while the block runs; gives the function that moves them.

    On a console that is no terminal every stage gets a line when it begins.

    Args:
        console: where, as a rule `Console(stderr=True)`.

    Example:
        >>> import io
        >>> with shown_progress(Console(file=io.StringIO())) as progress:
        ...     progress("images", 3, 10)
    """
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    bars: dict[str, TaskID] = {}
    with Progress(*columns, console=console, disable=not console.is_terminal) as display:

        def progress(stage: str, done: int, total: int) -> None:
            if stage not in bars:
                bars[stage] = display.add_task(stage, total=total)
                if not console.is_terminal:
                    console.print(f"{stage}: {total:,}, {done:,} of them done before", highlight=False)
            display.update(bars[stage], completed=done)

        yield progress
