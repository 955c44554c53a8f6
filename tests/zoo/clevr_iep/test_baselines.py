"""clevr-iep's baselines: scores, attention and gradients of the reference, number by number."""

from pathlib import Path

import numpy as np
import pytest
import torch

from visreason.errors import ModelError
from visreason.models.model_file import load_model, save_model
from visreason.nn.batch import Batch
from visreason.zoo.clevr_iep.baselines import baseline

NAMES = ["lstm", "cnn_lstm", "cnn_lstm_bn", "cnn_lstm_sa"]


@pytest.fixture(params=NAMES)
def case(request, shared):
    """The converted network, what it was given and what the reference gave."""
    path = shared / f"fixtures/iep_baseline_{request.param}.pt"
    checkpoint = torch.load(path, weights_only=True)
    numbers = np.load(path.with_suffix(".npz"))
    parts = [checkpoint[f"baseline_{part}"] for part in ("type", "kwargs", "state")]
    questions = torch.from_numpy(numbers["questions"])
    batch = Batch(tokens=questions, lengths=(questions != 0).sum(1))
    if "feats" in numbers.files:
        batch.features = torch.from_numpy(numbers["feats"])
    return baseline(*parts, path), batch, numbers


def test_scores_equal_the_references(case):
    model, batch, numbers = case
    found = model(batch).logits.detach().numpy()
    assert abs(found - numbers["logits"]).max() <= 1e-4 * abs(numbers["logits"]).max()
    exact = model.double()(double(batch)).logits.detach().numpy()
    assert abs(exact - numbers["logits_f64"]).max() <= 1e-9 * abs(numbers["logits_f64"]).max()


def test_gradients_equal_the_references(case):
    model, batch, numbers = case
    logits = model.double()(double(batch)).logits
    loss = torch.nn.functional.cross_entropy(logits, torch.from_numpy(numbers["answers"]))
    assert loss.item() == pytest.approx(float(numbers["loss_f64"]), rel=1e-9)
    loss.backward()
    found = sorted(float(one.grad.norm()) for one in model.parameters())
    assert found == pytest.approx(sorted(numbers["grad_norms_f64"]), rel=1e-8, abs=1e-12)


def test_a_saved_model_answers_the_same(case, tmp_path):
    model, batch, numbers = case
    save_model(tmp_path / "model.safetensors", model, {})
    found = load_model(tmp_path / "model.safetensors").model(batch).logits.detach().numpy()
    assert abs(found - numbers["logits"]).max() <= 1e-4 * abs(numbers["logits"]).max()


def test_attention_looks_where_the_reference_looks(shared):
    path = shared / "fixtures/iep_baseline_cnn_lstm_sa.pt"
    checkpoint, numbers = torch.load(path, weights_only=True), np.load(path.with_suffix(".npz"))
    model = baseline("CNN+LSTM+SA", checkpoint["baseline_kwargs"], checkpoint["baseline_state"], path)
    questions = torch.from_numpy(numbers["questions"])
    batch = Batch(
        tokens=questions, lengths=(questions != 0).sum(1), features=torch.from_numpy(numbers["feats"])
    )
    for row, trace in enumerate(model(batch, trace=True).trace):
        for hop, step in enumerate(trace.steps):
            assert np.array(step.grid) == pytest.approx(numbers["attention_maps"][hop, row], abs=1e-5)


@pytest.mark.parametrize(
    ("kind", "lose", "said"),
    [
        ("CNN", None, "holds a baseline 'CNN'"),
        ("LSTM", "rnn.embed.weight", "has no 'rnn.embed.weight'"),
        ("CNN+LSTM", None, "has no 'cnn_feat_dim'"),
        ("LSTM", "rnn.rnn.bias_hh_l1", "not a baseline of clevr-iep"),
    ],
)
def test_what_is_no_baseline_is_refused(shared, kind, lose, said):
    checkpoint = torch.load(shared / "fixtures/iep_baseline_lstm.pt", weights_only=True)
    tensors = {name: one for name, one in checkpoint["baseline_state"].items() if name != lose}
    with pytest.raises(ModelError, match=said):
        baseline(kind, checkpoint["baseline_kwargs"], tensors, Path("old.pt"))


def double(batch: Batch) -> Batch:
    """The batch with features of double precision."""
    if batch.features is None:
        return batch
    return Batch(tokens=batch.tokens, lengths=batch.lengths, features=batch.features.double())
