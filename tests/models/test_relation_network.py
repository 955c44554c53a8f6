import pytest
import torch

from visreason.errors import ModelError
from visreason.models import RelationNetwork, RelationNetworkConfig
from visreason.nn.batch import Batch


def build(**settings) -> RelationNetwork:
    torch.manual_seed(0)
    small = {
        "word_size": 5,
        "lstm_hidden": 8,
        "g_widths": (12, 14, 16),
        "f_widths": (9,),
        "conv_channels": (4, 4, 4),
    }
    return RelationNetwork(
        RelationNetworkConfig(vocabulary_size=20, answer_count=6, **{**small, **settings})
    ).eval()


@pytest.mark.parametrize(
    ("settings", "parameters"),
    [
        ({"injection_layer": 0}, 484_580),
        ({"injection_layer": 2}, 484_580),
        ({"injection_layer": 0, "input": "state"}, 2_059_492 - 16_488),
        ({"injection_layer": 2, "input": "state"}, 2_059_492 - 16_488),
    ],
)
def test_published_sizes(settings, parameters):
    # the reference builds a CNN of 16,488 parameters for states too, and never uses it
    state = {
        "object_size": 7,
        "g_widths": (512,) * 4,
        "f_widths": (512, 1024),
        "lstm_hidden": 256,
        "dropout": 0.05,
    }
    config = RelationNetworkConfig(
        vocabulary_size=82, answer_count=28, **settings, **(state if "input" in settings else {})
    )
    assert sum(one.numel() for one in RelationNetwork(config).parameters()) == parameters


@pytest.mark.parametrize("layer", [0, 1, 3])
def test_a_bag_of_words_reads_no_order_and_is_explained(make_batch, layer):
    model, batch = build(input="state", object_size=7, text="bag", injection_layer=layer), make_batch(4)
    turned = batch.select(torch.arange(4))
    for row, length in zip(turned.tokens, turned.lengths.tolist(), strict=True):
        row[:length] = row[:length].flip(0)
    assert not torch.equal(turned.tokens, batch.tokens)
    torch.testing.assert_close(model(turned).logits, model(batch).logits)
    other = batch.select(torch.arange(4))
    other.tokens[:, 0] = other.tokens[:, 0] % 19 + 1
    assert not torch.allclose(model(other).logits, model(batch).logits)
    traces = model(batch, trace=True).trace
    assert len(traces) == 4
    assert all(trace.steps for trace in traces)
    in_order = build(input="state", object_size=7, injection_layer=layer)
    assert not torch.allclose(in_order(turned).logits, in_order(batch).logits)


def test_padding_counts_where_it_was_trained_so(make_batch):
    masked, unmasked = (
        build(input="state", object_size=7),
        build(input="state", object_size=7, mask_objects=False),
    )
    unmasked.load_state_dict(masked.state_dict())
    batch = make_batch(4)
    full = make_batch(4)
    full.object_mask = torch.ones_like(full.object_mask)
    assert torch.allclose(unmasked(batch).logits, masked(full).logits)
    assert not torch.allclose(unmasked(batch).logits, masked(batch).logits)


LEARNT = {"aggregation": "weighted-sum", "objects": 64}


@pytest.mark.parametrize("layer", [3, 4])
@pytest.mark.parametrize("pixels", [True, False])
def test_the_aggregate_is_the_learnt_sum_over_pairs_of_each_image(make_batch, pixels, layer):
    seen = {} if pixels else {"input": "state", "object_size": 7}
    model, batch = build(**LEARNT, **seen, injection_layer=layer), make_batch(3)
    found = model.aggregate(batch)
    objects, mask = model.objects(batch)
    states = model.relations.states(objects, torch.zeros(3, 0))
    there = torch.ones(objects.shape[:2]) if mask is None else mask.float()
    count = objects.shape[1]
    weights = model.relations.pair_weights[:count, :count] * there[:, :, None] * there[:, None]
    torch.testing.assert_close(found, torch.einsum("bij,bijg->bg", weights, states), rtol=1e-4, atol=1e-4)
    question = model.text(batch.tokens, batch.lengths)
    torch.testing.assert_close(model.head(found, question), model(batch).logits)


def test_an_image_is_aggregated_once_for_all_questions_about_it(make_batch):
    model, batch = build(injection_layer=4, **LEARNT), make_batch(4)
    batch.images, batch.image_rows = batch.images[:2], torch.tensor([1, 0, 0, 1])
    assert model.aggregate(batch).shape == (2, 16)
    question = model.text(batch.tokens, batch.lengths)
    expected = model.head(model.aggregate(batch)[batch.image_rows], question)
    torch.testing.assert_close(model(batch).logits, expected)


def test_a_sum_that_has_read_the_question_is_no_aggregate(make_batch):
    with pytest.raises(ModelError, match=r"injection_layer 2.*at layer 3 or later"):
        build(injection_layer=2).aggregate(make_batch(1))


def test_images_of_another_size_than_the_weights_are_refused(make_batch):
    with pytest.raises(ModelError, match="64 cells, and this Relation Network weighs the pairs of 80"):
        build(aggregation="weighted-sum", objects=80, injection_layer=3)(make_batch(1))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"object_size": 7}, "object_size is for input 'state'"),
        ({"input": "state"}, "needs object_size"),
        ({"conv_channels": ()}, "conv_channels is empty"),
        ({"injection_layer": 5}, "injection layer from 0 to 4"),
        ({"injection_layer": -1}, "injection layer from 0 to 4"),
        ({"aggregation": "weighted-sum"}, "needs the most objects"),
        ({"objects": 64}, "needs the most objects"),
    ],
)
def test_impossible_configurations_are_refused(settings, message):
    with pytest.raises(ModelError, match=message):
        build(**settings)


def test_batches_that_do_not_fit_are_refused(make_batch):
    question = Batch(tokens=torch.tensor([[1]]), lengths=torch.tensor([1]))
    with pytest.raises(ModelError, match="reads images"):
        build()(question)
    states = build(input="state", object_size=11)
    with pytest.raises(ModelError, match="reads state descriptions"):
        states(question)
    with pytest.raises(ModelError, match="7 numbers each, this Relation Network reads 11"):
        states(make_batch(1))


def test_attention_pairs_the_chosen_cells_alone(make_batch):
    chosen, everything = build(attended_cells=5, stem_widths=(6,)), build(attended_cells=64, stem_widths=(6,))
    everything.load_state_dict(chosen.state_dict())
    batch = make_batch(3)
    objects_BNC, mask_BN = chosen.objects(batch)
    assert objects_BNC.shape == (3, 5, 8)
    assert mask_BN is None
    all_cells_BNC, _ = everything.objects(batch)
    assert torch.equal(all_cells_BNC[:, :5], objects_BNC)  # the best come first
    question_BQ = chosen.text(batch.tokens, batch.lengths)
    plain_BG = torch.stack(
        [
            chosen.relations(objects[None], question[None])[0]
            for objects, question in zip(objects_BNC, question_BQ, strict=True)
        ]
    )
    torch.testing.assert_close(chosen(batch).logits, chosen.judge(plain_BG, question_BQ))
    assert not torch.allclose(chosen(batch).logits, everything(batch).logits)


@pytest.mark.parametrize("layer", [0, 2, 3])
def test_in_training_attention_tells_where_something_is(make_batch, layer):
    model, batch = build(attended_cells=5, injection_layer=layer), make_batch(3)
    assert model(batch).referents is None
    told_B1HW = model.train()(batch).referents
    assert told_B1HW.shape == (3, 1, 8, 8)
    assert torch.equal(told_B1HW[:, 0], model.attention(model.cnn(batch.images)).scores)
    assert build(injection_layer=layer).train()(batch).referents is None


def test_strides_make_larger_cells(make_batch):
    model = build(conv_strides=(2, 3, 1), attended_cells=4)
    assert model.cnn(make_batch(1).images).shape == (1, 4, 11, 11)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"conv_strides": (2, 2)}, r"one for each of the 3 convolutions, from 1 on; got \(2, 2\)"),
        ({"conv_strides": (2, 0, 2)}, r"from 1 on; got \(2, 0, 2\)"),
        ({"attended_cells": 1}, "attended_cells is 1; give two or more, or null"),
        ({"attended_cells": 4, "aggregation": "weighted-sum", "objects": 64}, "exclude each other"),
        ({"attended_cells": 4, "input": "state", "object_size": 7}, "for input 'pixels'; leave them out"),
        ({"stem_widths": (4,), "input": "state", "object_size": 7}, "for input 'pixels'; leave them out"),
    ],
)
def test_settings_of_attention_that_fit_no_network_are_named(settings, message):
    with pytest.raises(ModelError, match=message):
        build(**settings)
