from matplotlib.figure import Figure

from visreason.trace.schema import Candidate, Trace
from visreason.trace.sidebar import Sidebar


def fill(trace: Trace) -> tuple[Figure, Sidebar]:
    figure = Figure(figsize=(11, 5), dpi=100)
    sidebar = Sidebar(figure, 0.6, 0.98, 0.95)
    sidebar.question(trace)
    sidebar.answers(trace.answers)
    return figure, sidebar


def test_words_wrap_within_the_column_and_never_before_a_question_mark():
    words = ("is", "there", *["cylinder"] * 20, "?")
    figure, sidebar = fill(Trace(family="x", steps=(), words=words))
    shown = {text.get_text(): text.get_position() for text in figure.texts}
    placed = [text for text in figure.texts if text.get_text() in {"Is", "there", "cylinder", "?"}]
    assert len(placed) == len(words)
    assert all(sidebar.left <= text.get_position()[0] < sidebar.right for text in placed)
    lines = {text.get_position()[1] for text in placed}
    assert len(lines) > 2
    assert shown["?"][1] == placed[-2].get_position()[1]


def test_answers_are_listed_best_first_with_percentages(grid):
    figure, _ = fill(grid)
    texts = [text.get_text() for text in figure.texts]
    assert texts[-4:] == ["yes", "90.0 %", "no", "< 0.1 %"]


def test_what_has_no_answer_has_no_heading_for_it():
    figure, _ = fill(Trace(family="x", steps=(), words=("the", "ball")))
    assert [text.get_text() for text in figure.texts if text.get_text().istitle()] == ["Question", "The"]


def test_nothing_to_say_is_no_error():
    figure, _ = fill(Trace(family="x", steps=(), answers=(Candidate(index=0, probability=1.0),)))
    assert "class 0" in [text.get_text() for text in figure.texts]
