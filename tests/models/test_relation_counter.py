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
    model, batch = build(choices=(2, 2, 3)), make_batch(2)
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
    model = build(choices=(2, 2))
    with torch.no_grad():  # right of: further along, however far down
        model.displacements[0] = torch.where(torch.arange(15) > 7, 20.0, -20.0).repeat(15)
    cells = torch.zeros(1, 64, 2)
    cells[0, 5 * 8 + 6, 0] = cells[0, 1 * 8 + 2, 1] = cells[0, 1 * 8 + 3, 1] = (
        1  # one of the first, two of the second
    )
    right = model.pairs(cells)[0, 0]
    torch.testing.assert_close(right, torch.tensor([[0.0, 2.0], [0.0, 1.0]]), atol=1e-6, rtol=0)


@pytest.mark.parametrize("rarity", [0.0, 0.5, 1.0])
def test_the_aggregate_is_the_pairs_the_rare_ones_weighing_more_and_a_constant(make_batch, rarity):
    model, batch = build(choices=(8, 2, 3), rarity=rarity, constant=2.0), make_batch(2)
    plain, weighed = model.counts(batch), model.aggregate(batch)
    torch.testing.assert_close(plain[:, :-1], model(batch).logits[:, 3:])
    assert plain[:, -1].tolist() == weighed[:, -1].tolist() == [2.0, 2.0]
    ratio = (weighed / plain)[0, :-1].view(2, 3, 3)
    assert ratio.mean().item() == pytest.approx(1, rel=1e-4)
    for i, m in enumerate((8, 2, 3)):
        for j, n in enumerate((8, 2, 3)):
            expected = ((m * n) / 4) ** rarity  # against two values of two choices
            assert (ratio[:, i, j] / ratio[:, 1, 1]).tolist() == pytest.approx([expected] * 2, rel=1e-3)


def test_divided_by_its_length_a_description_still_tells_many_pairs_from_few():
    model = build(choices=(2,), constant=3.0)
    few, many = (model._described(torch.full((1, 2, 1, 1), count)) for count in (1.0, 4.0))
    normal = [torch.nn.functional.normalize(one, dim=1) for one in (few, many)]
    assert (normal[0] - normal[1]).norm() > 0.3
    without = [torch.nn.functional.normalize(one[:, :-1], dim=1) for one in (few, many)]
    torch.testing.assert_close(*without)


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


@pytest.mark.parametrize("settings", [{"choices": ()}, {"stem_layers": -1}])
def test_impossible_configurations_are_refused(settings):
    with pytest.raises(ModelError, match="or more"):
        build(**settings)


def test_images_of_another_size_are_refused(make_batch):
    batch = make_batch(1)
    batch.images = batch.images[..., :32]
    with pytest.raises(ModelError, match="3x64x64"):
        build().aggregate(batch)
