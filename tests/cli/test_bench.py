import importlib
import json
from types import SimpleNamespace

import pytest

from visreason.benchmarks.row import Row
from visreason.cli.bench import BENCHMARKS, bench
from visreason.cli.main import main

ROWS = [
    Row(name="a.speed", ratio=2.5, memory_ratio=0.05, equal=True),
    Row(name="b", value=412.0, unit="questions/s"),
]


@pytest.fixture
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.import_module
    fake = SimpleNamespace(run=lambda: ROWS)
    monkeypatch.setattr(
        importlib,
        "import_module",
        lambda n, *a: fake if n.startswith("visreason.benchmarks.") else real(n, *a),
    )


@pytest.mark.parametrize("name", BENCHMARKS)
def test_every_benchmark_has_its_module(name: str) -> None:
    assert callable(importlib.import_module(f"visreason.benchmarks.{name.replace('-', '_')}").run)


@pytest.mark.usefixtures("_quick")
def test_json_has_every_key(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "questions", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["name"] for row in rows] == ["a.speed", "b"]
    assert all(set(row) == {"name", "ratio", "memory_ratio", "equal", "value", "unit"} for row in rows)


@pytest.mark.usefixtures("_quick")
def test_the_table_shows_figures(capsys: pytest.CaptureFixture[str]) -> None:
    bench(["questions"])
    out = capsys.readouterr().out
    assert "2.50" in out
    assert "412 questions/s" in out
    assert "5.0%" in out


def test_an_unknown_benchmark_names_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "question"]) == 1
    assert "Did you mean questions?" in capsys.readouterr().err
