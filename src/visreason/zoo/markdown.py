"""Tables in Markdown."""

from collections.abc import Iterable, Sequence


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """The lines of a table, with an empty one before and after.

    Example:
        >>> print("\\n".join(table(["figure", "value"], [["a|b", ""]])).strip())
        | figure | value |
        |---|---|
        | a\\|b | – |
    """
    filled = ([cell or "–" for cell in row] for row in rows)
    lines = [_line(columns), "|" + "---|" * len(columns), *map(_line, filled)]
    return ["", *lines, ""]


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def page(lines: Iterable[str]) -> str:
    """Lines as a file, never two empty ones together.

    Example:
        >>> page(["# Title", "", "", "text"])
        '# Title\\n\\ntext\\n'
    """
    kept: list[str] = []
    for line in "\n".join(lines).split("\n"):
        if line or (kept and kept[-1]):
            kept.append(line)
    return "\n".join(kept).rstrip("\n") + "\n"
