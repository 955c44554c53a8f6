import pytest
import torch

from visreason.clevr.folder import ClevrFolder
from visreason.data.dataset import ClevrQuestions
from visreason.data.inputs import BlindView, SceneView
from visreason.data.on_the_fly import RenderingCollate
from visreason.data.samples import collate
from visreason.data.vocabulary import CLEVR_VOCABULARY
from visreason.errors import UsageError
from visreason.render.renderer import render

pytestmark = pytest.mark.usefixtures("cached")


def test_images_are_those_of_the_scenes(world: ClevrFolder) -> None:
    data = ClevrQuestions(world, "val", CLEVR_VOCABULARY, SceneView(), share=False)
    samples = [data[row] for row in (0, 9, 1)]
    batch = RenderingCollate((20, 30))(samples)
    assert batch.images is not None
    assert batch.images.shape == (3, 3, 20, 30)
    assert batch.image_rows is None
    torch.testing.assert_close(batch.images[0], batch.images[2])  # two questions about one scene
    scene = samples[1].seen.scene
    assert scene is not None
    alone = render([scene], 30, 20).rgb[0].permute(2, 0, 1).float() / 255
    torch.testing.assert_close(batch.images[1], alone, atol=2 / 255, rtol=0)
    plain = collate(samples)
    torch.testing.assert_close(batch.tokens, plain.tokens)
    torch.testing.assert_close(batch.answers, plain.answers)


def test_questions_about_one_scene_share_its_image(world: ClevrFolder) -> None:
    each = ClevrQuestions(world, "val", CLEVR_VOCABULARY, SceneView(), share=False)
    shared = ClevrQuestions(world, "val", CLEVR_VOCABULARY, SceneView())
    whole, batch = (RenderingCollate((20, 30))([data[row] for row in (0, 9, 1)]) for data in (each, shared))
    assert batch.images is not None
    assert whole.images is not None
    assert batch.images.shape == (2, 3, 20, 30)
    torch.testing.assert_close(batch.spread(batch.images), whole.images)


def test_samples_without_scenes(world: ClevrFolder) -> None:
    data = ClevrQuestions(world, "val", CLEVR_VOCABULARY, BlindView())
    with pytest.raises(UsageError, match="SceneView"):
        RenderingCollate((20, 30))([data[0]])
