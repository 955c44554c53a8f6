"""What the tests of the training verbs share: a run, trained once."""

from pathlib import Path

import pytest

from visreason.cli.main import main

QUICK = ["--training.epochs", "1", "--training.accelerator", "cpu", "--data.workers", "0"]


@pytest.fixture(scope="session")
def trained(tiny_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of rn-quick on the tiny data, trained for an epoch by the command itself."""
    run = tmp_path_factory.mktemp("runs") / "quick"
    assert main(["train", "rn-quick", "--data", str(tiny_data), "--out", str(run), *QUICK]) == 0
    return run


@pytest.fixture(scope="session")
def stack_world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with four rendered val scenes, three questions and two expressions each; tests only read it."""
    from visreason.data.world import generate_world
    from visreason.data.world_split import WorldSplit

    root = tmp_path_factory.mktemp("stack_world")
    generate_world(root, WorldSplit("val", 4, 3, (96, 64), refexps_per_scene=2), jobs=1)
    return root


@pytest.fixture(scope="session")
def stack_models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Model files of untrained Stack Neural Module Networks that answer, that locate, and that do both."""
    import torch

    from visreason.data.vocabulary import CLEVR_VOCABULARY
    from visreason.models import save_model
    from visreason.models.locating import LocationHeadConfig
    from visreason.models.stack_nmn import StackNmn, StackNmnConfig
    from visreason.nn.image_encoder import ImageEncoderConfig

    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("stack_models")
    see = ImageEncoderConfig(kind="pixels", shape=(3, 64, 96), channels=(4, 6, 8))
    small = {
        "dim": 8,
        "word_size": 6,
        "lstm_hidden": 8,
        "position_size": 4,
        "memory_size": 8,
        "answer_hidden": 8,
    }
    where = LocationHeadConfig(frame=(64, 96))
    heads = {"answers": {"answer_count": 28}, "locates": {"locate": where}}
    meta = {
        "inputs": {"kind": "pixels", "image_size": [64, 96]},
        "vocabulary": CLEVR_VOCABULARY.to_dict(),
        "recipe": "mine",
    }
    for name, own in {**heads, "both": heads["answers"] | heads["locates"]}.items():
        network = StackNmn(StackNmnConfig(vocabulary_size=82, image=see, **small, **own))
        save_model(folder / f"{name}.safetensors", network, meta)
    return {name: str(folder / f"{name}.safetensors") for name in (*heads, "both")}
