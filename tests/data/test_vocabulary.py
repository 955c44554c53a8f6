import re
from pathlib import Path

import pytest

from visreason.clevr.answers import ANSWERS
from visreason.clevr.functions import TOKENS
from visreason.clevr.program_forms import from_prefix, to_prefix
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


@pytest.fixture
def iep(shared: Path) -> Vocabulary:
    """The vocabulary with which clevr-iep's models were trained."""
    return Vocabulary.from_iep(read_json(shared / "fixtures" / "vocab.json"))


def test_the_numbers_of_clevr_iep_stay(iep: Vocabulary, shared: Path) -> None:
    record = read_json(shared / "fixtures" / "vocab.json")
    assert iep.to_iep() == record
    assert (len(iep.words) + 1, len(iep.symbols), len(iep.answers)) == (93, 44, 32)
    assert iep.functions == TOKENS
    numbers = iep.encode("Is there a red cube;  what size is it?")
    assert (numbers[0], numbers[-1]) == (1, 2)
    words = record["question_token_to_idx"]
    expected = ["<START>", "Is", "there", "a", "red", "cube", ";", "", "what", "size", "is", "it", "<END>"]
    assert numbers == [words[word] for word in expected]
    assert iep.encode_answer("yes") == record["answer_token_to_idx"]["yes"]
    program = from_prefix(["exist", "filter_color[red]", "scene"])
    functions = record["program_token_to_idx"]
    assert iep.encode_program(program) == [
        functions[name] for name in ("exist", "filter_color[red]", "scene")
    ]
    assert iep.encode_program(program, form="postfix") == iep.encode_program(program)[::-1]
    assert iep.decode_program([1, *iep.encode_program(program), 2, 0]) == to_prefix(program)


def test_every_real_question_and_program_goes_into_clevr_ieps_numbers(iep: Vocabulary, shared: Path) -> None:
    for path in sorted((shared / "data").glob("clevr_real*/questions/*.json")):
        for question in iter_questions(path):
            assert question.program is not None
            numbers = iep.encode_program(question.program, str(path))
            assert iep.decode_program(numbers) == to_prefix(question.program)
            assert iep.decode(iep.encode(question.text)) == iep.tokenise(question.text)


def test_human_questions_append_words_and_leave_all_numbers(iep: Vocabulary, shared: Path) -> None:
    texts = [
        record["question"] for record in read_json(shared / "fixtures" / "prep_humans_80.json")["questions"]
    ]
    expanded = iep.expanded(texts, at_least=3)
    assert expanded.to_iep() == read_json(shared / "fixtures" / "prep_humans_vocab.json")
    assert expanded.words[: len(iep.words)] == iep.words
    assert (expanded.answers, expanded.functions) == (iep.answers, iep.functions)


def test_an_unknown_word_is_an_error_unless_allowed(iep: Vocabulary) -> None:
    with pytest.raises(VocabularyError, match=r"question 2: the word 'closest' is not among the 92"):
        iep.encode("the closest cube", "question 2")
    assert iep.encode("the closest cube", allow_unknown=True)[2] == 3
    with pytest.raises(VocabularyError, match="'closest'"):
        CLEVR_VOCABULARY.encode("the closest cube", allow_unknown=True)  # it has no symbol for the unknown


def test_an_unknown_function_names_the_question() -> None:
    program = from_prefix(["equal_object", "unique", "scene", "unique", "scene"])
    with pytest.raises(
        VocabularyError, match=r"question 4: the function 'equal_object' .* the nearest are 'equal_"
    ):
        CLEVR_VOCABULARY.encode_program(program, "question 4")
    with pytest.raises(
        VocabularyError, match=r"'filter_colour\[red\]', which is no function of CLEVR; the nearest"
    ):
        Vocabulary(("a",), ("b",), ("filter_colour[red]",))
    with pytest.raises(VocabularyError, match="function 'scene' twice"):
        Vocabulary(("a",), ("b",), ("scene", "scene"))


def test_arities_are_the_functions() -> None:
    assert dict(zip(TOKENS, CLEVR_VOCABULARY.arities, strict=True))["union"] == 2
    assert CLEVR_VOCABULARY.arities.count(0) == 1


def test_types_are_those_of_the_functions(iep: Vocabulary) -> None:
    types = iep.types
    union, count = iep.functions.index("union"), iep.functions.index("count")
    assert types["input_types"][union] == ("ObjectSet", "ObjectSet")
    assert types["output_types"][count] == "Integer"
    assert set(types["answer_types"]) == {"Integer", "Bool", "Size", "Color", "Material", "Shape"}
    assert [len(each) for each in types["input_types"]] == list(iep.arities)


def test_older_files_tell_neither_functions_nor_tokeniser(iep: Vocabulary) -> None:
    assert Vocabulary.from_dict({"words": ["a"], "answers": ["b"]}) == Vocabulary(
        ("a",), ("b",), TOKENS, "clevr"
    )
    assert Vocabulary.from_dict(iep.to_dict()) == iep
    with pytest.raises(DataError, match='"tokeniser" should be clevr or iep'):
        Vocabulary.from_dict({"words": [], "answers": [], "tokeniser": "spaces"})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"answer_token_to_idx": None}, 'needs "answer_token_to_idx", a mapping'),
        ({"question_token_to_idx": {"<NULL>": 0, "red": 2}}, "numbers 0, 1, 2"),
        ({"question_token_to_idx": {"<NULL>": [0]}}, "numbers 0, 1, 2"),
        (
            {"program_token_to_idx": {"scene": 0, "count": 1}},
            '"program_token_to_idx" should begin with <NULL>',
        ),
    ],
)
def test_a_vocab_json_of_another_form(change: dict[str, object], message: str, shared: Path) -> None:
    record = read_json(shared / "fixtures" / "vocab.json") | change
    with pytest.raises(DataError, match=re.escape(message)):
        Vocabulary.from_iep(record)
    with pytest.raises(DataError, match="needs"):
        Vocabulary.from_iep([])


def test_only_clevr_ieps_kind_becomes_a_vocab_json(iep: Vocabulary) -> None:
    for other in (CLEVR_VOCABULARY, Vocabulary(iep.words, ANSWERS, iep.functions, "iep")):
        with pytest.raises(VocabularyError, match="not clevr-iep's"):
            other.to_iep()


def test_of_many_answers_an_error_names_the_nearest() -> None:
    many = Vocabulary(("is",), tuple(f"answer {i}" for i in range(3000)))
    with pytest.raises(VocabularyError, match="3000 known answers; the nearest are") as raised:
        many.encode_answer("answer 30x")
    assert len(str(raised.value)) < 200


def test_functions_that_give_objects_are_known(iep: Vocabulary) -> None:
    given = dict(zip(iep.functions, iep.gives_objects, strict=True))
    assert {re.split(r"[_\[]", name)[0] for name, gives in given.items() if gives} == {
        "filter", "intersect", "relate", "same", "scene", "union", "unique",
    }  # fmt: skip
    assert {re.split(r"[_\[]", name)[0] for name, gives in given.items() if not gives} == {
        "count", "equal", "exist", "greater", "less", "query",
    }  # fmt: skip
