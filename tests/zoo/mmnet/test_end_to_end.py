"""VisualReasoning_MMnet's end-to-end network, both versions: the reference's numbers out of saved model files."""

import json

import numpy as np
import pytest
import torch

from visreason.cli.main import main
from visreason.errors import ModelError
from visreason.models.model_file import load_model
from visreason.nn.batch import Batch
from visreason.zoo.mmnet import convert

VERSIONS = {"6a7b621": ("lstm", 1), "HEAD": ("gru", 3)}


@pytest.mark.parametrize("version", VERSIONS)
def test_a_saved_network_answers_as_the_reference(shared, tmp_path, version, capsys):
    fixture, out = (
        shared / "fixtures" / f"mmnet_PG_endtoend_{version}_soft.pt",
        tmp_path / "model.safetensors",
    )
    vocabulary = str(shared / "fixtures" / "vocab.json")
    assert main(["import-weights", "mmnet", str(fixture), str(out), "--vocab", vocabulary]) == 0
    assert "PG_endtoend from mmnet" in capsys.readouterr().out
    loaded = load_model(out)
    generator = loaded.config.generator
    assert (generator.cell, generator.earliest_end) == VERSIONS[version]
    assert loaded.meta["inputs"] == {"kind": "features", "shape": [32, 14, 14]}
    with np.load(fixture.with_suffix(".npz")) as file:
        questions, features, logits = (torch.tensor(file[one]) for one in ("questions", "feats", "logits"))
    found = loaded.model(Batch(tokens=questions, lengths=(questions != 0).sum(1), features=features)).logits
    assert (found - logits).abs().max() <= 1e-4 * logits.abs().max()


def test_another_vocabulary(shared, tmp_path):
    record = json.loads((shared / "fixtures" / "vocab.json").read_text())
    record["question_token_to_idx"]["zebra"] = 93
    (tmp_path / "vocab.json").write_text(json.dumps(record))
    with pytest.raises(ModelError, match="knows 92 words, the vocabulary has 93"):
        convert(shared / "fixtures" / "mmnet_PG_endtoend_HEAD_soft.pt", tmp_path / "vocab.json")


def test_a_network_without_its_generator(shared, tmp_path):
    tensors = torch.load(shared / "fixtures" / "mmnet_PG_endtoend_HEAD_soft.pt", weights_only=True)
    alone = {name: one for name, one in tensors.items() if not name.startswith("program_generator")}
    torch.save(alone, tmp_path / "alone.model")
    with pytest.raises(ModelError, match="the program generator has no"):
        convert(tmp_path / "alone.model", shared / "fixtures" / "vocab.json")
