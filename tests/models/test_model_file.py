import pickle

import orjson
import pytest
import torch
from safetensors.torch import save_file

from visreason.errors import ModelError
from visreason.models import build_model, load_model, save_model


@pytest.fixture
def path(tmp_path):
    model = build_model("attribute-cnn", {"conv_channels": [4], "hidden": 3})
    save_model(tmp_path / "model.safetensors", model, {"recipe": "attribute-cnn"})
    return tmp_path / "model.safetensors"


def rewrite(path, header=None, **tensors):
    model = load_model(path)
    state = {**model.model.state_dict(), **tensors}
    text = {"format": 1, "family": model.family, "config": {"conv_channels": [4], "hidden": 3}, "meta": {}}
    save_file(state, path, {"visreason": orjson.dumps({**text, **(header or {})}).decode()})


class Harmful:
    def __reduce__(self):
        return (print, ("this code ran",))


def test_a_pickle_posing_as_weights_is_refused_and_never_run(tmp_path, capsys):
    for name, write in (
        ("plain.safetensors", lambda file: pickle.dump(Harmful(), file)),
        ("zip.safetensors", lambda file: torch.save({"a": torch.ones(1)}, file)),
    ):
        with (tmp_path / name).open("wb") as file:
            write(file)
        with pytest.raises(ModelError, match="PyTorch pickle"):
            load_model(tmp_path / name)
    assert "this code ran" not in capsys.readouterr().out


def test_a_truncated_file_is_refused(path):
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(ModelError, match="truncated; copy it again"):
        load_model(path)


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    for name in ("nothing.safetensors", "."):
        with pytest.raises(ModelError, match="is not a file"):
            load_model(tmp_path / name)


def test_safetensors_of_another_project_are_refused(tmp_path):
    save_file({"weight": torch.ones(1)}, tmp_path / "other.safetensors")
    with pytest.raises(ModelError, match="another project"):
        load_model(tmp_path / "other.safetensors")


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ({"format": 2}, "format 2; this visreason reads format 1"),
        ({"family": "oracle"}, "family 'oracle'; known families"),
        ({"config": {"conv_channels": [4], "layers": 3}}, "no setting 'layers'"),
        ({"config": {"conv_channels": [8], "hidden": 3}}, "weights do not fit"),
    ],
)
def test_a_header_that_does_not_fit_is_refused(path, header, message):
    rewrite(path, header)
    with pytest.raises(ModelError, match=message):
        load_model(path)


def test_a_surplus_tensor_is_refused(path):
    rewrite(path, extra=torch.ones(1))
    with pytest.raises(ModelError, match="extra"):
        load_model(path)


def test_a_failed_save_leaves_the_old_file(path):
    before = path.read_bytes()
    with pytest.raises(TypeError):
        save_model(path, load_model(path).model, {"recipe": object()})
    assert path.read_bytes() == before


def test_the_name_must_say_what_it_is(tmp_path):
    with pytest.raises(ModelError, match=r"ends in \.safetensors"):
        save_model(tmp_path / "model.pt", build_model("attribute-cnn", {}), {})


def test_the_same_model_gives_the_same_bytes(path, tmp_path):
    again = tmp_path / "again.safetensors"
    save_model(again, load_model(path).model, load_model(path).meta)
    assert again.read_bytes() == path.read_bytes()
