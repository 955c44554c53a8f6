"""clevr-iep's generator, alone and with its engine: the reference's numbers out of saved model files."""

import json

import numpy as np
import pytest
import torch

from visreason.clevr.program_forms import from_prefix
from visreason.cli.main import main
from visreason.data.vocabulary import Vocabulary
from visreason.errors import ModelError, ProgramError
from visreason.models.model_file import load_model
from visreason.nn.batch import Batch
from visreason.zoo.clevr_iep import convert


@pytest.fixture
def fixtures(shared):
    return shared / "fixtures"


def test_a_saved_generator_scores_and_writes_the_same(fixtures, tmp_path, capsys):
    out = tmp_path / "generator.safetensors"
    assert main(["import-weights", "clevr-iep", str(fixtures / "iep_program_generator.pt"), str(out)]) == 0
    assert "92 words" in capsys.readouterr().out
    loaded = load_model(out)
    assert loaded.meta["inputs"] == {"kind": "question"}
    with np.load(fixtures / "iep_program_generator.npz") as file:
        questions, logits, programs = (torch.tensor(file[one]) for one in ("questions", "logits", "programs"))
        sampled = file["sample_argmax"][:, 1:]
    encoded = loaded.model.encode(questions, (questions != 0).sum(1))
    found = loaded.model.read(encoded, programs, None)[0]
    assert (found - logits).abs().max() <= 1e-4 * logits.abs().max()
    written = loaded.model(Batch(tokens=questions, lengths=(questions != 0).sum(1))).programs
    assert [[one for one in row if one] for row in written.tolist()] == [
        [int(one) for one in row if one > 2] for row in sampled
    ]


def test_what_an_imported_generator_samples_under_the_grammar_type_checks(fixtures, tmp_path):
    out = tmp_path / "generator.safetensors"
    assert main(["import-weights", "clevr-iep", str(fixtures / "iep_program_generator.pt"), str(out)]) == 0
    loaded = load_model(out)
    vocabulary = Vocabulary.from_dict(loaded.meta["vocabulary"])
    with np.load(fixtures / "iep_program_generator.npz") as file:
        questions = torch.tensor(file["questions"])
    drawn = {
        grammar: loaded.model.decode(
            questions,
            (questions != 0).sum(1),
            "sample",
            grammar=grammar,
            temperature=3.0,  # far from what it has learnt
            generator=torch.Generator().manual_seed(0),
        ).programs
        for grammar in (True, False)
    }
    for row in drawn[True].tolist():
        from_prefix(vocabulary.decode_program([one for one in row if one]), "the program")
    with pytest.raises(ProgramError):
        for row in drawn[False].tolist():
            from_prefix(vocabulary.decode_program([one for one in row if one]), "the program")


def test_two_files_make_one_model(fixtures, tmp_path):
    out = tmp_path / "iep.safetensors"
    files = [str(fixtures / f"{name}.pt") for name in ("mmnet_program_generator", "iep_execution_engine")]
    assert main(["import-weights", "clevr-iep", files[0], str(out), "--second", files[1]]) == 0
    loaded = load_model(out)
    assert loaded.family == "iep"
    assert loaded.meta["inputs"] == {"kind": "features", "shape": [32, 14, 14]}
    assert loaded.meta["provenance"]["second"]["file"] == "iep_execution_engine.pt"
    engine, _ = convert(files[1])
    with np.load(fixtures / "iep_execution_engine.npz") as file:
        batch = Batch(tokens=torch.ones(8, 1), lengths=torch.ones(8), features=torch.tensor(file["feats"]))
        logits = torch.tensor(file["logits"])
        found = loaded.model.engine.run(batch, torch.tensor(file["programs"])).logits
    assert (found - logits).abs().max() <= 1e-4 * logits.abs().max()
    questions = torch.tensor(np.load(fixtures / "iep_program_generator.npz")["questions"])
    batch = Batch(tokens=questions, lengths=(questions != 0).sum(1), features=batch.features[:4])
    output = loaded.model(batch)
    assert torch.equal(output.logits, engine.run(batch, output.programs).logits)


def test_a_vocabulary_with_more_words_gets_room_for_them(fixtures, tmp_path):
    record = json.loads((fixtures / "vocab.json").read_text())
    record["question_token_to_idx"] |= {"underneath": 93, "zebra": 94}
    (tmp_path / "vocab.json").write_text(json.dumps(record))
    plain, _ = convert(fixtures / "iep_program_generator.pt")
    wider, meta = convert(fixtures / "iep_program_generator.pt", tmp_path / "vocab.json")
    assert meta["vocabulary"]["words"][-1] == "zebra"
    assert torch.equal(wider.text.embedding.weight[:93], plain.text.embedding.weight)
    assert 0 < wider.text.embedding.weight[93:].abs().max() < 0.1


@pytest.mark.parametrize(
    ("second", "words"),
    [("mmnet_program_generator", "both hold a program generator"), ("prep", "is not a file")],
)
def test_two_files_that_make_no_model(fixtures, tmp_path, capsys, second, words):
    out = tmp_path / "iep.safetensors"
    files = [str(fixtures / f"{name}.pt") for name in ("iep_program_generator", second)]
    assert main(["import-weights", "clevr-iep", files[0], str(out), "--second", files[1]]) == 1
    assert words in capsys.readouterr().err
    assert not out.exists()


def test_a_second_file_of_another_project(fixtures, tmp_path, capsys):
    arguments = ["mmnet", str(fixtures / "mmnet_PG.pt"), str(tmp_path / "x.safetensors"), "--second", "y.pt"]
    assert main(["import-weights", *arguments]) == 1
    assert "Leave --second out" in capsys.readouterr().err


def test_words_in_another_order(fixtures, tmp_path):
    record = json.loads((fixtures / "vocab.json").read_text())
    table = record["question_token_to_idx"]
    table["red"], table["blue"] = table["blue"], table["red"]
    (tmp_path / "vocab.json").write_text(json.dumps(record))
    with pytest.raises(ModelError, match="does not begin with the 92 words"):
        convert(fixtures / "iep_program_generator.pt", tmp_path / "vocab.json")
