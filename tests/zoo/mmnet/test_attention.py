"""VisualReasoning_MMnet's attention networks: scores, maps and gradients of the reference, number by number."""

from pathlib import Path

import numpy as np
import pytest
import torch

from visreason.errors import ModelError
from visreason.nn.batch import Batch
from visreason.zoo.mmnet.attention import attention_network


@pytest.fixture(params=["SAN", "SAN_wbw"])
def case(request, shared):
    """The converted network, what it was given and what the reference gave."""
    path = shared / f"fixtures/mmnet_{request.param}.pt"
    numbers = np.load(path.with_suffix(".npz"))
    model = attention_network(request.param, torch.load(path, weights_only=True), path)
    questions = torch.from_numpy(numbers["questions"])
    batch = Batch(
        tokens=questions, lengths=(questions != 0).sum(1), features=torch.from_numpy(numbers["feats"])
    )
    return request.param, model, batch, numbers


def test_scores_and_gradients_equal_the_references(case):
    _, model, batch, numbers = case
    found = model(batch).logits.detach().numpy()
    assert abs(found - numbers["logits"]).max() <= 1e-4 * abs(numbers["logits"]).max()
    batch.features = batch.features.double()
    logits = model.double()(batch).logits
    expected = numbers["logits_f64"]
    assert abs(logits.detach().numpy() - expected).max() <= 1e-9 * abs(expected).max()
    torch.nn.functional.cross_entropy(logits, torch.from_numpy(numbers["answers"])).backward()
    norms = sorted(float(one.grad.norm()) for one in model.parameters())
    assert norms == pytest.approx(sorted(numbers["grad_norms_f64"]), rel=1e-8, abs=1e-12)


def test_it_looks_where_the_reference_looks(case):
    network, model, batch, numbers = case
    maps = numbers["attention_maps"]
    for row, trace in enumerate(model(batch, trace=True).trace):
        hops = [maps[hop, row] for hop in range(3)] if network == "SAN" else maps[row]
        assert len(trace.steps) == (3 if network == "SAN" else numbers["n_hops"][row])
        for step, expected in zip(trace.steps, hops, strict=False):
            assert np.array(step.grid) == pytest.approx(expected, abs=1e-5)


def test_another_network_is_refused(shared):
    tensors = torch.load(shared / "fixtures/mmnet_PG.pt", weights_only=True)
    with pytest.raises(ModelError, match=r"it has no 'rnn\.embed\.weight'"):
        attention_network("SAN", tensors, Path("old.model"))
