import pytest
import torch

from visreason.errors import ModelError
from visreason.models import RelationNetwork, RelationNetworkConfig
from visreason.models.relation_features import relational_features


def build(**settings) -> RelationNetwork:
    torch.manual_seed(0)
    small = {
        "word_size": 5,
        "lstm_hidden": 8,
        "g_widths": (12, 14, 16),
        "f_widths": (9,),
        "conv_channels": (4, 4),
    }
    return RelationNetwork(
        RelationNetworkConfig(vocabulary_size=20, answer_count=6, **small, **settings)
    ).eval()


@pytest.mark.parametrize("layer", [0, 1, 2, 3])
@pytest.mark.parametrize("aggregation", ["mean", "max"])
@pytest.mark.parametrize("normalise", [True, False])
def test_features_follow_the_formula(make_batch, layer, aggregation, normalise):
    model, batch = build(input="state", object_size=7, injection_layer=1), make_batch(3)
    found = relational_features(model, batch, layer, aggregation, normalise)
    for row in range(3):
        objects = batch.objects[row, batch.object_mask[row]]
        question = model.text(batch.tokens, batch.lengths)[row]
        vectors = []
        for second in objects:
            for first in objects:
                state = torch.cat([first, second])
                for index, linear in enumerate(model.relations.layers[:layer]):
                    state = linear(torch.cat([state, question]) if index == 1 else state).relu()
                vectors.append(state / state.norm() if normalise else state)
        stacked = torch.stack(vectors)
        expected = stacked.mean(0) if aggregation == "mean" else stacked.amax(0)
        torch.testing.assert_close(found[row], expected, rtol=1e-4, atol=1e-6)


def test_features_before_the_injection_do_not_depend_on_the_question(make_batch):
    model, batch = build(injection_layer=2), make_batch(2)
    other = make_batch(2)
    other.tokens = batch.tokens.flip(0)
    assert torch.equal(relational_features(model, batch, 2), relational_features(model, other, 2))
    assert not torch.equal(relational_features(model, batch, 3), relational_features(model, other, 3))


@pytest.mark.parametrize(("layer", "message"), [(4, "choose one from 0 to 3"), (-1, "no pair layer -1")])
def test_a_layer_that_is_not_there_is_refused(make_batch, layer, message):
    with pytest.raises(ModelError, match=message):
        relational_features(build(), make_batch(1), layer)
