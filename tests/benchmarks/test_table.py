from visreason.benchmarks.table import many_questions, run


def test_rows() -> None:
    rows = {row.name: row for row in run(questions=300)}
    value = {name: row.value or 0.0 for name, row in rows.items()}
    assert all(row.value and row.unit for row in rows.values())
    assert rows["table.opening"].equal is True
    assert value["table.file"] > 0.1
    assert 10 < value["table.opening-memory"] < 500


def test_questions_are_numbered_on_and_each_turn_asks_about_new_images() -> None:
    questions = list(many_questions(45, scenes=2))
    assert [question.index for question in questions] == list(range(45))
    assert [question.image_index for question in questions] == sorted(q.image_index for q in questions)
    assert questions[20].text == questions[0].text
    assert questions[20].image_filename == "CLEVR_train_000002.png"
    assert questions[44].image_index == 4
