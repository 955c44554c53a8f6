"""clevr-iep's execution engine: the reference's numbers, for well-formed, nested and malformed programs."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional

from visreason.errors import ModelError
from visreason.models import load_model, save_model
from visreason.nn.batch import Batch
from visreason.zoo.clevr_iep import convert
from visreason.zoo.clevr_iep.checkpoint import Checkpoint, Part, read_checkpoint
from visreason.zoo.clevr_iep.execution_engine import execution_engine, our_name

NAMES = ["iep_execution_engine", "iep_execution_engine_bn"]
PROGRAMS = ["", "nested_", "malformed_"]


@pytest.fixture(params=NAMES)
def reference(request, shared: Path):
    """The checkpoint's path and the reference's numbers."""
    with np.load(shared / "fixtures" / f"{request.param}.npz") as file:
        return shared / "fixtures" / f"{request.param}.pt", dict(file)


def batch_of(expected, prefix, dtype):
    programs = torch.tensor(expected[f"{prefix}programs"])
    features = torch.tensor(expected["feats"]).to(dtype)[: len(programs)]
    return Batch(
        tokens=torch.ones(len(programs), 1), lengths=torch.ones(len(programs)), features=features
    ), programs


def assert_relative(ours, reference, tolerance):
    expected = torch.as_tensor(reference, dtype=torch.float64)
    assert ours.shape == expected.shape
    assert (ours.detach().double() - expected).abs().max() <= tolerance * expected.abs().max()


@pytest.mark.parametrize("prefix", PROGRAMS)
def test_scores_and_what_is_executed_are_the_references(reference, prefix):
    path, expected = reference
    model, _ = convert(path)
    batch, programs = batch_of(expected, prefix, torch.float32)
    assert_relative(model.run(batch, programs).logits, expected[f"{prefix}logits"], 1e-4)
    batch, programs = batch_of(expected, prefix, torch.float64)
    assert_relative(model.double().run(batch, programs).logits, expected[f"{prefix}logits_f64"], 1e-9)
    assert model.grammar.used(programs).tolist() == (expected[f"{prefix}used_fns"] > 0).tolist()


def test_inner_maps_are_the_references(reference):
    path, expected = reference
    model, _ = convert(path)
    batch, programs = batch_of(expected, "", torch.float64)
    seen = []
    model.double().classifier.register_forward_pre_hook(lambda module, inputs: seen.append(inputs[0]))
    model.run(batch, programs)
    assert_relative(model.stem(batch.features)[0], expected["stem_out_0_f64"], 1e-9)
    assert_relative(seen[0][:2], expected["final_module_out_f64"], 1e-9)


def test_gradients_are_the_references(reference, shared):
    path, expected = reference
    model, _ = convert(path)
    batch, programs = batch_of(expected, "", torch.float64)
    logits = model.double().run(batch, programs).logits
    loss = functional.cross_entropy(logits, torch.tensor(expected["answers"]))
    assert loss.item() == pytest.approx(float(expected["loss_f64"]), rel=1e-9)
    loss.backward()
    words = read_checkpoint(path).vocabulary
    tokens = ("<NULL>", "<START>", "<END>", "<UNK>", *words.functions)
    numbers = {token: number for number, token in enumerate(tokens)}
    ours = dict(model.named_parameters())
    for name, norm in zip(expected["grad_names"], expected["grad_norms_f64"], strict=True):
        slope = ours[our_name(str(name), numbers)].grad
        if np.isnan(norm):  # its module was not executed
            assert slope is None, name
        else:
            assert slope.norm().item() == pytest.approx(norm, rel=1e-8), name


def test_the_released_networks_own_answers_survive_a_model_file(reference, tmp_path):
    path, expected = reference
    save_model(tmp_path / "model.safetensors", *convert(path))
    loaded = load_model(tmp_path / "model.safetensors")
    batch, programs = batch_of(expected, "", torch.float32)
    assert (loaded.model.run(batch, programs).logits - torch.tensor(expected["logits"])).abs().max() < 1e-4
    assert loaded.family == "module-network"
    assert loaded.meta["inputs"] == {"kind": "features", "shape": list(batch.features.shape[1:])}
    assert len(loaded.meta["vocabulary"]["answers"]) == 32


def test_a_trace_names_symbols_that_were_executed(reference):
    path, expected = reference
    model, _ = convert(path)
    batch, programs = batch_of(expected, "malformed_", torch.float32)
    traces = model.run(batch, programs, trace=True).trace
    assert [step.name for step in traces[0].steps] == ["scene", "<END>"]


def test_settings_that_clevr_iep_does_not_write_are_errors(reference):
    checkpoint = read_checkpoint(reference[0])
    part = checkpoint.parts["execution_engine"]

    def changed(**settings):
        kept = {name: one for name, one in (dict(part.settings) | settings).items() if one is not ...}
        return Checkpoint(
            checkpoint.path, checkpoint.vocabulary, {"execution_engine": Part(kept, part.tensors)}
        )

    for settings, message in (
        ({"module_dim": ...}, "lacks the setting 'module_dim'"),
        ({"classifier_downsample": "avg"}, "pooling 'avg'"),
        ({"module_dim": "many"}, "dim is 'many'"),
        ({"module_dim": 5}, "size mismatch"),
    ):
        with pytest.raises(ModelError, match=message):
            execution_engine(changed(**settings))
