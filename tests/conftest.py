"""What every test may ask for."""

import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parent.parent

settings.register_profile("untimed", settings.get_profile("default"), deadline=None)  # no test asserts a time
settings.load_profile("untimed")


def skip(reason: str) -> NoReturn:
    """Skip a test for want of something outside the project; a failure where everything must be there (CI)."""
    if os.environ.get("VISREASON_NO_SKIPS"):
        pytest.fail(f"{reason}, and VISREASON_NO_SKIPS is set")
    pytest.skip(reason)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real data and reference numbers; tests that need it skip where it is absent."""
    folder = Path(os.environ.get("VISREASON_SHARED", ROOT.parent / "shared"))
    if not (folder / "data").is_dir():
        skip(f"no reference data at {folder} (set VISREASON_SHARED)")
    return folder


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of the system's Chromium; browser tests skip where it is absent."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    skip("no Chromium on the PATH (Debian: apt-get install chromium)")


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the tests' cache out of the user's: one a worker, shared by its tests."""
    monkeypatch.setenv("VISREASON_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))


@pytest.fixture
def interruptible() -> Iterator[None]:
    """The usual handlers of Ctrl-C and of SIGTERM: shells start background jobs, such as these tests may be, with
    SIGINT ignored, and their children begin so too; a Ray cluster of a former test leaves a handler of SIGTERM behind.
    """
    usual = {signal.SIGINT: signal.default_int_handler, signal.SIGTERM: signal.SIG_DFL}
    before = {number: signal.signal(number, handler) for number, handler in usual.items()}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture(scope="session")
def tiny_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with 12 train and 6 val scenes, 5 questions each and images of noise; tests only read it."""
    import numpy as np
    from PIL import Image

    from visreason.clevr.folder import ClevrFolder
    from visreason.clevr.questions.engine import QuestionEngine
    from visreason.clevr.questions_file import write_questions
    from visreason.clevr.sampling import sample_scene, scene_rng
    from visreason.clevr.scenes_file import write_scenes

    folder = ClevrFolder(tmp_path_factory.mktemp("tiny_data"))
    for split, count in (("train", 12), ("val", 6)):
        scenes = [sample_scene(scene_rng(0, split, i), i, split) for i in range(count)]
        write_scenes(folder.scenes_file(split), scenes, split)
        write_questions(folder.questions_file(split), QuestionEngine(seed=0).generate(scenes, 5), split)
        folder.images_dir(split).mkdir(parents=True)
        for scene in scenes:
            noise = np.random.default_rng(scene.image_index).integers(0, 255, (32, 48, 3), np.uint8)
            Image.fromarray(noise).save(folder.images_dir(split) / scene.image_filename)
    return folder.root


@pytest.fixture(scope="session")
def region_models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Model files of untrained networks of all four families that name regions, by family."""
    import torch

    from visreason.models import build_model, save_model

    folder = tmp_path_factory.mktemp("region_models")
    classes = ["__background__", "cup", "saucer", "left spoon", "right spoon", "table"]
    edges = torch.tensor([[0, 1, 2], [0, 2, 1], [1, 3, 4], [1, 4, 3], [2, 1, 5]])
    graph = {"size": 8, "layers": 2, "relation_count": 3, "edge_count": 5, "vector_size": 4}
    own = {"local": {"memory": {"size": 6, "hidden": 10}}, "global": {"graph": graph | {"reach": 30.0}}}
    settings = {"baseline": {}, **own, "full": {**own["local"], **own["global"]}}
    torch.manual_seed(0)
    for family, sizes in settings.items():
        trunk = {"channels": (6, 8, 8), "head": (12,), "crop": 5, "edges": "clamp"}
        model = build_model(f"region-{family}", {"class_count": 6, "trunk": trunk, **sizes})
        meta = {"inputs": {"kind": "regions", "short": 64, "long": 96}, "classes": classes, "recipe": "mine"}
        for weights in model.parameters():
            if weights.dim() > 1:  # fresh networks have next to no opinion
                torch.nn.init.normal_(weights, std=1.6 / weights[0].numel() ** 0.5)
        if model.graph is not None:
            model.set_knowledge(edges, torch.ones(5), torch.randn(6, 4))
            meta["relations"] = ["seen with", "left to right", "stands on"]
        save_model(folder / f"{family}.safetensors", model, meta)
    return {family: str(folder / f"{family}.safetensors") for family in settings}
