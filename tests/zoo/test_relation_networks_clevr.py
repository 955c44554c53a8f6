"""The reference's numbers: outputs, inner values, gradients, training steps, retrieval features."""

import json
import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from tests.zoo.made_up import made_up
from torch.nn import functional

from visreason.errors import DataError, ModelError
from visreason.models import RelationNetwork, load_model, save_model
from visreason.nn.batch import Batch
from visreason.retrieval.layers import Reading, read_features
from visreason.zoo.relation_networks_clevr import convert, our_name

RELEASED = {"original": "original_fp_epoch_493.pth", "ir": "ir_fp_epoch_312.pth"}
STATE = ["rn_original_sd", "rn_ir_sd", "rn_sd_inj3_mixed"]


def arrays(shared: Path, name: str) -> dict[str, np.ndarray]:
    with np.load(shared / "fixtures" / f"{name}.npz") as file:
        return dict(file)


def assert_relative(ours: torch.Tensor, reference: np.ndarray, tolerance: float) -> None:
    """The fixtures' measure: the largest difference over the largest reference value."""
    expected = torch.as_tensor(reference, dtype=torch.float64)
    assert ours.shape == expected.shape
    assert (ours.detach().double() - expected).abs().max() <= tolerance * expected.abs().max()


def read_as_fed(model: RelationNetwork, length: int) -> RelationNetwork:
    """The fixtures' rows are padded to the longest of their batch, not to 43."""
    model.text.pad_to = length
    return model


def pixel_batch(shared: Path) -> Batch:
    inputs = arrays(shared, "rn_fp_inputs")
    return Batch(
        tokens=torch.tensor(inputs["question_padded"]).long(),
        lengths=torch.tensor(inputs["question_len"]).long(),
        images=torch.tensor(inputs["images_u8"]).float() / 255,
    )


def state_batch(shared: Path) -> Batch:
    inputs = arrays(shared, "rn_sd_inputs")
    tokens = torch.tensor(inputs["question_padded"]).long()
    return Batch(
        tokens=tokens,
        lengths=(tokens > 0).sum(1),
        objects=torch.tensor(inputs["objects"]),
        object_mask=torch.arange(12) < torch.tensor(inputs["n_objects"])[:, None],
        answers=torch.tensor(inputs["label"]).long(),
    )


def assert_inner_values(model: RelationNetwork, batch: Batch, expected: dict, pairs: np.ndarray) -> None:
    objects, mask = model.objects(batch)
    question = model.text(batch.tokens, batch.lengths)
    assert_relative(objects, expected["objects"], 2e-5)
    assert_relative(question, expected["question_embedding"], 2e-5)
    count = objects.shape[1]
    rows, columns = pairs // count, pairs % count
    for layer in range(len(model.config.g_widths)):
        states = model.relations.states(objects, question, layer + 1)[:, rows, columns]
        assert_relative(states, np.maximum(expected[f"g{layer}_linear_out_pairs"], 0), 2e-5)
    assert_relative(model.relations(objects, question, mask), expected["g_sum"], 2e-5)
    output = model(batch)
    assert_relative(output.logits, expected["scores"], 2e-5)
    assert_relative(output.logits.log_softmax(1), expected["log_probs"], 2e-5)


@pytest.mark.parametrize("kind", RELEASED)
def test_released_checkpoints_give_the_references_numbers(shared, kind):
    model, _ = convert(shared / "data" / "rn_checkpoints" / RELEASED[kind])
    expected = arrays(shared, f"rn_{kind}_fp_pretrained")
    batch = pixel_batch(shared)
    read_as_fed(model, batch.tokens.shape[1])
    with torch.no_grad():
        assert_relative(model.cnn(batch.images), expected["conv_out"], 2e-5)
        assert_inner_values(model, batch, expected, arrays(shared, "rn_fp_inputs")["pair_index"])
        scores = torch.as_tensor(expected["scores"])
        assert (model(batch).logits - scores).abs().max() < 1e-4


@pytest.mark.parametrize("name", STATE)
def test_state_networks_give_the_references_numbers_and_gradients(shared, name):
    model, _ = convert(shared / "fixtures" / f"{name}.pt")
    expected, batch = arrays(shared, name), state_batch(shared)
    read_as_fed(model, batch.tokens.shape[1])
    with torch.no_grad():
        assert_inner_values(model, batch, expected, arrays(shared, "rn_sd_inputs")["pair_index"])
    loss = functional.cross_entropy(model(batch).logits, batch.answers)
    assert loss.item() == pytest.approx(float(expected["loss"]), rel=2e-5)
    loss.backward()
    norms = {name: one.grad.norm().item() for name, one in model.named_parameters()}
    reference = {
        our_name(theirs): norm
        for theirs, norm in zip(expected["grad_names"].tolist(), expected["grad_norms"].tolist(), strict=True)
        if not np.isnan(norm)
    }
    assert norms == pytest.approx(reference, rel=1e-4)


def test_two_training_steps_give_the_references_numbers(shared):
    model, _ = convert(shared / "fixtures" / "rn_fp_small_train_before.pt")
    expected, batch = arrays(shared, "rn_fp_small_train"), pixel_batch(shared)
    read_as_fed(model, batch.tokens.shape[1])
    model.head.dropout.p = 0.0
    answers = torch.tensor(expected["answer_index1"]).long() - 1
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-4, weight_decay=1e-4)
    names = [our_name(name) for name in expected["grad_names"].tolist()]
    for step in range(2):
        optimizer.zero_grad()
        model.train()
        logits = model(batch).logits
        assert_relative(logits.log_softmax(1), expected["train_log_probs"][step], 1e-4)
        loss = functional.cross_entropy(logits, answers)
        assert loss.item() == pytest.approx(expected["losses"][step], rel=1e-4)
        loss.backward()
        parameters = dict(model.named_parameters())
        alive = [index for index, name in enumerate(names) if not is_dead_bias(name)]
        norms = torch.stack([parameters[names[index]].grad.norm() for index in alive])
        assert_relative(norms, expected["grad_norms_before_clip"][step][alive], 1e-4)
        total = torch.nn.utils.clip_grad_norm_(model.parameters(), 50)
        assert total.item() == pytest.approx(expected["grad_total_norms_before_clip"][step], rel=1e-4)
        optimizer.step()
    after = torch.load(shared / "fixtures" / "rn_fp_small_train_after.pt", weights_only=True)
    state = model.eval().state_dict()
    for theirs, tensor in after.items():
        ours = our_name(theirs)
        if not is_dead_bias(ours):
            bound = 2e-3 if ours.endswith("running_mean") else 1e-5
            assert (state[ours] - tensor).abs().max() <= bound, ours
    with torch.no_grad():
        assert_relative(model.cnn(batch.images), expected["eval_after_conv_out"], 5e-3)
        assert_relative(model(batch).logits.log_softmax(1), expected["eval_after_log_probs"], 1e-4)


def is_dead_bias(name: str) -> bool:
    """A bias before batch norm: its true gradient is zero, so rounding noise alone moves it."""
    return name.startswith("cnn.layers.") and name.endswith(".0.bias")


@pytest.mark.parametrize("aggregation", ["avg", "max"])
@pytest.mark.parametrize("layer", [1, 2, 3, "cnn"])
def test_retrieval_features(shared, layer, aggregation):
    model, _ = convert(shared / "data" / "rn_checkpoints" / RELEASED["ir"])
    read_as_fed(model, 1)  # the reference asks with a single 0
    batch = pixel_batch(shared)
    nothing = Batch(
        tokens=torch.zeros(8, 1, dtype=torch.long),
        lengths=torch.ones(8, dtype=torch.long),
        images=batch.images,
    )
    expected = arrays(shared, "rn_ir_fp_pretrained")
    key = f"feat_conv_{aggregation}" if layer == "cnn" else f"feat_l{layer}_{aggregation}"
    of_cells = layer == "cnn"
    reading = Reading(
        layer="conv" if of_cells else f"g{layer}",
        aggregation={"avg": "mean", "max": "max"}[aggregation],
        normalise="none" if of_cells else "pairs",
    )
    with torch.no_grad():
        found = read_features(model, nothing, reading)
    assert_relative(found, expected[key], 2e-5)


def test_what_a_converted_file_says(shared, tmp_path):
    folder = shared / "data" / "rn_checkpoints"
    model, meta = convert(folder / RELEASED["ir"], folder / "dictionaries.json", model="ir-fp")
    assert model.config.injection_layer == 2
    assert (model.config.pad_to, model.config.vocabulary_size, model.config.answer_count) == (43, 82, 28)
    assert meta["inputs"] == {"kind": "pixels", "image_size": [128, 128]}
    assert meta["recipe"] == "rn-pixels-ir"
    assert meta["provenance"]["sha256"].startswith("5961c61e")
    assert meta["vocabulary"]["words"][16] == "the"
    assert meta["vocabulary"]["answers"][:3] == ["yes", "2", "no"]
    save_model(tmp_path / "ir.safetensors", model, meta)
    batch = pixel_batch(shared)
    with torch.no_grad():
        assert torch.equal(load_model(tmp_path / "ir.safetensors").model(batch).logits, model(batch).logits)


@pytest.mark.parametrize(
    ("name", "variant", "widths"),
    [
        ("rn_original_sd", "original-sd", (32, 32, 32, 32)),
        ("rn_ir_sd", "ir-sd", (32, 32, 32, 32)),
        ("rn_sd_inj3_mixed", "ir-sd", (24, 40, 32, 28)),
        ("rn_fp_small_train_before", "original-fp", (32, 32, 32, 32)),
    ],
)
def test_the_kind_is_told_from_the_shapes(shared, name, variant, widths):
    model, meta = convert(shared / "fixtures" / f"{name}.pt")
    assert meta["provenance"]["network"] == variant
    assert model.config.g_widths == widths
    assert model.config.mask_objects is variant.endswith("fp")
    other = "ir-fp" if variant != "ir-fp" else "original-fp"
    with pytest.raises(ModelError, match=f"holds the network {variant}, not {other}"):
        convert(shared / "fixtures" / f"{name}.pt", model=other)


@pytest.mark.slow
@pytest.mark.parametrize("kind", RELEASED)
def test_at_least_94_percent_of_real_questions_are_answered_right(shared, kind):
    folder = shared / "data" / "rn_checkpoints"
    model, meta = convert(folder / RELEASED[kind], folder / "dictionaries.json")
    real = shared / "data" / "clevr_real"
    questions = json.loads((real / "questions" / "CLEVR_train_questions.json").read_text())["questions"]
    word_index = {word: index for index, word in enumerate(meta["vocabulary"]["words"], start=1)}
    images, right = {}, 0
    for start in range(0, len(questions), 50):
        part = questions[start : start + 50]
        rows = [[word_index[word] for word in words_of(one["question"])] for one in part]
        longest = max(map(len, rows))
        for one in part:
            images.setdefault(
                one["image_filename"], read_image(real / "images" / "train" / one["image_filename"])
            )
        batch = Batch(
            tokens=torch.tensor([row + [0] * (longest - len(row)) for row in rows]),
            lengths=torch.tensor([len(row) for row in rows]),
            images=torch.stack([images[one["image_filename"]] for one in part]),
        )
        with torch.inference_mode():
            classes = model(batch).logits.argmax(1).tolist()
        right += sum(
            meta["vocabulary"]["answers"][found] == one["answer"]
            for found, one in zip(classes, part, strict=True)
        )
    assert right >= 564  # of 600


def words_of(question: str) -> list[str]:
    return question.lower().replace("?", " ?").replace(";", " ;").split()


def read_image(path: Path) -> torch.Tensor:
    with Image.open(path) as image:
        small = image.convert("RGB").resize((128, 128), Image.Resampling.BILINEAR)
    return torch.tensor(np.asarray(small)).permute(2, 0, 1).float() / 255


# Bad input


@pytest.fixture
def checkpoint():
    return made_up()


def save(folder: Path, content: object) -> Path:
    torch.save(content, folder / "RN_epoch_01.pth")
    return folder / "RN_epoch_01.pth"


def test_a_made_up_checkpoint_converts(checkpoint, tmp_path):
    model, meta = convert(save(tmp_path, checkpoint))
    assert meta["provenance"]["network"] == "original-fp"
    assert "vocabulary" not in meta
    assert replace(model.config, pad_to=None).conv_channels == (4, 4, 4, 4)


class Harmful:
    def __reduce__(self):
        return (print, ("this code ran",))


@pytest.mark.parametrize("content", [Harmful(), {"module.conv.conv1.weight": Harmful()}])
def test_code_in_a_checkpoint_never_runs(content, tmp_path, capsys):
    with pytest.raises(ModelError, match="numbers only: it may hold code"):
        convert(save(tmp_path, content))
    (tmp_path / "plain.pth").write_bytes(pickle.dumps(content, protocol=2))
    with pytest.raises(ModelError, match="numbers only: it may hold code"):
        convert(tmp_path / "plain.pth")
    assert "this code ran" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ([1, 2], "holds a list, not a state_dict"),
        ({"epoch": 3, "state_dict": {}}, "a mapping with 'epoch', 'state_dict', not a state_dict"),
        ({"fc.weight": torch.ones(1)}, "has nothing for cnn.layers.0.0.weight; it has fc.weight"),
    ],
)
def test_other_files_are_refused(content, message, tmp_path):
    with pytest.raises(ModelError, match=message):
        convert(save(tmp_path, content))


def test_damaged_and_missing_files_are_refused(checkpoint, tmp_path):
    path = save(tmp_path, checkpoint)
    path.write_bytes(path.read_bytes()[:300])
    with pytest.raises(ModelError, match="cannot be read as a checkpoint"):
        convert(path)
    with pytest.raises(ModelError, match="is not a file"):
        convert(tmp_path / "nothing.pth")


@pytest.mark.parametrize(
    ("name", "shape", "message"),
    [
        ("module.rl.g_layers.0.weight", (6, 16), "reads 16 numbers, which is not two objects"),
        ("module.rl.g_layers.1.weight", (7, 9), "size mismatch"),
        ("module.rl.transformer.weight", (1,), "rl.transformer.weight"),
    ],
)
def test_networks_of_other_branches_are_refused(checkpoint, name, shape, message, tmp_path):
    checkpoint[name] = torch.rand(shape)
    with pytest.raises(ModelError, match=message):
        convert(save(tmp_path, checkpoint))


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ({"words": ["a", "b"], "answers": ["yes", "no"]}, "lists 2 words, the checkpoint was trained with 3"),
        ({"words": ["a", "b", "c"], "answers": ["yes"]}, "lists 1 answers"),
        ({"words": ["a", "b", "c"]}, "no list of strings 'answers'"),
        ({"words": [1, 2, 3], "answers": ["yes", "no"]}, "no list of strings 'words'"),
        (["a"], "no list of strings 'words'"),
    ],
)
def test_dictionaries_that_do_not_fit_are_refused(checkpoint, record, message, tmp_path):
    (tmp_path / "dictionaries.json").write_text(json.dumps(record))
    with pytest.raises(ModelError, match=message):
        convert(save(tmp_path, checkpoint), tmp_path / "dictionaries.json")


def test_dictionaries_that_are_no_json_are_refused(checkpoint, tmp_path):
    (tmp_path / "dictionaries.json").write_text("{")
    with pytest.raises(DataError, match="not valid JSON"):
        convert(save(tmp_path, checkpoint), tmp_path / "dictionaries.json")
