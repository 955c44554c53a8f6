import json

import pytest

from visreason.cli.tables import print_json, print_table


def test_json_goes_to_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"accuracy": 0.5, "types": ["count"]})
    assert json.loads(capsys.readouterr().out) == {"accuracy": 0.5, "types": ["count"]}


def test_a_table_keeps_every_cell_whole(capsys: pytest.CaptureFixture[str]) -> None:
    long = "a cell of quite some length that a narrow terminal must not cut into pieces with dots"
    print_table(["name", "count"], [["one", "1,000"], [long, "2"]], right=["count"], title="Things")
    out = capsys.readouterr().out
    assert "Things" in out
    assert "1,000" in out
    assert "…" not in out
    assert "pieces with dots" in " ".join(out.split())
