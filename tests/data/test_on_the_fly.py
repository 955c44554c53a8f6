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


@pytest.mark.parametrize("ahead", [1, 3, 100])
def test_batches_made_ahead_are_those_made_one_by_one(world: ClevrFolder, ahead: int) -> None:
    data = ClevrQuestions(world, "val", CLEVR_VOCABULARY, SceneView(jitter=True)).at_epoch(2)
    groups = [[data[row] for row in rows] for rows in ((0, 1, 9), (2, 20), (5,), (21, 10))]
    alone = [RenderingCollate((20, 30))(group) for group in groups]
    together = list(RenderingCollate((20, 30), ahead=ahead).batches(groups))
    assert len(together) == len(alone)
    for one, other in zip(alone, together, strict=True):
        assert one.images is not None
        assert other.images is not None
        torch.testing.assert_close(one.tokens, other.tokens)
        torch.testing.assert_close(one.spread(one.images), other.spread(other.images), atol=2 / 255, rtol=0)


def test_scenes_are_rendered_so_many_at_a_time(world: ClevrFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    data = ClevrQuestions(world, "val", CLEVR_VOCABULARY, SceneView())
    groups = [[data[row] for row in rows] for rows in ((0, 4), (8, 9), (12,), (16, 20))]
    collate, counts = RenderingCollate((20, 30), ahead=3), []
    plain = collate.renderer.render
    monkeypatch.setattr(
        collate.renderer, "render", lambda scenes: counts.append(len(scenes)) or plain(scenes)
    )
    assert len(list(collate.batches(groups))) == 4
    assert counts == [3, 3]


def test_jittered_images_differ_from_epoch_to_epoch_and_answers_do_not(world: ClevrFolder) -> None:
    data = ClevrQuestions(world, "val", CLEVR_VOCABULARY, SceneView(jitter=True))
    still, first, again, other = (
        RenderingCollate((20, 30))([samples[0]])
        for samples in (data, data.at_epoch(0), data.at_epoch(0), data.at_epoch(1))
    )
    assert still.images is not None
    assert first.images is not None
    assert other.images is not None
    torch.testing.assert_close(first.images, again.images)
    for one, two in ((still, first), (first, other)):
        assert (one.images - two.images).abs().mean() > 0.01
        torch.testing.assert_close(one.answers, two.answers)
