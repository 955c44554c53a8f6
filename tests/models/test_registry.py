"""One set of tests for every registered model family that reads questions."""

import json

import pytest
import torch

from visreason.models import MODELS, build_model, config_from_dict, config_to_dict, family_of
from visreason.models.model_file import load_model, save_model
from visreason.models.program_generator import program_loss
from visreason.trace import Trace


@pytest.fixture
def model(case):
    torch.manual_seed(0)
    return build_model(*case)


def said(output):
    """All that an output says of answers and places, a row a question."""
    parts = [output.logits, output.places, output.corners]
    return torch.cat([part.flatten(1) for part in parts if part is not None], dim=1)


def test_every_family_is_tested(tiny_families):
    assert tiny_families == {name for name, family in MODELS.items() if family.reads == "questions"}


def test_knows_its_family(model, case):
    assert family_of(model) == case[0]


@pytest.mark.parametrize("count", [1, 3, 8])
def test_forward_and_backward(model, make_batch, count, executes_its_own):
    output = model.eval()(make_batch(count))
    assert output.logits.shape[0] == count
    assert output.trace is None
    said(output).square().sum().backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None or executes_its_own, name
        assert parameter.grad is None or torch.isfinite(parameter.grad).all(), name


def test_a_few_steps_lower_the_loss(model, case, make_batch):
    batch = make_batch(8)
    optimizer, losses = torch.optim.Adam(model.train().parameters(), 1e-2), []
    torch.manual_seed(0)
    for _ in range(30):
        output = model(batch)
        logits = output.logits if output.logits.shape[1] else output.places
        if case[0] == "program-generator":
            loss = program_loss(logits, batch.programs)
        else:
            loss = torch.nn.functional.cross_entropy(logits, batch.answers)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert sum(losses[-5:]) < 0.9 * sum(losses[:5])


def test_an_answer_does_not_depend_on_the_other_questions(model, make_batch):
    together = said(model.eval()(make_batch(8)))
    for row in range(8):
        alone = said(model(make_batch(8).select(torch.tensor([row]))))
        torch.testing.assert_close(alone[0], together[row], rtol=1e-4, atol=1e-5)


def test_questions_that_share_an_image_are_answered_as_if_each_had_its_own(model, case, make_batch):
    if case[0] == "attribute-cnn":  # its samples are images
        return
    apart, shared, rows = make_batch(8), make_batch(8), torch.tensor([0, 1, 0, 2, 2, 1, 0, 0])
    apart.images, apart.features = apart.images[rows], apart.features[rows]
    shared.images, shared.features, shared.image_rows = shared.images[:3], shared.features[:3], rows
    torch.testing.assert_close(said(model.eval()(shared)), said(model(apart)), rtol=1e-4, atol=1e-5)


def test_padded_objects_and_words_do_not_matter(model, make_batch):
    batch = make_batch(3)
    expected = said(model.eval()(batch))
    wider = make_batch(3)
    wider.tokens = torch.nn.functional.pad(batch.tokens, (0, 4))
    wider.objects = torch.nn.functional.pad(batch.objects, (0, 0, 0, 3), value=5.0)
    wider.object_mask = torch.nn.functional.pad(batch.object_mask, (0, 3))
    torch.testing.assert_close(said(model(wider)), expected, rtol=1e-4, atol=1e-5)


def test_saved_and_loaded_it_answers_the_same(model, case, make_batch, tmp_path):
    path = tmp_path / "model.safetensors"
    meta = {"vocabulary": {"words": ["a"], "answers": ["b"]}, "inputs": {"kind": "state"}}
    save_model(path, model, meta)
    loaded = load_model(path)
    assert (loaded.family, loaded.config, loaded.meta) == (case[0], model.config, meta)
    assert not loaded.model.training
    assert torch.equal(said(loaded.model(make_batch(3))), said(model.eval()(make_batch(3))))
    assert [one.name for one in tmp_path.iterdir()] == ["model.safetensors"]


def test_configuration_survives_json(model):
    record = json.loads(json.dumps(config_to_dict(model.config)))
    assert config_from_dict(type(model.config), record, "here") == model.config


def test_trace_survives_json(model, make_batch):
    output = model.eval()(make_batch(3), trace=True)
    assert torch.equal(output.logits, model(make_batch(3)).logits)
    for trace in output.trace or []:
        assert Trace.from_json(json.loads(json.dumps(trace.to_json()))) == trace


def test_trace_names_the_likeliest_answers(model, case, make_batch):
    output = model.eval()(make_batch(3), trace=True)
    if (
        case[0] in ("attribute-cnn", "attribute-detector", "relation-counter", "program-generator")
        or not output.logits.shape[1]
    ):  # they answer no question
        assert all(trace.answers == () for trace in output.trace or [])
        return
    probabilities = output.logits.softmax(1)
    for row, trace in enumerate(output.trace):
        assert trace.family == case[0]
        assert [one.index for one in trace.answers] == probabilities[row].topk(5).indices.tolist()
        assert [one.probability for one in trace.answers] == pytest.approx(
            probabilities[row].topk(5).values.tolist()
        )


def test_bfloat16_autocast(model, make_batch):
    exact = said(model.eval()(make_batch(3)))
    with torch.autocast("cpu", torch.bfloat16):
        rounded = said(model(make_batch(3)))
    rounded.float().sum().backward()
    assert (rounded.float() - exact).norm() < 0.05 * exact.norm()
    assert all(torch.isfinite(one.grad).all() for one in model.parameters() if one.grad is not None)


def test_works_in_inference_mode(model, make_batch):
    expected = said(model.eval()(make_batch(3)))
    with torch.inference_mode():
        torch.testing.assert_close(said(model(make_batch(3), trace=True)), expected)
