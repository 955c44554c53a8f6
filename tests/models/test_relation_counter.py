import pytest
import torch

from visreason.errors import ModelError
from visreason.models import RelationCounter, RelationCounterConfig
from visreason.models.relation_counter import displacement_numbers
from visreason.nn.image_encoder import ImageEncoderConfig

IMAGE = ImageEncoderConfig(kind="pixels", shape=(3, 64, 64), channels=(4, 4, 4))


def build(**settings) -> RelationCounter:
    torch.manual_seed(0)
    model = RelationCounter(RelationCounterConfig(image=IMAGE, dim=6, **settings)).eval()
    torch.nn.init.normal_(model.displacements)
    return model


def test_counts_are_sums_over_cells_and_over_pairs_of_cells(make_batch):
    model, batch = build(attribute_count=3), make_batch(2)
    values, counts = model.cells(batch), model(batch).logits
    assert values.shape == (2, 64, 3)
    assert (values > 0).all()
    torch.testing.assert_close(counts[:, :3], values.sum(1))
    expected = torch.zeros(2, 2, 3, 3)
    share = model.displacements.sigmoid().view(2, 15, 15)
    for i in range(64):
        for j in range(64):
            down, along = i // 8 - j // 8 + 7, i % 8 - j % 8 + 7
            pair = values[:, i, :, None] * values[:, j, None]
            expected += share[None, :, down, along, None, None] * pair[:, None]
    torch.testing.assert_close(counts[:, 3:], expected.flatten(1), rtol=1e-4, atol=1e-5)


def test_a_thing_right_of_another_is_counted_once_and_in_its_place():
    model = build(attribute_count=2)
    with torch.no_grad():  # right of: further along, however far down
        model.displacements[0] = torch.where(torch.arange(15) > 7, 20.0, -20.0).repeat(15)
    cells = torch.zeros(1, 64, 2)
    cells[0, 5 * 8 + 6, 0] = cells[0, 1 * 8 + 2, 1] = cells[0, 1 * 8 + 3, 1] = (
        1  # one of the first, two of the second
    )
    right = model.pairs(cells)[0, 0]
    torch.testing.assert_close(right, torch.tensor([[0.0, 2.0], [0.0, 1.0]]), atol=1e-6, rtol=0)


def test_the_aggregate_is_the_pairs_and_a_constant_that_tells_of_size_once_divided(make_batch):
    model, batch = build(constant=2.0), make_batch(2)
    found = model.aggregate(batch)
    torch.testing.assert_close(found[:, :-1], model(batch).logits[:, 15:])
    assert found[:, -1].tolist() == [2.0, 2.0]


def test_equal_displacements_have_equal_numbers_and_others_other_ones():
    numbers = displacement_numbers(2, 3)
    assert numbers.shape == (6, 6)
    assert numbers.unique().tolist() == list(range(15))
    seen = {}
    for i in range(6):
        for j in range(6):
            seen.setdefault((i // 3 - j // 3, i % 3 - j % 3), set()).add(numbers[i, j].item())
    assert all(len(same) == 1 for same in seen.values())
    assert len(seen) == 15


@pytest.mark.parametrize("settings", [{"attribute_count": 0}, {"stem_layers": -1}])
def test_impossible_configurations_are_refused(settings):
    with pytest.raises(ModelError, match="or more"):
        build(**settings)


def test_images_of_another_size_are_refused(make_batch):
    batch = make_batch(1)
    batch.images = batch.images[..., :32]
    with pytest.raises(ModelError, match="3x64x64"):
        build().aggregate(batch)
