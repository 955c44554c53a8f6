from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader

from visreason.clevr.folder import ClevrFolder
from visreason.clevr.packed import pack_scene
from visreason.clevr.scenes_file import read_scenes
from visreason.data.dataset import ClevrAttributes, ClevrQuestions
from visreason.data.images import Augmentation, Pixels, load_image
from visreason.data.inputs import BlindView, ImageView, SceneView, StateView
from visreason.data.samples import collate
from visreason.data.vocabulary import CLEVR_VOCABULARY
from visreason.errors import DataError, UsageError
from visreason.files import read_json, write_json

pytestmark = pytest.mark.usefixtures("cached")


@pytest.fixture
def states(world: ClevrFolder) -> ClevrQuestions:
    return ClevrQuestions(world, "val", CLEVR_VOCABULARY, StateView("onehot", 10))


def test_a_batch_of_states(states: ClevrQuestions) -> None:
    batch = collate([states[row] for row in (0, 5, 9)])
    assert batch.tokens.shape == (3, int(batch.lengths.max()))
    for row, sample in enumerate((0, 5, 9)):
        words = states.table.words(sample)
        assert batch.tokens[row, : len(words)].tolist() == words.tolist()
        assert not batch.tokens[row, len(words) :].any()
    assert batch.objects is not None
    assert batch.objects.shape == (3, 10, 18)
    assert batch.object_mask is not None
    assert batch.object_mask.dtype == torch.bool
    assert batch.answers is not None
    assert batch.answers.tolist() == states.table.answer_Q[[0, 5, 9]].tolist()
    assert batch.question_index is not None
    assert batch.question_index.tolist() == [0, 5, 9]
    assert batch.images is batch.attributes is None


def test_a_batch_of_images_loads_in_worker_processes(world: ClevrFolder) -> None:
    data = ClevrQuestions(world, "val", CLEVR_VOCABULARY, ImageView((16, 24)), limit=6, share=False)
    loaders = (DataLoader(data, batch_size=3, num_workers=workers, collate_fn=collate) for workers in (0, 2))  # type: ignore[arg-type]
    for here, there in zip(*loaders, strict=True):
        assert here.images.shape == (3, 3, 16, 24)
        assert 0 <= here.images.min() < here.images.max() <= 1
        torch.testing.assert_close(here.images, there.images)


def test_augmentation_changes_with_the_epoch_and_never_in_evaluation(world: ClevrFolder) -> None:
    data = ClevrQuestions(world, "val", CLEVR_VOCABULARY, ImageView((32, 48), Augmentation()), seed=3)
    plain, first, again, second = (
        each[4].seen.image for each in (data, data.at_epoch(0), data.at_epoch(0), data.at_epoch(1))
    )
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, second)
    assert not np.array_equal(first, plain)


def test_questions_of_an_image_that_share_see_it_augmented_alike_and_load_it_once(
    world: ClevrFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = []

    def counted(path: Path) -> Pixels:
        loaded.append(path.name)
        return load_image(path)

    monkeypatch.setattr("visreason.data.inputs.load_image", counted)
    view = ImageView((32, 48), Augmentation())
    whole = ClevrQuestions(world, "val", CLEVR_VOCABULARY, view, seed=3).at_epoch(0)
    first, second, other = (whole[row] for row in (0, 1, 4))
    assert first.image_index == second.image_index != other.image_index
    assert first.subject == second.subject != other.subject
    assert first.seen.image is second.seen.image
    assert loaded == [whole.table.image(0), whole.table.image(4)]
    again = ClevrQuestions(world, "val", CLEVR_VOCABULARY, view, seed=3).at_epoch(0)[1]
    assert again.seen.image is not None
    np.testing.assert_array_equal(again.seen.image, first.seen.image)  # it does not matter who came first
    apart = ClevrQuestions(world, "val", CLEVR_VOCABULARY, view, seed=3, share=False).at_epoch(0)
    assert not np.array_equal(apart[0].seen.image, apart[1].seen.image)
    later = whole.at_epoch(1)[0]
    assert not np.array_equal(later.seen.image, first.seen.image)


def test_a_batch_holds_a_shared_image_once_wherever_its_questions_stand(world: ClevrFolder) -> None:
    rows = (0, 5, 1, 9, 4)
    whole, apart = (
        collate([data[row] for row in rows])
        for data in (
            ClevrQuestions(world, "val", CLEVR_VOCABULARY, ImageView((16, 24)), share=share)
            for share in (True, False)
        )
    )
    assert apart.images is not None
    assert apart.image_rows is None
    assert whole.images is not None
    assert whole.images.shape == (3, 3, 16, 24)
    assert whole.image_rows is not None
    assert whole.image_rows.tolist() == [0, 1, 0, 2, 1]
    torch.testing.assert_close(whole.spread(whole.images), apart.images)


def test_programs_are_padded_and_none_where_the_file_tells_none(world: ClevrFolder) -> None:
    data = ClevrQuestions(world, "val", CLEVR_VOCABULARY, BlindView())
    batch = collate([data[row] for row in range(8)])
    assert batch.programs is not None
    for row, numbers in enumerate(batch.programs.tolist()):
        told = data.table.program(row).tolist()
        assert numbers == told + [0] * (batch.programs.shape[1] - len(told))
    path = world.questions_file("val")
    record = read_json(path)
    del record["questions"][0]["program"]
    write_json(path, record)
    data = ClevrQuestions(world, "val", CLEVR_VOCABULARY, BlindView())
    alone = collate([data[0]])
    assert alone.programs is not None
    assert alone.programs.tolist() == [[0]]
    for question in record["questions"]:
        question.pop("program", None)
    write_json(path, record)
    data = ClevrQuestions(world, "val", CLEVR_VOCABULARY, BlindView())
    assert collate([data[0], data[1]]).programs is None


def test_limit_and_bounds(world: ClevrFolder) -> None:
    data = ClevrQuestions(world, "val", CLEVR_VOCABULARY, BlindView(), limit=5)
    assert len(data) == len(list(data)) == 5
    with pytest.raises(IndexError):
        data[5]
    assert len(ClevrQuestions(world, "val", CLEVR_VOCABULARY, BlindView(), limit=10**6)) == 24
    with pytest.raises(UsageError, match="at least 1"):
        ClevrQuestions(world, "val", CLEVR_VOCABULARY, BlindView(), limit=0)


def test_only_the_images_within_the_limit_are_needed(world: ClevrFolder) -> None:
    names = sorted(path.name for path in world.images_dir("val").iterdir())
    (world.images_dir("val") / names[-1]).unlink()
    assert len(ClevrQuestions(world, "val", CLEVR_VOCABULARY, ImageView((16, 16)), limit=4)) == 4


def test_a_missing_or_broken_image_names_the_question(world: ClevrFolder) -> None:
    data = ClevrQuestions(world, "val", CLEVR_VOCABULARY, ImageView((16, 16)))
    path = world.images_dir("val") / data.table.image(9)
    path.write_bytes(b"no image")
    with pytest.raises(DataError, match=rf"question 9: .*{path.name} is not an image"):
        data[9]
    path.unlink()
    with pytest.raises(DataError, match=rf"{path.name} of question 8"):
        ClevrQuestions(world, "val", CLEVR_VOCABULARY, ImageView((16, 16)))
    with pytest.raises(DataError, match=rf"{path.name} of scene 2"):
        ClevrAttributes(world, "val", ImageView((16, 16)))


@pytest.mark.parametrize("fraction", [0.0, -1.0, 1.5])
def test_an_impossible_fraction(world: ClevrFolder, fraction: float) -> None:
    with pytest.raises(UsageError, match="above 0 and at most 1"):
        ClevrAttributes(world, "val", BlindView(), fraction=fraction)


def test_scenes_of_samples(world: ClevrFolder) -> None:
    data = ClevrQuestions(world, "val", CLEVR_VOCABULARY, SceneView())
    sample = data[7]
    assert sample.seen.scene is not None
    scenes = {scene.image_index: scene for scene in read_scenes(world.scenes_file("val"))}
    expected = pack_scene(scenes[sample.image_index])
    np.testing.assert_array_equal(sample.seen.scene.objects_MK, expected.objects_MK)


def test_attributes_keep_the_plainest_scenes(world: ClevrFolder) -> None:
    every = ClevrAttributes(world, "val", ImageView((16, 16)))
    few = ClevrAttributes(world, "val", ImageView((16, 16)), fraction=0.34)
    assert (len(every), len(few)) == (6, 2)
    assert sorted(few.targets.sum(1)) == sorted(every.targets.sum(1))[:2]
    batch = collate([few[0], few[1]])
    assert batch.attributes is not None
    np.testing.assert_array_equal(batch.attributes.numpy(), few.targets)
    assert batch.answers is None
    assert batch.images is not None


def test_real_images_and_questions(shared: Path) -> None:
    data = ClevrQuestions(
        ClevrFolder(shared / "data" / "clevr_real"), "train", CLEVR_VOCABULARY, ImageView((128, 128))
    )
    batch = collate([data[0], data[599]])
    assert batch.images is not None
    assert batch.images.shape == (2, 3, 128, 128)
    assert 0.3 < float(batch.images.mean()) < 0.6


def test_every_sample_is_reached_whatever_the_order(
    states: ClevrQuestions, cached: Callable[[], list[Path]]
) -> None:
    loader = DataLoader(states, batch_size=7, shuffle=True, collate_fn=collate)  # type: ignore[arg-type]
    seen = torch.cat([batch.question_index for batch in loader])
    assert sorted(seen.tolist()) == list(range(24))
