from dataclasses import replace
from pathlib import Path

import pytest

from visreason.errors import DataError
from visreason.files import write_json
from visreason.zoo.card import card_of
from visreason.zoo.card_page import draw_card
from visreason.zoo.ledger import Ledger, Section, draw_pages, stale_pages
from visreason.zoo.record import Measured, Record, Role

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def record() -> Record:
    """rn-quick's record as one of two seeds, tested on everything that there is."""
    whole = card_of("rn-quick").record
    figures = {
        **whole.tests[0].figures,
        **{
            f"counterfactual.{name}": whole.tests[0].figures["accuracy.overall"]
            for name in ("both_right", "stayed")
        },
    }

    def twice(role: Role, data: str, only: list[str]) -> Measured:
        both = {
            name: [values[0], replace(values[0], value=values[0].value - 0.02)]
            for name, values in figures.items()
        }
        return Measured(role, data, "test", {"scenes": 9, "only": only, "seed": 1}, chose=False, figures=both)

    tests = [twice("generated", "w", []), twice("real", "CLEVR_v1.0", []), twice("rules", "b", ["cogent=B"])]
    return replace(whole, runs=[whole.runs[0], replace(whole.runs[0], seed=5)], tests=tests, goal=0.95)


def test_the_pages_of_the_project_are_what_its_records_say() -> None:
    stale = stale_pages(Ledger.read(ROOT / "results"), ROOT / "docs")
    assert stale == [], "run `visreason ledger`"


def test_every_figure_of_a_record_is_drawn(record: Record) -> None:
    text = Ledger([record], [], []).pages()["results.md"]
    for head in ("Models", "By question type", "From generated to real", "Split rules", "Several seeds"):
        assert f"## {head}\n" in text
    assert "| 86.8 ± 1.4 % (87.2–88.3) | 95.0 % |" in text
    assert "| no rules |" not in text.partition("## Split rules")[2].partition("##")[0].split("cogent=B")[1]
    assert "0: 87.8, 5: 85.8" in text
    assert "`visreason generate b --split test --scenes 9 --only cogent=B --seed 1`" in text
    assert "both right | stayed | pairs |" in text


def test_a_card_s_page_has_its_commands_scores_and_limits(record: Record) -> None:
    card = replace(card_of("rn-quick"), record=replace(record, note="A trial."), limits=["It is small."])
    text = draw_card(card)
    assert "* It is small.\n\nA trial." in text
    assert card.sha256 in text
    assert "### Real images: CLEVR_v1.0, test" in text
    assert "visreason train rn-quick" in text
    assert "| accuracy, query color |" in text


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
