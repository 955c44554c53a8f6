"""PG and PG_memory of VisualReasoning_MMnet: the reference's numbers."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional

from visreason.errors import ModelError
from visreason.models import ModuleMemory, ModuleNetwork, load_model, save_model
from visreason.nn.batch import Batch
from visreason.zoo.mmnet import convert
from visreason.zoo.mmnet.engines import engine_settings, our_name

FAMILIES = {"mmnet_PG": ModuleNetwork, "mmnet_PG_memory": ModuleMemory}


@pytest.fixture(params=FAMILIES)
def reference(request, shared: Path):
    """The converted network and the reference's numbers."""
    folder = shared / "fixtures"
    model, _ = convert(folder / f"{request.param}.pt", folder / "vocab.json")
    assert isinstance(model, FAMILIES[request.param])
    with np.load(folder / f"{request.param}.npz") as file:
        return model, dict(file)


def scores(model, expected, programs, dtype):
    features = torch.tensor(expected["feats"]).to(dtype)[: len(programs)]
    batch = Batch(tokens=torch.ones(len(programs), 1), lengths=torch.ones(len(programs)), features=features)
    return model.to(dtype).run(batch, torch.as_tensor(programs)).logits


def relative_difference(ours, reference):
    return (
        (ours.detach().double() - torch.as_tensor(reference).double()).abs().max() / abs(reference).max()
    ).item()


@pytest.mark.parametrize("prefix", ["", "nested_second_"])
def test_scores_are_the_references(reference, prefix):
    model, expected = reference
    programs = expected[f"{prefix}programs"]
    single, double = (scores(model, expected, programs, dtype) for dtype in (torch.float32, torch.float64))
    assert relative_difference(single, expected[f"{prefix}logits"]) <= 1e-4
    assert relative_difference(double, expected[f"{prefix}logits_f64"]) <= 1e-9


def test_gradients_are_the_references(reference):
    model, expected = reference
    logits = scores(model, expected, expected["programs"], torch.float64)
    loss = functional.cross_entropy(logits, torch.tensor(expected["answers"]))
    assert loss.item() == pytest.approx(float(expected["loss_f64"]), rel=1e-9)
    loss.backward()
    slopes = [one.grad for one in model.parameters()]
    missing = np.isnan(expected["grad_norms_f64"])
    assert sum(slope is None for slope in slopes) == missing.sum()
    ours = sorted(slope.norm().item() for slope in slopes if slope is not None)
    assert ours == pytest.approx(sorted(expected["grad_norms_f64"][~missing]), rel=1e-8)


def test_nested_first_inputs_are_executed_as_trees_and_not_with_one_register(reference, shared):
    """The reference keeps one register: what was last put aside is every later function's second input.

    So `union(intersect(a, b), c)` is to it `union(intersect(a, b), b)`. We execute the tree. Given the program that
    the reference really executes, our scores are its.
    """
    model, expected = reference
    programs, theirs = expected["nested_first_programs"], expected["nested_first_logits_f64"]
    assert relative_difference(scores(model, expected, programs, torch.float64), theirs) > 0.1
    number = json.loads((shared / "fixtures" / "vocab.json").read_text())["program_token_to_idx"]
    executed = (
        # count(union(intersect(red, small), cube))
        "count union intersect filter_color[red] scene filter_size[small] scene filter_size[small] scene",
        # equal_integer(count(intersect(large, scene)), count(union(scene, cyan)))
        "equal_integer count intersect filter_size[large] scene scene scene <NULL> <NULL>",
    )
    rows = [[number[token] for token in text.split()] for text in executed]
    assert relative_difference(scores(model, expected, rows, torch.float64), theirs) <= 1e-9


def test_the_answers_survive_a_model_file(shared, tmp_path, reference):
    _, expected = reference
    name = "mmnet_PG_memory" if isinstance(reference[0], ModuleMemory) else "mmnet_PG"
    folder = shared / "fixtures"
    save_model(tmp_path / "model.safetensors", *convert(folder / f"{name}.pt", folder / "vocab.json"))
    loaded = load_model(tmp_path / "model.safetensors")
    ours = scores(loaded.model, expected, expected["programs"], torch.float32)
    assert (ours - torch.tensor(expected["logits"])).abs().max() < 1e-4
    assert loaded.meta["inputs"] == {"kind": "features", "shape": [32, 14, 14]}


def test_names_that_are_not_a_modules_stay():
    assert our_name("stem.0.weight", {"count": False}) == "stem.0.weight"


def test_a_map_that_is_no_square_is_an_error(shared):
    from visreason.data.vocabulary import CLEVR_VOCABULARY

    tensors = {
        "stem.0.weight": torch.zeros(4, 3, 3, 3),
        "classifier.0.weight": torch.zeros(5, 4, 1, 1),
        "classifier.4.weight": torch.zeros(6, 5 * 7),
    }
    with pytest.raises(ModelError, match="reads 7 cells"):
        engine_settings(tensors, CLEVR_VOCABULARY)
    with pytest.raises(ModelError, match="no stem and classifier"):
        engine_settings({}, CLEVR_VOCABULARY)


def test_what_is_no_such_checkpoint_or_has_other_words_is_an_error(shared):
    folder = shared / "fixtures"
    for file, vocabulary, message in (
        ("mmnet_PG.pt", None, "Give the vocab.json"),
        ("mmnet_PG.pt", folder / "prep_vocab.json", "lists 26 answers, .* trained with 32"),
        ("mmnet_PG_memory.pt", folder / "prep_vocab.json", "lists 26 answers"),
        ("rn_original_sd.pt", folder / "vocab.json", "it has conv.conv1.weight"),
        ("iep_execution_engine.pt", folder / "vocab.json", "not a state_dict"),
    ):
        with pytest.raises(ModelError, match=message):
            convert(folder / file, vocabulary)
