"""clevr-iep's baselines: scores, attention and gradients of the reference, number by number."""

import numpy as np
import pytest
import torch

from visreason.cli.main import main
from visreason.errors import ModelError
from visreason.models.model_file import load_model, save_model
from visreason.nn.batch import Batch
from visreason.zoo.clevr_iep.baselines import baseline
from visreason.zoo.clevr_iep.checkpoint import read_checkpoint

NAMES = ["lstm", "cnn_lstm", "cnn_lstm_bn", "cnn_lstm_sa"]


@pytest.fixture(params=NAMES)
def case(request, shared):
    """The converted network, what it was given and what the reference gave."""
    path = shared / f"fixtures/iep_baseline_{request.param}.pt"
    numbers = np.load(path.with_suffix(".npz"))
    questions = torch.from_numpy(numbers["questions"])
    batch = Batch(tokens=questions, lengths=(questions != 0).sum(1))
    if "feats" in numbers.files:
        batch.features = torch.from_numpy(numbers["feats"])
    return baseline(read_checkpoint(path)), batch, numbers


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
    model, numbers = baseline(read_checkpoint(path)), np.load(path.with_suffix(".npz"))
    questions = torch.from_numpy(numbers["questions"])
    batch = Batch(
        tokens=questions, lengths=(questions != 0).sum(1), features=torch.from_numpy(numbers["feats"])
    )
    for row, trace in enumerate(model(batch, trace=True).trace):
        for hop, step in enumerate(trace.steps):
            assert np.array(step.grid) == pytest.approx(numbers["attention_maps"][hop, row], abs=1e-5)


@pytest.mark.parametrize(
    ("lose", "said"),
    [
        ("rnn.embed.weight", r"has no 'rnn\.embed\.weight'"),
        ("rnn.rnn.bias_hh_l1", "not a baseline of clevr-iep"),
    ],
)
def test_what_is_no_baseline_is_refused(shared, tmp_path, lose, said):
    checkpoint = torch.load(shared / "fixtures/iep_baseline_lstm.pt", weights_only=True)
    del checkpoint["baseline_state"][lose]
    torch.save(checkpoint, tmp_path / "old.pt")
    with pytest.raises(ModelError, match=said):
        baseline(read_checkpoint(tmp_path / "old.pt"))


def test_a_baseline_is_imported_from_the_command_line(shared, tmp_path, capsys):
    file = shared / "fixtures/iep_baseline_cnn_lstm_sa.pt"
    assert main(["import-weights", "clevr-iep", str(file), str(tmp_path / "sa.safetensors")]) == 0
    assert load_model(tmp_path / "sa.safetensors").family == "stacked-attention"


def double(batch: Batch) -> Batch:
    """The batch with features of double precision."""
    if batch.features is None:
        return batch
    return Batch(tokens=batch.tokens, lengths=batch.lengths, features=batch.features.double())
