"""Every shipped model is what its card says: its file, its size, and what it answers to a few fixed questions."""

import hashlib
from pathlib import Path

import pytest

from visreason.shipped import SHIPPED
from visreason.tasks.loading import load_any
from visreason.zoo.card import card_of
from visreason.zoo.fixed_questions import ask_fixed
from visreason.zoo.record import Record
from visreason.zoo.shipped_models import (
    MOST_BYTES,
    MOST_BYTES_TOGETHER,
    shipped_file,
    shipped_names,
)

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("name", shipped_names())
def test_a_shipped_model_scores_and_answers_as_its_card_says(name: str) -> None:
    card, file = card_of(name), shipped_file(name)
    assert file is not None
    contents = file.read_bytes()
    assert (hashlib.sha256(contents).hexdigest(), len(contents)) == (card.sha256, card.size)
    assert len(contents) <= MOST_BYTES
    now = ask_fixed(file)
    assert card.drift.differences(now) == []
    for figure in card.record.headlines:
        assert now.figures[figure] == pytest.approx(card.drift.figures[figure], abs=0.02)
    assert load_any(name).meta["provenance"]["shipped_as"] == name


@pytest.mark.parametrize("name", shipped_names())
def test_the_ledger_has_the_record_of_every_shipped_model(name: str) -> None:
    assert Record.read(ROOT / "results" / f"{name}.json") == card_of(name).record


def test_together_they_are_small_enough_and_every_card_has_its_model() -> None:
    assert sum(file.stat().st_size for file in SHIPPED.glob("*.safetensors")) <= MOST_BYTES_TOGETHER
    assert sorted(card.stem for card in SHIPPED.glob("*.json")) == shipped_names()
