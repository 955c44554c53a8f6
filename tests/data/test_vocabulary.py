from pathlib import Path

import pytest

from visreason.clevr.answers import ANSWERS
from visreason.clevr.questions_file import iter_questions
from visreason.data.tokens import tokenise
from visreason.data.vocabulary import CLEVR_VOCABULARY, CLEVR_WORDS, Vocabulary
from visreason.errors import DataError, VocabularyError
from visreason.files import read_json

SMALL = Vocabulary(("is", "it", "red", "?", "sphere"), ("yes", "no"))


def test_words_count_from_one_and_answers_from_zero() -> None:
    assert SMALL.encode("Is it RED?", "question 1") == [1, 2, 3, 4]
    assert SMALL.encode_answer("yes") == 0
    assert SMALL.decode([1, 2, 0, 3, 0]) == ["is", "it", "red"]


def test_an_unknown_word_names_question_word_and_nearest() -> None:
    with pytest.raises(VocabularyError) as error:
        SMALL.encode("Is it a spere?", "val.json: question 17")
    message = str(error.value)
    assert message.startswith("val.json: question 17: the word 'a' is not among the 5 known words.")
    assert message.endswith("The question is: 'Is it a spere?'")
    with pytest.raises(VocabularyError, match=r"'spere'.*the nearest are 'sphere'"):
        SMALL.encode("spere")


def test_an_unknown_answer_names_question_and_answer() -> None:
    with pytest.raises(VocabularyError, match=r"question 3: the answer 'maybe' is not .* \(yes, no\)"):
        SMALL.encode_answer("maybe", "question 3")


@pytest.mark.parametrize("text", ["", "   ", "\n"])
def test_an_empty_question(text: str) -> None:
    with pytest.raises(DataError, match="question 5 is empty"):
        SMALL.encode(text, "question 5")


@pytest.mark.parametrize(("words", "answers"), [(("a", "b", "a"), ()), (("a",), ("b", "b"))])
def test_no_entry_twice(words: tuple[str, ...], answers: tuple[str, ...]) -> None:
    with pytest.raises(VocabularyError, match="twice"):
        Vocabulary(words, answers)


def test_first_occurrence_numbers_as_the_reference(shared: Path) -> None:
    """`quest_to_ix` and `answ_to_ix` of the Relation Networks reference's `build_dictionaries`."""
    record = read_json(shared / "fixtures" / "rn_sd_data.json")
    pairs = [(question["question"], question["answer"]) for question in record["train_questions"]]
    found = Vocabulary.from_questions(pairs)
    assert {word: index for index, word in enumerate(found.words, start=1)} == record["quest_to_ix"]
    assert {answer: index for index, answer in enumerate(found.answers, start=1)} == record["answ_to_ix"]


def test_questions_without_answers_count_too() -> None:
    assert Vocabulary.from_questions([("a b", None), ("b c", "yes")]) == Vocabulary(("a", "b", "c"), ("yes",))


def test_the_published_words_are_clevrs(shared: Path) -> None:
    path = shared / "data" / "rn_checkpoints" / "dictionaries.json"
    published = Vocabulary.from_dict(read_json(path), str(path))
    assert sorted(published.words) == list(CLEVR_WORDS)
    assert sorted(published.answers) == sorted(ANSWERS)
    assert published.encode("Are there more?") == [1, 2, 3, 12]


def test_clevrs_vocabulary_reads_every_real_question(shared: Path) -> None:
    files = sorted((shared / "data").glob("clevr_real*/questions/*.json"))
    used: set[str] = set()
    for path in files:
        for question in iter_questions(path):
            assert len(CLEVR_VOCABULARY.encode(question.text, str(path))) == len(tokenise(question.text))
            used.update(tokenise(question.text))
    assert len(used) > 75


def test_to_and_from_a_dict() -> None:
    assert Vocabulary.from_dict(SMALL.to_dict()) == SMALL


@pytest.mark.parametrize("record", [{}, {"words": ["a"]}, {"words": "abc", "answers": []}, {"words": [1]}])
def test_a_dict_of_another_form(record: dict[str, object]) -> None:
    with pytest.raises(DataError, match=r'dictionaries\.json needs "(words|answers)", a list of strings'):
        Vocabulary.from_dict(record, "dictionaries.json")


def test_fingerprints_tell_vocabularies_apart() -> None:
    assert SMALL.fingerprint() == Vocabulary(SMALL.words, SMALL.answers).fingerprint()
    assert SMALL.fingerprint() != Vocabulary(SMALL.words[::-1], SMALL.answers).fingerprint()
    assert SMALL.fingerprint() != Vocabulary(SMALL.words, SMALL.answers[::-1]).fingerprint()
