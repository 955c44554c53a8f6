from pathlib import Path

import pytest
import torch
from rich.console import Console

from visreason.errors import UsageError
from visreason.models import load_model
from visreason.tasks.experiment import Experiment
from visreason.zoo import publishing
from visreason.zoo.card import Card
from visreason.zoo.catalogue import load_recipe
from visreason.zoo.fixed_questions import ask_fixed
from visreason.zoo.publishing import Published, publish_run
from visreason.zoo.record import Record
from visreason.zoo.recording import TestOrder, runs_of


def publish(run: Path, place: Path, *orders: TestOrder, name: str = "blind", ship: bool = True) -> Published:
    return publish_run(
        run, name, orders, place / "results", Console(quiet=True), ship=ship, shipped=place / "shipped"
    )


def test_what_is_published_is_the_best_seed_rounded_with_its_card_and_record(
    seeds: Path, tiny_data: Path, tmp_path: Path
) -> None:
    made = publish(
        seeds, tmp_path, TestOrder("generated", tiny_data, None), TestOrder("real", tiny_data, "val")
    )
    record_file, file, card_file = made.files
    assert made.card is not None
    assert (Card.read(card_file), Record.read(record_file)) == (made.card, made.record)
    assert made.record.command == (
        f"visreason train question-only-quick --data {tiny_data.name} --model.lstm_hidden 8 "
        "--training.epochs 1 --seeds 1,2"
    )
    assert [run.seed for run in made.record.runs] == [1, 2]
    assert made.record.training["counts"] == {"scenes": 12, "questions": 60}
    assert [test.chose for test in made.record.tests] == [True, True]
    assert len(made.record.tests[0].figures["accuracy.overall"]) == 2
    own = load_model(runs_of(seeds)[made.card.run].weights)
    shipped = load_model(file)
    for name, weights in own.model.state_dict().items():
        kept = shipped.model.state_dict()[name]
        rounded = weights.bfloat16().float() if weights.dim() > 1 else weights
        assert (kept.dtype, torch.equal(kept, rounded)) == (weights.dtype, True)
    assert str(seeds.parent).encode() not in file.read_bytes()[:100_000]
    assert made.card.drift.differences(ask_fixed(file)) == []


def test_nothing_is_written_over_or_that_is_too_large(
    seeds: Path, tiny_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UsageError, match="no name of a model"):
        publish(seeds, tmp_path, name="../blind")
    with pytest.raises(UsageError, match=r"is what .* was trained on"):
        publish(seeds, tmp_path, TestOrder("generated", tiny_data, "train"))
    with pytest.raises(UsageError, match="nowhere is no folder"):
        publish(seeds, tmp_path, TestOrder("real", Path("nowhere"), "val"))
    monkeypatch.setattr(publishing, "MOST_BYTES", 10_000)
    with pytest.raises(UsageError, match=r"at most 0 MB\. Train a compact"):
        publish(seeds, tmp_path)
    assert list(tmp_path.iterdir()) == []
    publish(seeds, tmp_path, TestOrder("generated", None, None), ship=False)
    assert [file.name for file in tmp_path.rglob("*.json")] == ["blind.json"]
    with pytest.raises(UsageError, match=r"results/blind.json exists"):
        publish(seeds, tmp_path, ship=False)


def test_what_is_a_part_of_other_models_is_recorded_and_not_shipped(tiny_data: Path, tmp_path: Path) -> None:
    quick = {"training.epochs": 1, "training.accelerator": "cpu", "data.workers": 0, "model.hidden": 8}
    console = Console(quiet=True)
    recipe = load_recipe("iep-generator-quick", quick)
    Experiment.create(recipe, tiny_data, tmp_path / "writes", console).run(console)
    order = TestOrder("generated", tiny_data, "val")
    with pytest.raises(UsageError, match=r"learnt programs; such models do not ship\. Give --results-only"):
        publish(tmp_path / "writes", tmp_path, order)
    record = publish(tmp_path / "writes", tmp_path, order, ship=False).record
    assert record.task == "programs"
    assert record.headline().startswith("programs exact")
    assert len(record.runs[0].curve) == 1
