import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from visreason.clevr.counterfactual_files import KEY, PairNotes
from visreason.clevr.folder import ClevrFolder
from visreason.data.world import generate_world
from visreason.data.world_counterfactuals import CounterfactualSplit, make_counterfactuals
from visreason.data.world_split import WorldSplit
from visreason.errors import DataError, UsageError
from visreason.metrics.consistency import consistency
from visreason.tasks.pairs import PairResults, pairs_to_test
from visreason.tasks.reports import AnswerReport
from visreason.tasks.run_folder import RunFolder
from visreason.tasks.testing import run_test


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six scenes with five questions and three minimal pairs each."""
    out, split = tmp_path_factory.mktemp("paired"), WorldSplit("val", 6, questions_per_scene=5, images=False)
    generate_world(out, split, jobs=1)
    make_counterfactuals(out, CounterfactualSplit(split, 3), jobs=1)
    return out


def said(index: int, answer: str, prediction: str) -> dict[str, Any]:
    return {"question_index": index, "answer": answer, "prediction": prediction}


NOTES = [PairNotes(0, 4, 1, "yes", "no", "move"), PairNotes(1, 9, 2, "3", "3", "color")]
ORIGINALS = [said(4, "yes", "yes"), said(5, "no", "no"), said(9, "3", "2")]
EDITED = [said(0, "no", "no"), said(1, "3", "3")]


def test_both_sides_are_brought_together_by_the_originals_number() -> None:
    found = PairResults.of(ORIGINALS, EDITED, NOTES)
    assert found.consistency == consistency(
        (["yes", "3"], ["no", "3"]), (["yes", "2"], ["no", "3"]), ["move", "color"], [1, 2]
    )
    assert found.predictions[0] == EDITED[0] | {
        KEY: {"question_index": 4, "answer": "yes", "changes": True, "edit": "move"}
    }
    rows = {name: (value, count) for name, value, count in found.table()}
    assert rows["pairs, both answers right"][1] == "2"
    assert rows["pairs, answer changes, prediction to it"][0].startswith("100.0 %")
    assert rows["pairs, answer stays, prediction too"][0].startswith("0.0 %")
    assert rows["pairs, move: both right"][1] == "1"


def test_figures_without_pairs_have_no_row() -> None:
    rows = [name for name, *_ in PairResults.of(ORIGINALS, EDITED[:1], NOTES[:1]).table()]
    assert not any("stays" in name for name in rows)


def test_pairs_of_other_questions_are_noticed() -> None:
    with pytest.raises(
        DataError, match="answer to question 9 is '4', but minimal pair 1 was made where it was '3'"
    ):
        PairResults.of([*ORIGINALS[:2], said(9, "4", "4")], EDITED, NOTES)


def test_a_test_covers_both_sides(run: RunFolder, world: Path, console: Console, tmp_path: Path) -> None:
    report = run_test(str(run.path), world, counterfactuals=True, console=console).report
    plain = run_test(str(run.path), world, console=console).report
    assert isinstance(report, AnswerReport)
    figures = json.loads(json.dumps(report.to_dict()))
    pairs = figures.pop(KEY)
    assert figures == json.loads(json.dumps(plain.to_dict()))
    assert pairs["pairs"] == 18
    assert pairs["changed"]["count"] + pairs["stayed"]["count"] == 18
    assert len(report.table()) > len(plain.table())
    report.write(tmp_path)
    lines = [json.loads(line) for line in (tmp_path / "predictions.jsonl").read_text().splitlines()]
    assert len(lines) == 30 + 18
    originals = {one["question_index"]: one for one in lines if KEY not in one}
    right = [
        one["correct"] and originals[one[KEY]["question_index"]]["correct"] for one in lines if KEY in one
    ]
    assert pairs["both_right"]["value"] == sum(right) / 18
    assert json.loads((tmp_path / "metrics.json").read_text())[KEY] == pairs


def test_a_limit_takes_the_pairs_of_the_first_questions(
    run: RunFolder, world: Path, console: Console
) -> None:
    report = run_test(str(run.path), world, limit=10, counterfactuals=True, console=console).report
    assert isinstance(report, AnswerReport)
    assert report.pairs is not None
    assert report.scores.overall.count == 10
    asked = [one[KEY]["question_index"] for one in report.pairs.predictions]
    assert asked
    assert max(asked) < 10


def test_a_limit_that_leaves_no_pair_is_an_error(world: Path) -> None:
    folder = ClevrFolder(world)
    first = json.loads(folder.questions_file("cf_val").read_text())["questions"][0][KEY]["question_index"]
    before = [said(index, "yes", "yes") for index in range(first)]
    with pytest.raises(
        UsageError, match=r"none of the \d+ questions asked is in a minimal pair .* raise --limit"
    ):
        pairs_to_test(folder, "val", before, limited=True)


def change_pairs(world: Path, copy: Path, change: Callable[[dict[str, Any]], object]) -> Path:
    """The world with every record of a pair's question changed."""
    source, target = ClevrFolder(world), ClevrFolder(copy)
    for split in ("val", "cf_val"):
        for kind in ("scenes_file", "questions_file"):
            path = getattr(target, kind)(split)
            path.parent.mkdir(parents=True, exist_ok=True)
            document = json.loads(getattr(source, kind)(split).read_text())
            for record in document.get("questions", []) if split == "cf_val" else []:
                change(record)
            path.write_text(json.dumps(document))
    return copy


def test_pairs_of_questions_that_are_not_there_are_an_error(
    run: RunFolder, world: Path, console: Console, tmp_path: Path
) -> None:
    copy = change_pairs(world, tmp_path, lambda record: record[KEY].update(question_index=99))
    with pytest.raises(DataError, match="pair 0 was made of question 99, which split val has not"):
        run_test(str(run.path), copy, counterfactuals=True, console=console)


def test_data_without_pairs_say_how_to_get_them(run: RunFolder, tiny_data: Path, console: Console) -> None:
    with pytest.raises(DataError, match=r"CLEVR_cf_val_questions.json is missing.*--counterfactuals 2, and"):
        run_test(str(run.path), tiny_data, counterfactuals=True, console=console)
