from pathlib import Path

from visreason.tasks.curves import read_curves
from visreason.tasks.run_folder import RunFolder


def test_curves_are_what_was_recorded(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    run.metrics.write_text(
        '{"step":1,"epoch":1,"loss":2.0,"lr":0.1}\n{"step":2,"epoch":1,"loss":1.0,"lr":0.2}\n'
        '{"step":2,"epoch":1,"train_loss":1.5,"lr":0.2,"test_loss":1.8,"accuracy":0.5,"invalid":0.1,'
        '"accuracy_by_class":{"number":0.4,"exist":0.6}}\n'
    )
    curves = read_curves(run)
    assert (curves.loss.steps, curves.loss.values) == ([1, 2], [2.0, 1.0])
    assert (curves.test_loss.steps, curves.test_loss.values) == ([2], [1.8])
    assert curves.accuracy.values == [0.5]
    assert curves.invalid.values == [0.1]
    assert curves.learning_rate.values == [0.1, 0.2, 0.2]
    assert {name: curve.values for name, curve in curves.accuracy_by_class.items()} == {
        "number": [0.4],
        "exist": [0.6],
    }


def test_the_attribute_tasks_score_is_its_average_precision(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    run.metrics.write_text('{"step":2,"epoch":1,"test_loss":1.8,"average_precision":0.7}\n')
    assert read_curves(run).accuracy.values == [0.7]
    assert read_curves(run).accuracy_name == "Average precision on unseen images"
    assert read_curves(run).accuracy_by_class == {}


def test_a_run_without_metrics_has_empty_curves(tmp_path: Path) -> None:
    assert read_curves(RunFolder(tmp_path)).loss.values == []


def test_a_generator_is_judged_by_its_programs_and_a_model_that_answers_by_its_answers(
    tmp_path: Path,
) -> None:
    run = RunFolder(tmp_path)
    run.metrics.write_text('{"step":2,"epoch":1,"test_loss":1.8,"programs_exact":0.7}\n')
    assert read_curves(run).accuracy.values == [0.7]
    assert read_curves(run).accuracy_name == "Programs exactly right, unseen questions"
    run.metrics.write_text('{"step":2,"epoch":1,"test_loss":1.8,"programs_exact":0.7,"accuracy":0.4}\n')
    assert read_curves(run).accuracy.values == [0.4]
