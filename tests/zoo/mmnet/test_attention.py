"""VisualReasoning_MMnet's attention networks: scores, maps and gradients of the reference, number by number."""

import numpy as np
import pytest
import torch

from visreason.cli.main import main
from visreason.errors import ModelError
from visreason.models.model_file import load_model
from visreason.nn.batch import Batch
from visreason.zoo.mmnet import convert


@pytest.fixture(params=["SAN", "SAN_wbw"])
def case(request, shared):
    """The converted network, what it was given and what the reference gave."""
    path = shared / f"fixtures/mmnet_{request.param}.pt"
    numbers = np.load(path.with_suffix(".npz"))
    model, _ = convert(path, shared / "fixtures/vocab.json", by_words=request.param == "SAN_wbw")
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


def test_only_attention_networks_read_word_by_word(shared):
    with pytest.raises(ModelError, match="holds a PG, which does not read word by word"):
        convert(shared / "fixtures/mmnet_PG.pt", shared / "fixtures/vocab.json", by_words=True)


def test_a_san_without_its_attention_is_refused(shared, tmp_path):
    tensors = torch.load(shared / "fixtures/mmnet_SAN.pt", weights_only=True)
    del tensors["stem.0.weight"]
    torch.save(tensors, tmp_path / "old.model")
    with pytest.raises(ModelError, match=r"no SAN of VisualReasoning_MMnet: it has no 'stem\.0\.weight'"):
        convert(tmp_path / "old.model", shared / "fixtures/vocab.json")


def test_both_readings_are_imported_from_the_command_line(shared, tmp_path, capsys):
    vocab = str(shared / "fixtures/vocab.json")
    for network, flags in (("SAN", []), ("SAN_wbw", ["--by-words"])):
        out = tmp_path / f"{network}.safetensors"
        file = str(shared / f"fixtures/mmnet_{network}.pt")
        assert main(["import-weights", "mmnet", file, str(out), "--vocab", vocab, *flags]) == 0
        assert load_model(out).config.reading == ("words" if flags else "question")
