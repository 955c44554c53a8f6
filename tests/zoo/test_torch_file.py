"""Other projects' PyTorch files: numbers are read, code is not."""

import pickle

import pytest
import torch
from torch import nn

from visreason.errors import ModelError
from visreason.zoo.torch_file import fill, provenance, read_state_dict, read_torch_file


class Harmful:
    def __reduce__(self):
        return (exec, ("raise SystemExit('code was run')",))


def test_numbers_and_words_are_read(tmp_path):
    torch.save({"state": {"w": torch.ones(2)}, "args": {"lr": 0.1, "sizes": [1, 2]}}, tmp_path / "a.pt")
    loaded = read_torch_file(tmp_path / "a.pt", "a checkpoint")
    assert loaded["args"] == {"lr": 0.1, "sizes": [1, 2]}


def test_a_state_dict_loses_its_wrappers_name(tmp_path):
    torch.save({"module.w": torch.ones(2)}, tmp_path / "a.pt")
    assert list(read_state_dict(tmp_path / "a.pt", "weights")) == ["w"]


def test_code_is_not_run(tmp_path):
    (tmp_path / "a.pt").write_bytes(pickle.dumps(Harmful()))
    with pytest.raises(ModelError, match=r"may hold code.* Give weights of the zoo"):
        read_torch_file(tmp_path / "a.pt", "weights of the zoo")


@pytest.mark.parametrize(
    ("write", "message"),
    [
        (lambda path: None, "is not a file"),
        (lambda path: path.write_bytes(b"PK\3\4 cut"), "cannot be read as a checkpoint"),
        (lambda path: torch.save([1], path), "a list, not a state_dict"),
        (lambda path: torch.save({"args": 1}, path), "a mapping with 'args'"),
    ],
)
def test_other_files_are_errors(write, message, tmp_path):
    write(tmp_path / "a.pt")
    with pytest.raises(ModelError, match=message):
        read_state_dict(tmp_path / "a.pt", "weights")


def test_counts_of_batches_that_old_files_lack_stay_zero(tmp_path):
    model = nn.BatchNorm1d(2)
    weights = {name: one for name, one in model.state_dict().items() if name != "num_batches_tracked"}
    weights["weight"] = torch.tensor([3.0, 4.0])
    filled = fill(model, weights, tmp_path, "a norm")
    assert filled.weight.tolist() == [3.0, 4.0]
    assert not filled.training


def test_weights_that_do_not_fit_are_an_error(tmp_path):
    with pytest.raises(ModelError, match=r"a.pt is not a line. .*Missing key"):
        fill(nn.Linear(1, 1), {}, tmp_path / "a.pt", "a line")


def test_provenance_tells_file_and_checksum(tmp_path):
    (tmp_path / "a.pt").write_bytes(b"abc")
    told = provenance("project", "network", tmp_path / "a.pt")
    assert told["file"] == "a.pt"
    assert told["sha256"].startswith("ba7816bf")
