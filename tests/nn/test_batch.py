import torch

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
