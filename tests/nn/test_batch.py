import pytest
import torch

from visreason.errors import ModelError
from visreason.nn.batch import Batch


def make() -> Batch:
    return Batch(
        tokens=torch.tensor([[1, 2], [3, 0], [4, 5]]),
        lengths=torch.tensor([2, 1, 2]),
        images=torch.rand(3, 3, 4, 4),
    )


def test_length_is_the_number_of_questions():
    assert len(make()) == 3


def test_select_takes_rows_of_every_tensor_and_leaves_out_what_is_absent():
    batch = make()
    chosen = batch.select(torch.tensor([2, 0]))
    assert chosen.tokens.tolist() == [[4, 5], [1, 2]]
    assert chosen.images is not None
    assert torch.equal(chosen.images, batch.images[[2, 0]])
    assert chosen.objects is None


def test_to_moves_every_tensor():
    moved = make().to("meta")
    assert moved.tokens.device.type == moved.images.device.type == "meta"


def test_questions_that_share_images_are_selected_and_their_images_stay_whole():
    batch = Batch(
        tokens=torch.tensor([[1], [2], [3]]),
        lengths=torch.ones(3, dtype=torch.long),
        images=torch.zeros(2, 3, 4, 4),
        features=torch.ones(2, 5, 2, 2),
        image_rows=torch.tensor([0, 0, 1]),
    )
    chosen = batch.select(torch.tensor([2, 0]))
    assert chosen.tokens.flatten().tolist() == [3, 1]
    assert chosen.image_rows is not None
    assert chosen.image_rows.tolist() == [1, 0]
    assert chosen.images is batch.images
    assert chosen.features is batch.features
    assert chosen.spread(torch.tensor([10, 20])).tolist() == [20, 10]


def test_what_plans_are_made_of_stays_on_the_host():
    batch = make()
    batch.programs, batch.image_rows = torch.tensor([[4, 5]] * 3), torch.tensor([0, 1, 2])
    moved = batch.to("meta")
    assert moved.programs.device.type == "meta"
    assert moved.on_host("programs").tolist() == [[4, 5]] * 3
    assert moved.to("meta").on_host("image_rows").tolist() == [0, 1, 2]
    assert batch.select(torch.tensor([1])).to("meta").on_host("image_rows").tolist() == [1]


def test_what_is_not_there_cannot_be_fetched():
    with pytest.raises(ModelError, match="no programs"):
        make().on_host("programs")


def test_joined_batches_are_their_rows_with_shorter_questions_padded() -> None:
    one = Batch(tokens=torch.tensor([[3, 4]]), lengths=torch.tensor([2]), images=torch.zeros(1, 3, 2, 2))
    two = Batch(
        tokens=torch.tensor([[5, 6, 7], [8, 0, 0]]),
        lengths=torch.tensor([3, 1]),
        images=torch.ones(2, 3, 2, 2),
    )
    joined = Batch.join([one, two])
    assert joined.tokens.tolist() == [[3, 4, 0], [5, 6, 7], [8, 0, 0]]
    assert joined.lengths.tolist() == [2, 3, 1]
    assert joined.images is not None
    assert joined.images[:, 0, 0, 0].tolist() == [0, 1, 1]
    assert joined.objects is None


def test_batches_that_share_images_are_not_joined() -> None:
    shared = Batch(tokens=torch.ones(2, 1), lengths=torch.ones(2), image_rows=torch.tensor([0, 0]))
    with pytest.raises(ModelError, match="share images"):
        Batch.join([shared, shared])
