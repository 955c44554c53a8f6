import json

import numpy as np
import pytest

from visreason.cli.tables import messages, print_json, print_table


def test_a_table_in_a_pipe_is_as_wide_as_it_needs(capsys: pytest.CaptureFixture[str]) -> None:
    long = "word " * 40
    print_table(["name", "text"], [["one", long.strip()]], title="all of it")
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "all of it"
    assert any(long.strip() in line for line in lines)


def test_numbers_are_flush_right(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(["name", "count"], [["one", "1"], ["two", "1,000"]], right=["count"])
    rows = [line.rstrip() for line in capsys.readouterr().out.splitlines() if "one" in line or "two" in line]
    assert len({len(row) for row in rows}) == 1


def test_json_takes_numpy_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"value": np.float64(0.5), "rows": [np.int64(3)]})
    assert json.loads(capsys.readouterr().out) == {"value": 0.5, "rows": [3]}


def test_brackets_and_colons_are_no_markup(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(["name"], [["filter[red]"], [":smile:"]], title="runs/[bold]x")
    messages().print("wrote runs/[bold]x/:smile:", soft_wrap=True)
    messages(quiet=True).print("nothing")
    told = capsys.readouterr()
    assert all(text in told.out for text in ("filter[red]", ":smile:", "runs/[bold]x"))
    assert told.err == "wrote runs/[bold]x/:smile:\n"
