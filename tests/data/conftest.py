"""A small data folder for the tests of `visreason.data`: scenes, questions and images of plain noise."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from visreason.clevr.folder import ClevrFolder
from visreason.clevr.questions.engine import QuestionEngine
from visreason.clevr.questions_file import write_questions
from visreason.clevr.sampling import sample_scene, scene_rng
from visreason.clevr.scenes_file import write_scenes


@pytest.fixture(scope="session")
def _world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("world")
    folder = ClevrFolder(root)
    scenes = [sample_scene(scene_rng(0, "val", i), i, "val") for i in range(6)]
    write_scenes(folder.scenes_file("val"), scenes, "val")
    write_questions(folder.questions_file("val"), QuestionEngine(seed=0).generate(scenes, 4), "val")
    folder.images_dir("val").mkdir(parents=True)
    for scene in scenes:
        pixels = np.random.default_rng(scene.image_index).integers(0, 255, (32, 48, 3), np.uint8)
        Image.fromarray(pixels).save(folder.images_dir("val") / scene.image_filename)
    return root


@pytest.fixture
def world(_world: Path, tmp_path: Path) -> ClevrFolder:
    """A data folder of 6 scenes and 24 questions that the test may spoil."""
    import shutil

    return ClevrFolder(shutil.copytree(_world, tmp_path / "world"))


@pytest.fixture
def cached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[Path]]:
    """A cache folder of the test's own; the function lists the prepared copies in it."""
    monkeypatch.setenv("VISREASON_CACHE", str(tmp_path / "cache"))
    return lambda: sorted((tmp_path / "cache" / "prepared").glob("*"))
