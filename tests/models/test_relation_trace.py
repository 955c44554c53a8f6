import pytest
import torch

from visreason.models import RelationNetwork, RelationNetworkConfig
from visreason.models.relation_trace import log_odds, pair_contributions, word_contributions

LEARNT = {"aggregation": "weighted-sum", "objects": 6}
SETTINGS = {
    "sum": {},
    "mean": {"aggregation": "mean"},
    "late": {"injection_layer": 2},
    "learnt": {**LEARNT, "injection_layer": 1},
    "learnt, later": {**LEARNT, "injection_layer": 3},
}


@pytest.fixture(params=SETTINGS)
def model(request):
    torch.manual_seed(0)
    config = RelationNetworkConfig(
        vocabulary_size=20,
        answer_count=6,
        input="state",
        object_size=7,
        word_size=5,
        lstm_hidden=8,
        g_widths=(12, 14),
        f_widths=(9, 10),
        **SETTINGS[request.param],
    )
    return RelationNetwork(config).eval()


def inner(model, batch):
    objects, mask = model.objects(batch)
    question = model.text(batch.tokens, batch.lengths)
    relations = model.relations(objects, question, mask)
    return objects[0, mask[0]], question[0], relations[0], model.judge(relations, question)[0]


def scores(model, total, question):
    return model.judge(total[None], question[None])[0]


def test_contributions_are_the_gradient_of_the_log_odds_by_each_pair(model, make_batch):
    objects, question, relations, logits = inner(model, make_batch(1))
    share = pair_contributions(model, objects, question, relations, logits)
    weight = torch.ones_like(share, requires_grad=True)  # scales each pair's part in the sum
    states = model.relations.states(objects[None], question[None])[0]
    learnt = model.relations.weights_of(len(objects))
    total = (weight[..., None] * states * (1 if learnt is None else learnt[..., None])).sum((0, 1))
    total = total / len(objects) ** 2 if model.config.aggregation == "mean" else total
    torch.testing.assert_close(total, relations)
    odds = log_odds(scores(model, total, question)[None], logits.argmax())[0]
    (expected,) = torch.autograd.grad(odds, weight)
    torch.testing.assert_close(share, expected, rtol=1e-4, atol=1e-6)


def test_they_add_up_to_the_margin_but_for_a_constant(model, make_batch):
    objects, question, relations, logits = inner(model, make_batch(1))
    answer = logits.argmax()
    rivals = logits.index_fill(0, answer, float("-inf")).softmax(0)

    def constant(total):
        said = scores(model, total, question)
        return (said[answer] - rivals @ said).item()

    step = 1e-3  # so small a step stays on the head's linear piece
    share = pair_contributions(model, objects, question, relations, logits).sum().item()
    assert (constant(relations) - constant(relations * (1 - step))) / step == pytest.approx(
        share, rel=2e-2, abs=1e-3
    )


def test_a_words_part_is_what_leaving_it_out_costs(model, make_batch):
    batch = make_batch(1)
    objects, _, _, logits = inner(model, batch)
    tokens = batch.tokens[0, : batch.lengths[0]]
    found = word_contributions(model, tokens, objects, logits)
    shorter = make_batch(1)
    shorter.tokens, shorter.lengths = torch.cat([tokens[:1], tokens[2:]])[None], batch.lengths - 1
    expected = log_odds(logits[None], logits.argmax()) - log_odds(model(shorter).logits, logits.argmax())
    assert found[1].item() == pytest.approx(expected.item(), abs=1e-5)
    assert len(found) == len(tokens)


def test_a_single_word_has_no_part_to_compare(model, make_batch):
    objects, _, _, logits = inner(model, make_batch(1))
    assert word_contributions(model, torch.tensor([3]), objects, logits) is None


def test_a_trace_shows_only_objects_that_are_there(model, make_batch):
    batch = make_batch(4)
    for trace, present in zip(model(batch, trace=True).trace, batch.object_mask.sum(1).tolist(), strict=True):
        question, relations = trace.steps
        assert len(relations.pairs) == len(relations.regions) == present
        assert relations.anchors is None  # states do not say where on the image they lie
        assert question.text_attention is not None


def test_a_trace_from_pixels_knows_where_the_cells_lie(make_batch):
    model = RelationNetwork(
        RelationNetworkConfig(
            vocabulary_size=20, answer_count=6, conv_channels=(4, 4, 4), g_widths=(8,), injection_layer=0
        )
    ).eval()
    trace = model(make_batch(1), trace=True).trace[0]
    step = trace.steps[-1]
    assert (trace.size, step.cells, len(step.anchors)) == ((64.0, 64.0), (8, 8), 64)
    assert step.anchors[9] == (8.5, 8.5)
    for region in (0, 20):
        both = sum(step.pairs[region]) + sum(row[region] for row in step.pairs)
        assert step.regions[region] == pytest.approx(both / 2, rel=1e-3, abs=1e-6)


def test_a_trace_of_chosen_cells_shows_these_where_they_lie(make_batch):
    model = RelationNetwork(
        RelationNetworkConfig(
            vocabulary_size=20, answer_count=6, conv_channels=(4, 4, 4), g_widths=(8,), attended_cells=5
        )
    ).eval()
    batch = make_batch(2)
    cells_BN = model.attended(batch)
    for trace, cells in zip(model(batch, trace=True).trace, cells_BN.tolist(), strict=True):
        step = trace.steps[-1]
        assert (trace.size, step.cells) == ((64.0, 64.0), None)
        assert len(step.regions) == len(step.pairs) == 5
        # cells of eight pixels, and the middle of each
        assert list(step.anchors) == [(cell % 8 * 8 + 4.0, cell // 8 * 8 + 4.0) for cell in cells]
