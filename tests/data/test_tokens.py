from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visreason.data.tokens import tokenise, tokenise_iep
from visreason.files import read_json


def as_the_reference_does(text: str) -> list[str]:
    """Blanks round each mark, then split and lower-case."""
    for mark in ".,;:!?()":
        text = text.replace(mark, f" {mark} ")
    return text.lower().split()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("What size is it?", ["what", "size", "is", "it", "?"]),
        ("A (RED) ball;is it big ?", ["a", "(", "red", ")", "ball", ";", "is", "it", "big", "?"]),
        ("big\tred\n ball", ["big", "red", "ball"]),
        ("don't", ["don't"]),
        ("", []),
        (" \n", []),
    ],
)
def test_words(text: str, words: list[str]) -> None:
    assert tokenise(text) == words


@given(st.text(alphabet="aB ?;.!,():\t'é-", max_size=40))
def test_the_same_as_the_references_way(text: str) -> None:
    assert tokenise(text) == as_the_reference_does(text)


def test_real_questions(shared: Path) -> None:
    record = read_json(
        shared / "data" / "clevr_real_val_questions" / "questions" / "CLEVR_val_questions.json"
    )
    lengths = [len(tokenise(question["question"])) for question in record["questions"]]
    assert min(lengths) >= 5
    assert max(lengths) <= 43


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("What size is it?", ["What", "size", "is", "it"]),
        ("The RED, ball;is it.", ["The", "RED", ",", "ball", ";is", "it"]),
        ("two  blanks ?", ["two", "", "blanks", ""]),
        ("tab\there", ["tab\there"]),
        ("", [""]),
    ],
)
def test_words_as_clevr_iep_splits_them(text: str, words: list[str]) -> None:
    assert tokenise_iep(text) == ["<START>", *words, "<END>"]
