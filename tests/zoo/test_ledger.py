from pathlib import Path

import pytest

from visreason.errors import DataError
from visreason.files import write_json
from visreason.zoo.ledger import Ledger, Section, draw_pages, stale_pages
from visreason.zoo.record import Record

ROOT = Path(__file__).resolve().parents[2]


def test_the_pages_of_the_project_are_what_its_records_say() -> None:
    stale = stale_pages(Ledger.read(ROOT / "results"), ROOT / "docs")
    assert stale == [], "run `visreason ledger`"


def test_pages_are_drawn_once_and_those_of_models_that_are_gone_go(record: Record, tmp_path: Path) -> None:
    ledger = Ledger(
        [record], [Section("Speed", 1, ["fast", {"columns": ["", "s"], "rows": [["a", ""]]}])], []
    )
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "gone.md").write_text("# gone\n")
    assert {path.name for path in draw_pages(ledger, tmp_path)} == {"results.md", "index.md", "gone.md"}
    assert not (tmp_path / "models" / "gone.md").exists()
    assert (
        (tmp_path / "results.md").read_text().endswith("## Speed\n\nfast\n\n|  | s |\n|---|---|\n| a | – |\n")
    )
    assert stale_pages(ledger, tmp_path) == draw_pages(ledger, tmp_path) == []


def test_a_broken_record_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="there is no folder"):
        Ledger.read(tmp_path / "nowhere")
    for broken, why in (
        ({"kind": "poem"}, "kind must be model or section"),
        ({"kind": "section", "title": "x"}, "no section of the ledger"),
        (
            {
                "kind": "section",
                "title": "x",
                "order": 1,
                "parts": [{"columns": ["a"], "rows": [["1", "2"]]}],
            },
            "as many",
        ),
    ):
        write_json(tmp_path / "odd.json", broken)
        with pytest.raises(DataError, match=f"odd.json.*{why}"):
            Ledger.read(tmp_path)
