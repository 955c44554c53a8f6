"""Questions that people wrote: no programs, no families, words and answers that CLEVR has not."""

import json
from pathlib import Path
from typing import Any

import pytest

from visreason.cli.main import main
from visreason.data.tokens import tokenise
from visreason.data.vocabulary import CLEVR_VOCABULARY
from visreason.data.world import generate_world
from visreason.data.world_split import WorldSplit
from visreason.files import read_json

ASKED = (
    ("What's the gold-ish block's neighbour?", "ball"),
    ("Are there more shiny things than dull ones", "yes"),
    ("  how many  spheres touch the shadow of the tallest thing?", "2"),
    ("True or False: all items are red.", "no"),
)
QUICK = ["--training.epochs", "1", "--training.accelerator", "cpu", "--data.workers", "0"]


def write(root: Path, split: str, asked: Any, scenes: int) -> Path:
    """A file as CLEVR-Humans has it: text, answer and image only."""
    path = root / "questions" / f"CLEVR_{split}_questions.json"
    records = [
        {
            "question": text,
            "answer": answer,
            "image_index": i % scenes,
            "image_filename": f"CLEVR_{split}_{i % scenes:06d}.png",
            "split": split,
        }
        for i, (text, answer) in enumerate(asked)
    ]
    path.write_text(json.dumps({"info": {"split": split}, "questions": records}))
    return path


@pytest.fixture(scope="module")
def human(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Worlds of 4 and 2 scenes with questions of our own making in place of the engine's."""
    root = tmp_path_factory.mktemp("human")
    for split, scenes in (("train", 4), ("val", 2)):
        generate_world(root, WorldSplit(split, scenes, questions_per_scene=0, images=False), jobs=1)
        write(root, split, ASKED * scenes, scenes)
    (root / "world.json").unlink()
    return root


@pytest.fixture(scope="module")
def run(human: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network trained on them for an epoch."""
    out = tmp_path_factory.mktemp("runs") / "human"
    assert main(["train", "rn-quick", "--data", str(human), "--out", str(out), *QUICK]) == 0
    return out


def test_every_real_one_is_read_with_a_vocabulary_from_the_data(shared: Path) -> None:
    texts = read_json(shared / "data" / "clevr_humans" / "questions.json")
    vocabulary = CLEVR_VOCABULARY.expanded(texts)
    assert len(texts) == 400
    assert vocabulary.words[:82] == CLEVR_VOCABULARY.words
    for text in texts:
        assert vocabulary.decode(vocabulary.encode(text)) == tokenise(text) != []


def test_the_oracle_says_that_there_are_no_programs(human: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["answer", str(human)]) == 1
    error = capsys.readouterr().err
    assert "has no program" in error
    assert "CLEVR-Humans" in error


def test_the_doctor_finds_nothing_wrong(human: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", str(human), "--json"]) == 0
    found = {check["name"]: check for check in json.loads(capsys.readouterr().out)}
    assert found["train questions"]["found"] == "16, 16 with answers"


def test_a_network_is_trained_and_tested(
    run: Path, human: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "results"
    command = ["test", str(run), "--data", str(human), "--split", "val", "--json", "--output", str(output)]
    assert main(command) == 0
    accuracy = json.loads(capsys.readouterr().out)["accuracy"]
    assert (accuracy["overall"]["count"], accuracy["by_type"]) == (8, {})
    lines = [json.loads(line) for line in (output / "predictions.jsonl").read_text().splitlines()]
    assert [line["answer"] for line in lines[:4]] == [answer for _, answer in ASKED]
    assert {line["type"] for line in lines} == {None}
    assert (output / "confusion.png").stat().st_size > 1000


def test_a_word_or_an_answer_it_has_not_met_is_an_error(
    run: Path, human: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for asked, message in (
        ((("Is the gold-ish zebra red?", "yes"),), "question 0: the word 'zebra' is not among"),
        ((("Are all items red?", "zebra"),), "question 0: the answer 'zebra' is not among"),
    ):
        write(human, "other", asked, 2)
        (human / "scenes" / "CLEVR_other_scenes.json").write_bytes(
            (human / "scenes" / "CLEVR_val_scenes.json").read_bytes().replace(b"CLEVR_val", b"CLEVR_other")
        )
        assert main(["test", str(run), "--data", str(human), "--split", "other"]) == 1
        assert message in capsys.readouterr().err
