"""Showing how far a generation is, on a terminal."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn


@contextmanager
def shown_progress(console: Console) -> Iterator[Callable[[str, int, int], None]]:
    """Show bars, one a stage, while the block runs; gives the function that moves them.

    On a console that is no terminal every stage gets a line when it begins. A stage that is done already is
    not shown.

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
            if done == total and stage not in bars:
                return
            if stage not in bars:
                bars[stage] = display.add_task(stage, total=total)
                if not console.is_terminal:
                    before = f" ({done:,} were made before)" if done else ""
                    console.print(f"{stage}: {total - done:,} to make{before}", highlight=False)
            display.update(bars[stage], completed=done)

        yield progress
