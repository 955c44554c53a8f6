"""Tiny questions with programs and images, and recipes of generators and engines that train on them in moments."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from visreason.clevr.questions.engine import QuestionEngine
from visreason.clevr.sampling import sample_scene, scene_rng
from visreason.clevr.scene import Scene
from visreason.data.inputs import Seen
from visreason.data.samples import Sample, collate
from visreason.data.vocabulary import CLEVR_VOCABULARY
from visreason.nn.batch import Batch
from visreason.tasks.loader import TaskData
from visreason.tasks.recipes.recipe import Recipe
from visreason.zoo.catalogue import load_recipe

META: dict[str, Any] = {
    "vocabulary": CLEVR_VOCABULARY.to_dict(),
    "inputs": {"kind": "pixels", "image_size": [16, 24]},
}
GENERATOR = {"word_size": 8, "hidden": 12, "longest": 12}
ENGINE = {"image.channels": [4], "dim": 4, "classifier_projection": 4, "classifier_widths": [8]}
TINY: dict[str, Any] = {
    "training.epochs": 2,
    "training.accelerator": "cpu",
    "training.threads": 1,
    "batch.size": 8,
    "batch.per_image": 1,
    "checkpoint.every_steps": 2,
    "logging.every_steps": 1,
    "schedule.name": "constant",
    "data.workers": 0,
}
PIXELS = {"inputs.image_size": [16, 24], "model_init.conv_from": None}
OWN: dict[str, dict[str, Any]] = {
    "iep-generator-quick": {f"model.{name}": value for name, value in GENERATOR.items()},
    "iep-engine-quick": PIXELS | {f"model.{name}": value for name, value in ENGINE.items()},
    "module-memory-quick": PIXELS | {f"model.{name}": value for name, value in ENGINE.items()},
    "iep-quick": PIXELS
    | {f"model.generator.{name}": value for name, value in GENERATOR.items()}
    | {f"model.modules.{name}": value for name, value in ENGINE.items()}
    | {"model_init.generator_from": None, "model_init.engine_from": None},
    "module-memory-end-to-end-quick": PIXELS
    | {f"model.generator.{name}": value for name, value in GENERATOR.items()}
    | {f"model.memory.{name}": value for name, value in ENGINE.items()}
    | {"task.programs": 12, "task.shown_per_batch": 3, "task.warm_up": 2},
}


@pytest.fixture(scope="session")
def scenes() -> list[Scene]:
    """Six scenes."""
    return [sample_scene(scene_rng(0, "train", index), index, "train") for index in range(6)]


@pytest.fixture(scope="session")
def samples(scenes: list[Scene]) -> list[Sample]:
    """Four questions about each scene, with programs, and images of noise."""
    made = []
    for row, question in enumerate(QuestionEngine(seed=0).generate(scenes, 4)):
        assert question.program is not None
        assert question.answer is not None
        noise = np.random.default_rng(question.image_index).integers(0, 255, (16, 24, 3), np.uint8)
        made.append(
            Sample(
                words=np.array(CLEVR_VOCABULARY.encode(question.text), np.uint16),
                seen=Seen(image=noise),
                answer=CLEVR_VOCABULARY.encode_answer(question.answer),
                row=row,
                image_index=question.image_index,
                subject=question.image_index,
                program=np.array(CLEVR_VOCABULARY.encode_program(question.program), np.uint8),
            )
        )
    return made


@pytest.fixture
def make_recipe() -> Callable[..., Recipe]:
    """A shipped recipe shrunk to moments; further settings as `make_recipe("iep-quick", task__train="both")`."""

    def make(name: str, **changes: Any) -> Recipe:
        own = {key.replace("__", "."): value for key, value in changes.items()}
        return load_recipe(name, TINY | OWN[name] | own)

    return make


@pytest.fixture
def make_data(samples: list[Sample], scenes: list[Scene]) -> Callable[..., TaskData]:
    """All samples to train on, six to measure; `on_batch` is called before each batch is made."""

    def make(on_batch: Callable[[], None] = lambda: None, shown: int = 12) -> TaskData:
        def to_batch(chosen: list[Sample]) -> Batch:
            on_batch()
            return collate(chosen)

        by_index = {scene.image_index: scene for scene in scenes}
        return TaskData(
            lambda epoch: samples,
            samples[:6],
            to_batch,
            META,
            images=np.array([sample.image_index for sample in samples]),
            shown=shown,
            scenes=lambda: by_index,
        )

    return make


@pytest.fixture
def batch(samples: list[Sample]) -> Batch:
    """Eight questions; the programs of the last two are not told."""
    made = collate(samples[:8])
    assert made.programs is not None
    made.programs[6:] = 0
    return made


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)
