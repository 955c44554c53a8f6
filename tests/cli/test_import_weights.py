import json
from pathlib import Path

import numpy as np
import pytest
import torch

from visreason.cli.main import main
from visreason.models import load_model
from visreason.nn.batch import Batch

SOURCE = "relation-networks-clevr"


@pytest.fixture
def checkpoints(shared: Path) -> Path:
    return shared / "data" / "rn_checkpoints"


def test_a_reference_checkpoint_becomes_a_model_that_can_be_asked(
    checkpoints: Path, shared: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "rn.safetensors"
    dictionaries = ["--dictionaries", str(checkpoints / "dictionaries.json")]
    arguments = [
        "import-weights",
        SOURCE,
        str(checkpoints / "original_fp_epoch_493.pth"),
        str(out),
        *dictionaries,
    ]
    assert main(arguments) == 0
    assert "82 words, 28 answers" in capsys.readouterr().out
    assert load_model(out).meta["recipe"] == "rn-pixels"
    assert main(arguments) == 1
    assert "--overwrite" in capsys.readouterr().err
    assert main([*arguments, "--overwrite"]) == 0
    image = sorted((shared / "data" / "clevr_real" / "images" / "train").iterdir())[0]
    capsys.readouterr()
    assert main(["ask", str(out), str(image), "Are there any purple things?", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["answer"] in {"yes", "no"}


def test_the_published_network_answers_real_questions(
    checkpoints: Path, shared: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "rn.safetensors"
    dictionaries = ["--dictionaries", str(checkpoints / "dictionaries.json")]
    assert (
        main(["import-weights", SOURCE, str(checkpoints / "ir_fp_epoch_312.pth"), str(out), *dictionaries])
        == 0
    )
    capsys.readouterr()
    real = [
        "--data",
        str(shared / "data" / "clevr_real"),
        "--split",
        "train",
        "--output",
        str(tmp_path / "out"),
    ]
    assert main(["test", str(out), *real, "--limit", "40", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["accuracy"]["overall"]["value"] >= 0.9


def test_without_dictionaries_it_says_what_the_model_cannot_do(
    checkpoints: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "rn.safetensors"
    assert main(["import-weights", SOURCE, str(checkpoints / "original_fp_epoch_493.pth"), str(out)]) == 0
    assert "cannot be tested or asked" in capsys.readouterr().out


def test_what_is_no_checkpoint_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "weights.pth"
    file.write_text("not weights")
    assert main(["import-weights", SOURCE, str(file), str(tmp_path / "out.safetensors")]) == 1
    assert "Traceback" not in capsys.readouterr().err
    assert main(["import-weights", "somewhere-else", str(file), str(tmp_path / "out.safetensors")]) == 1
    assert SOURCE in capsys.readouterr().err


@pytest.mark.parametrize(
    ("source", "file", "extra", "says"),
    [
        ("clevr-iep", "iep_execution_engine.pt", [], "execution-engine from clevr-iep, 92 words, 32 answers"),
        ("mmnet", "mmnet_PG.pt", ["--vocab"], "PG from mmnet, 92 words, 32 answers"),
        ("mmnet", "mmnet_PG_memory.pt", ["--vocab"], "PG_memory from mmnet"),
    ],
)
def test_engines_become_model_files(
    source: str,
    file: str,
    extra: list[str],
    says: str,
    shared: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder, out = shared / "fixtures", tmp_path / "engine.safetensors"
    vocabulary = [*extra, str(folder / "vocab.json")] if extra else []
    assert main(["import-weights", source, str(folder / file), str(out), *vocabulary]) == 0
    assert says in capsys.readouterr().out
    assert len(load_model(out).meta["vocabulary"]["functions"]) == 40


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["mmnet", "mmnet_PG.pt"], "--vocab FILE"),
        (["mmnet", "mmnet_PG.pt", "--vocab", "prep_vocab.json"], "lists 26 answers"),
        (["mmnet", "mmnet_PG.pt", "--dictionaries", "vocab.json"], "do not use --dictionaries"),
        (["mmnet", "mmnet_PG.pt", "--second", "mmnet_PG.pt"], "Leave --second out"),
        (["mmnet", "iep_execution_engine.pt", "--vocab", "vocab.json"], "not a state_dict"),
        (["clevr-iep", "mmnet_PG.pt"], "not a checkpoint of clevr-iep"),
        (["clevr-iep", "iep_execution_engine.npz"], "cannot be read as a checkpoint"),
        (["relation-networks-clevr", "mmnet_PG.pt", "--vocab", "vocab.json"], "do not use --vocab"),
        (["snmn-pytorch", "mmnet_PG.pt"], "has no 'q_embed.weight'"),
        (["snmn-pytorch", "snmn_joint.pt"], "reads 80 numbers a cell"),
        (
            ["snmn-pytorch", "snmn_joint.pt", "--position-size", "18"],
            "position_size is 18; give a multiple of 4",
        ),
        (["snmn-pytorch", "snmn_joint.pt", "--validity", "hard"], "--validity"),
        (["snmn-pytorch", "snmn_joint.pt", "--vocab", "vocab.json"], "of CLEVR's 82 words"),
        (["clevr-iep", "iep_execution_engine.pt", "--online"], "Leave --online out"),
        (["clevr-iep", "iep_execution_engine.pt", "--position-size", "16"], "Leave --position-size out"),
        (["clevr-iep", "iep_execution_engine.pt", "--validity", "off"], "Leave --validity out"),
    ],
)
def test_foreign_files_and_words_are_errors_and_write_nothing(
    arguments: list[str], says: str, shared: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, file, *flags = arguments
    flags = [
        str(shared / "fixtures" / flag) if flag.endswith(".json") or "mmnet" in flag else flag
        for flag in flags
    ]
    out = tmp_path / "out.safetensors"
    assert main(["import-weights", source, str(shared / "fixtures" / file), str(out), *flags]) == 1
    error = capsys.readouterr().err
    assert says in error.replace("\n", " ")
    assert "Traceback" not in error
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("network", ["ema", "online"])
def test_either_network_of_a_stack_nmn_becomes_a_model_file(
    network: str, shared: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    saved = torch.load(shared / "fixtures/snmn_joint_train3.pt", weights_only=True)
    both = {"online_model.": saved["online_after_3"], "offline_model.": saved["ema_after_3"]}
    state = {prefix + name: one for prefix, tensors in both.items() for name, one in tensors.items()}
    file, out = tmp_path / "epoch=18-step=199999.ckpt", tmp_path / "snmn.safetensors"
    torch.save({"state_dict": state}, file)
    flags = ["--position-size", "16", *(["--online"] if network == "online" else [])]
    assert main(["import-weights", "snmn-pytorch", str(file), str(out), *flags]) == 0
    assert "snmn-vqa-layout from snmn-pytorch, 82 words, 28 answers" in capsys.readouterr().out
    made = load_model(out)
    expected = both["online_model." if network == "online" else "offline_model."]
    assert torch.equal(made.model.state_dict()["second.bias"], expected["kb_process.2.bias"])
    assert made.meta["provenance"]["network"] == network


@pytest.mark.parametrize(("validity", "setting"), [("soft", "valid"), ("off", "novalid")])
def test_an_imported_stack_nmn_says_what_the_reference_says(
    validity: str, setting: str, shared: Path, tmp_path: Path
) -> None:
    out, file = tmp_path / "snmn.safetensors", shared / "fixtures/snmn_joint.pt"
    flags = ["--position-size", "16", "--validity", validity]
    assert main(["import-weights", "snmn-pytorch", str(file), str(out), *flags]) == 0
    made = load_model(out)
    numbers = np.load(shared / "fixtures/snmn_joint.npz")
    cells = np.load(shared / "fixtures/snmn_features.npz")["feats_small"].astype(np.float32)
    tokens, lengths = (
        torch.from_numpy(numbers[f"in/vqa/{name}"]) for name in ("question_inds", "seq_length")
    )
    batch = Batch(
        tokens=torch.where(torch.arange(tokens.shape[1]) < lengths[:, None], tokens + 1, 0),
        lengths=lengths,
        features=torch.from_numpy(cells).permute(0, 3, 1, 2),
    )
    expected = torch.from_numpy(numbers[f"L8_hard_{setting}/vqa/logits"])
    torch.testing.assert_close(made.model(batch).logits, expected, rtol=1e-4, atol=1e-4)
    assert made.meta["recipe"] == f"snmn-vqa-{'layout' if validity == 'soft' else 'scratch'}"
