import csv
import json
from pathlib import Path

import pytest
import torch

from visreason.clevr.layouts import MODULES
from visreason.cli.main import main


def test_a_table_has_every_type_and_the_files_are_named(
    trained: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["test", str(trained)]) == 0
    told = capsys.readouterr()
    assert "all questions" in told.out
    assert "invalid answers" in told.out
    assert str(trained / "results" / "metrics.json") in told.err


def test_json_is_what_metrics_json_holds(
    trained: Path, tiny_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    arguments = [
        "--data",
        str(tiny_data),
        "--split",
        "train",
        "--limit",
        "10",
        "--output",
        str(out),
        "--json",
    ]
    assert main(["test", str(trained), *arguments]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told == json.loads((out / "metrics.json").read_text())
    assert told["accuracy"]["overall"]["count"] == 10


def test_checkpoints_and_model_files_are_models_too(
    trained: Path, tiny_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    figures = []
    for place, model in enumerate(("", "checkpoints/best.ckpt", "model.safetensors")):
        arguments = ["--data", str(tiny_data), "--output", str(tmp_path / str(place)), "--json"]
        assert main(["test", str(trained / model), *arguments]) == 0
        figures.append(json.loads(capsys.readouterr().out)["accuracy"])
    assert figures[0] == figures[1] == figures[2]


def test_a_users_error_is_one_message_and_status_1(
    trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pickle = tmp_path / "weights.safetensors"
    torch.save({"w": torch.ones(1)}, pickle)
    (tmp_path / "thesis.tex").write_text("mine")
    for arguments, message in [
        (["nowhere"], "there is no model nowhere"),
        ([str(pickle)], "pickle"),
        ([str(tmp_path)], "no run of visreason"),
        ([str(trained), "--data", str(tmp_path)], "not in CLEVR v1.0 layout"),
        ([str(trained), "--output", str(tmp_path)], "thesis.tex"),
        ([str(trained), "--limit", "0"], "limit"),
    ]:
        assert main(["test", *arguments]) == 1
        told = capsys.readouterr().err
        assert message in told
        assert "Traceback" not in told


def test_minimal_pairs_are_in_the_table_and_in_the_files(
    trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    world, out = tmp_path / "world", tmp_path / "out"
    made = ["--scenes", "3", "--counterfactuals", "2", "--no-images", "--jobs", "1"]
    assert main(["generate", str(world), *made]) == 0
    arguments = ["--data", str(world), "--output", str(out), "--counterfactuals"]
    assert main(["test", str(trained), *arguments]) == 0
    assert "pairs, both answers right" in capsys.readouterr().out
    assert json.loads((out / "metrics.json").read_text())["counterfactual"]["pairs"] == 6
    assert len((out / "predictions.jsonl").read_text().splitlines()) == 36


def test_data_without_minimal_pairs_are_one_message(
    trained: Path, tiny_data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["test", str(trained), "--data", str(tiny_data), "--counterfactuals"]) == 1
    assert "has no minimal pairs of val" in capsys.readouterr().err


def figures(out: Path) -> dict[str, float]:
    """What `results.csv` says, by the name of the figure."""
    with (out / "results.csv").open(newline="") as file:
        return {row["figure"]: float(row["value"]) for row in csv.DictReader(file)}


@pytest.mark.parametrize(
    ("kind", "count", "names", "absent"),
    [
        ("answers", 12, ["accuracy.overall", "layout.exact", "layout.valid"], "iou50.overall"),
        (
            "locates",
            8,
            ["iou50.overall", "mean_iou.overall", "layout.exact", "layout.valid"],
            "accuracy.overall",
        ),
        (
            "both",
            20,
            ["accuracy.overall", "iou50.overall", "layout.answering.exact", "layout.locating.valid"],
            "joint",
        ),
    ],
)
def test_boxes_answers_and_layouts_are_measured_as_far_as_the_network_has_them(
    kind: str,
    count: int,
    names: list[str],
    absent: str,
    stack_models: dict[str, str],
    stack_world: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = tmp_path / "out"
    assert main(["test", stack_models[kind], "--data", str(stack_world), "--output", str(out), "--json"]) == 0
    told, found = json.loads(capsys.readouterr().out), figures(out)
    assert set(names) <= set(found)
    assert absent not in found
    assert all(0 <= found[name] <= 1 for name in names)
    lines = [json.loads(line) for line in (out / "predictions.jsonl").read_text().splitlines()]
    assert len(lines) == count
    boxes = [line for line in lines if "box" in line]
    assert len(boxes) == (0 if kind == "answers" else 8)
    if boxes:
        assert told["iou50"]["overall"]["value"] == sum(line["iou"] >= 0.5 for line in boxes) / 8
        mean = sum(line["iou"] for line in boxes) / 8
        assert found["mean_iou.overall"] == pytest.approx(mean, abs=1e-5)
    planned = {tuple(line["layout"].split()) for line in lines}
    assert all(set(modules) <= set(MODULES) for modules in planned)


def test_questions_without_answers_are_answered_one_a_line(
    stack_models: dict[str, str], shared: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    real, data, out = shared / "data/clevr_test_images", tmp_path / "CLEVR_v1.0", tmp_path / "answers.txt"
    asked = json.loads((real / "CLEVR_test_questions_one_per_image.json").read_text())
    images = sorted(real.glob("*.png"))
    (data / "questions").mkdir(parents=True)
    (data / "images").mkdir()
    (data / "images/test").symlink_to(real)
    questions = [
        {
            "question_index": place,
            "question": asked[str(int(image.stem[-6:]))][0],
            "image_filename": image.name,
            "image_index": int(image.stem[-6:]),
            "split": "test",
        }
        for place, image in enumerate(images)
    ]
    file = data / "questions/CLEVR_test_questions.json"
    file.write_text(json.dumps({"info": {}, "questions": questions}))
    arguments = ["test", stack_models["answers"], "--data", str(data), "--answers", str(out)]
    assert main([*arguments, "--batch-size", "3"]) == 0
    assert f"{len(images)} answers" in capsys.readouterr().out
    answers = out.read_text().splitlines()
    assert len(answers) == len(images) == 10
    for place in (0, 7):  # in the order of the questions
        question = [stack_models["answers"], str(images[place]), questions[place]["question"], "--json"]
        assert main(["ask", *question]) == 0
        assert json.loads(capsys.readouterr().out)["answer"] == answers[place]
    assert main([*arguments, "--overwrite", "--limit", "4"]) == 0
    assert out.read_text().splitlines() == answers[:4]
    assert main(["test", stack_models["answers"], "--data", str(data), "--split", "test"]) == 1
    assert "--answers" in capsys.readouterr().err  # without true answers nothing can be measured


def test_answers_that_cannot_be_written_are_one_message(
    stack_models: dict[str, str], stack_world: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    there, out = tmp_path / "there.txt", tmp_path / "answers.txt"
    there.write_text("mine\n")
    data = ["--data", str(stack_world), "--split", "val"]
    for arguments, message in [
        ([stack_models["locates"], *data, "--answers", str(out)], "answers no questions"),
        ([stack_models["answers"], "--answers", str(out)], "needs --data"),
        ([stack_models["answers"], *data, "--answers", str(out), "--json"], "goes with"),
        ([stack_models["answers"], *data, "--answers", str(there)], "exists"),
        ([stack_models["answers"], "--data", str(stack_world), "--answers", str(out)], "test"),
    ]:
        assert main(["test", *arguments]) == 1, arguments
        told = capsys.readouterr().err
        assert message in told
        assert "Traceback" not in told
    assert there.read_text() == "mine\n"
    assert not out.exists()


def test_wrong_answers_are_put_down_to_steps(
    trained: Path, tiny_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    arguments = ["test", str(trained), "--data", str(tiny_data), "--attribute", "--output", str(out)]
    assert main([*arguments, "--limit", "12", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told == json.loads((out / "metrics.json").read_text())
    found = json.loads((out / "attribution.json").read_text())
    wrong = [json.loads(line) for line in (out / "predictions.jsonl").read_text().splitlines()]
    wrong = [line["question_index"] for line in wrong if not line["correct"]]
    assert [case["question_index"] for case in found["cases"]] == wrong
    assert told["attribution"]["wrong"] == len(wrong) > 0
    assert sum(one["value"] for one in told["attribution"]["steps"].values()) == pytest.approx(1)
    assert "attribution.steps.parse" in figures(out)
    assert (out / "why.html").read_text().startswith("<!doctype html>")
    assert main([*arguments, "--overwrite"]) == 0  # its own files are in the way of nothing
    printed = capsys.readouterr()
    assert "wrong answers, first at perceive" in printed.out
    assert str(out / "why.html") in printed.err


def test_attribution_without_what_it_needs_is_one_message(
    trained: Path,
    stack_models: dict[str, str],
    stack_world: Path,
    tiny_data: Path,
    region_models: dict[str, str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    bare, mute = tmp_path / "bare", tmp_path / "mute"
    for folder in (bare, mute):
        (folder / "questions").mkdir(parents=True)
        document = json.loads((tiny_data / "questions/CLEVR_val_questions.json").read_text())
        for record in document["questions"] if folder is mute else ():
            del record["program"]
        (folder / "questions/CLEVR_val_questions.json").write_text(json.dumps(document))
    (mute / "scenes").symlink_to(tiny_data / "scenes")
    out = tmp_path / "out"
    for model, data, message in [
        (str(trained), bare, "needs the scenes of val"),
        (str(trained), mute, "needs programs"),
        (stack_models["locates"], stack_world, "answers no questions"),
        (region_models["baseline"], tiny_data, "answers no questions"),
    ]:
        assert main(["test", model, "--data", str(data), "--attribute", "--output", str(out)]) == 1
        told = capsys.readouterr().err
        assert message in told
        assert len(told.strip().splitlines()) == 1
    assert not (out / "metrics.json").exists()


def test_a_network_that_answers_and_points_has_its_answers_explained(
    stack_models: dict[str, str], stack_world: Path, tmp_path: Path
) -> None:
    arguments = ["test", stack_models["both"], "--data", str(stack_world), "--output", str(tmp_path / "out")]
    assert main([*arguments, "--attribute"]) == 0
    figures = json.loads((tmp_path / "out/metrics.json").read_text())
    assert figures["attribution"]["wrong"] == round(12 * (1 - figures["accuracy"]["overall"]["value"]))
