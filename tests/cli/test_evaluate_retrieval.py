import json
from pathlib import Path

import numpy as np
import pytest

from visreason.clevr.folder import ClevrFolder
from visreason.clevr.scenes_file import read_scenes
from visreason.cli.main import main
from visreason.retrieval.building import write_index
from visreason.retrieval.index_folder import IndexSettings


@pytest.fixture
def index(tiny_data: Path, tmp_path: Path) -> Path:
    folder = ClevrFolder(tiny_data)
    names = [scene.image_filename for scene in read_scenes(folder.scenes_file("val"))]
    images = str(folder.images_dir("val"))
    settings = IndexSettings(
        model="rn", fingerprint="", layer="g2", aggregation="mean", normalise="both", size=3, images=images
    )
    features = np.random.default_rng(0).random((len(names), 3)).astype(np.float32)
    write_index(tmp_path / "index", features, names, settings)
    return tmp_path / "index"


def test_tables_and_files(
    index: Path, tiny_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["evaluate-retrieval", str(index), "--data", str(tiny_data), "--k", "1,3", "--jobs", "1"]
    outputs = ["--output", str(tmp_path / "out"), "--sheet", str(tmp_path / "sheet.png")]
    assert main([*command, "--ground-truth", "all", *outputs]) == 0
    told = capsys.readouterr()
    for kind in ("symmetric", "published-soft", "published-hard"):
        assert f"ground truth: {kind}, 6 queries" in told.out
    assert "recall@3" in told.out
    assert "attribute histogram" in told.out
    assert (tmp_path / "sheet.png").stat().st_size > 10_000
    kept = json.loads((tmp_path / "out" / "metrics.json").read_text())
    assert kept["task"] == "retrieval"
    assert (kept["model"], kept["layer"], kept["split"], kept["images"]) == ("rn", "g2", "val", 6)
    assert set(kept["ground_truth"]) == {"symmetric", "published-soft", "published-hard"}

    assert main([*command, "--json", "--queries", "2"]) == 0
    asked = json.loads(capsys.readouterr().out)
    assert asked["queries"] == 2
    assert set(asked["ground_truth"]) == {"symmetric"}
    assert set(asked["ground_truth"]["symmetric"]["ndcg"]) == {"1", "3"}

    twice = ["--ground-truth", "published-hard", "--ground-truth", "published-soft"]
    assert main([*command, "--json", *twice]) == 0
    assert list(json.loads(capsys.readouterr().out)["ground_truth"]) == ["published-soft", "published-hard"]


def test_a_users_error_is_one_message_and_status_1(
    index: Path, tiny_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty").mkdir()
    of = ["--data", str(tiny_data)]
    for arguments, message in [
        ([str(tmp_path / "empty"), *of], "is no index"),
        ([str(index), "--data", str(tmp_path / "nowhere")], "is no folder"),
        ([str(index), *of, "--split", "test"], "no split 'test'; it has train, val"),
        ([str(index), *of, "--split", "train"], "none of the 6 images"),
        ([str(index), *of, "--k", "6"], "k is 6, but a query has 5 other images"),
        ([str(index), *of, "--k", "ten"], "whole numbers from 1 on"),
        (
            [str(index), *of, "--ground-truth", "soft"],
            "there are symmetric, published-soft, published-hard, and all",
        ),
        ([str(index), *of, "--queries", "0"], "--queries must be at least 1"),
        ([str(index), *of, "--output", str(tmp_path)], "none of the results"),
        ([str(index), *of, "--sheet", "sheet.txt"], ".png"),
        ([str(index)], "are required: data"),
    ]:
        assert main(["evaluate-retrieval", *arguments]) == 1, arguments
        told = capsys.readouterr()
        assert message in told.err, arguments
        assert "Traceback" not in told.err
        assert told.out == ""


@pytest.mark.slow
def test_the_published_weights_rank_real_images_better_than_chance(
    shared: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    weights, model = shared / "data" / "rn_checkpoints", tmp_path / "ir.safetensors"
    words = ["--dictionaries", str(weights / "dictionaries.json")]
    source = ["relation-networks-clevr", str(weights / "ir_fp_epoch_312.pth")]
    assert main(["import-weights", *source, str(model), *words]) == 0
    data = shared / "data" / "clevr_real"
    assert main(["index", str(model), str(data), str(tmp_path / "index"), "--device", "cpu"]) == 0
    capsys.readouterr()
    command = [
        "evaluate-retrieval",
        str(tmp_path / "index"),
        "--data",
        str(data),
        "--split",
        "train",
        "--json",
    ]
    assert main([*command, "--ground-truth", "all", "--jobs", "1"]) == 0
    figures = json.loads(capsys.readouterr().out)["ground_truth"]
    assert figures["symmetric"]["spearman"]["low"] > 0.3
    assert figures["published-soft"]["spearman"]["value"] == pytest.approx(0.174, abs=0.01)
    assert figures["published-hard"]["spearman"]["value"] == pytest.approx(0.139, abs=0.01)
    assert figures["symmetric"]["baselines"]["random"]["spearman"]["high"] < 0.1
