from pathlib import Path

import pytest

from visreason.cli.main import main
from visreason.files import write_json


def test_pages_are_checked_and_drawn(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    results, docs = tmp_path / "results", tmp_path / "docs"
    write_json(results / "speed.json", {"kind": "section", "title": "Speed", "order": 1, "parts": ["fast"]})
    words = ["ledger", "--results", str(results), "--docs", str(docs)]
    assert main([*words, "--check"]) == 1
    assert "Run `visreason ledger`" in capsys.readouterr().err
    assert not docs.exists()
    assert main(words) == main([*words, "--check"]) == 0
    assert "## Speed\n\nfast\n" in (docs / "results.md").read_text()
    assert main(["ledger", "--results", str(docs / "nowhere")]) == 1
    assert "there is no folder" in capsys.readouterr().err
