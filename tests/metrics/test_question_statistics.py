import json
from pathlib import Path

from visreason.clevr.programs import Node
from visreason.clevr.question import Question
from visreason.clevr.questions_file import iter_questions
from visreason.metrics.question_statistics import (
    QuestionStatistics,
    SentenceStatistics,
    mean_of,
    program_depth,
)

COUNT = (Node("scene"), Node("count", (0,)))
SAME = (
    Node("scene"),
    Node("filter_color", (0,), ("red",)),
    Node("count", (1,)),
    *(Node("scene"), Node("count", (3,)), Node("equal_integer", (2, 4))),
)


def ask(text: str, answer: str | None, program: object, family: int | None, image: str) -> Question:
    return Question(text, answer, program, family, 0, 0, image, "val")  # type: ignore[arg-type]


QUESTIONS = [
    ask("How many things?", "3", COUNT, 84, "a.png"),
    ask("How many things are there?", "3", COUNT, 84, "a.png"),
    ask("How many?", "2", COUNT, 84, "b.png"),
    ask("As many red things as things?", "no", SAME, 0, "b.png"),
    ask("Nobody knows", None, None, None, "c.png"),
]


def test_everything_is_counted() -> None:
    found = QuestionStatistics.of(QUESTIONS)
    assert found.count == 5
    assert dict(found.words) == {3: 1, 5: 1, 2: 2, 6: 1}
    assert dict(found.nodes) == {2: 3, 6: 1}
    assert dict(found.depths) == {2: 3, 4: 1}
    assert (found.types.counts["count"], found.types.total, found.types.clusters) == (3, 4, 2)
    assert found.groups.counts == {"count": 3, "compare_numbers": 1}
    assert found.families.counts == {"84": 3, "0": 1}
    assert found.answers == {"count": {"3": 2, "2": 1}, "equal_integer": {"no": 1}}
    assert found.answer_counts() == {"3": 2, "2": 1, "no": 1}
    assert found.commonest() == {"count": (2, 3), "compare_numbers": (1, 1), "all": (3, 4)}


def test_the_document_is_json_and_orders_what_has_an_order() -> None:
    document = json.loads(json.dumps(QuestionStatistics.of(QUESTIONS).to_dict()))
    assert list(document["answers"]) == ["2", "3", "no"]
    assert list(document["words"]) == ["2", "3", "5", "6"]
    assert len(document["families"]) == 90
    assert document["families"]["84"]["value"] == 0.75
    assert document["answers_by_type"]["count"] == {"3": 2, "2": 1}


def test_a_file_that_withholds_programs_and_answers_has_lengths_only() -> None:
    found = QuestionStatistics.of(QUESTIONS[-1:])
    assert (found.count, dict(found.words), found.commonest()) == (1, {2: 1}, {})
    document = found.to_dict()
    assert document["types"] == document["families"] == document["answers"] == document["nodes"] == {}


def test_sentences_need_no_answers() -> None:
    found = SentenceStatistics.of(QUESTIONS)
    assert set(found.to_dict()) == {"count", "families", "words", "nodes", "depths"}


def test_real_questions(shared: Path) -> None:
    path = shared / "data" / "clevr_real" / "questions" / "CLEVR_train_questions.json"
    found = QuestionStatistics.of(iter_questions(path))
    assert (found.count, found.types.clusters, len(found.families.counts)) == (600, 60, 90)
    assert (min(found.words), max(found.words), min(found.nodes), max(found.nodes)) == (5, 42, 3, 22)


def test_depth_is_the_longest_way() -> None:
    assert program_depth(SAME) == 4
    assert mean_of(QuestionStatistics.of(QUESTIONS).depths) == 2.5
