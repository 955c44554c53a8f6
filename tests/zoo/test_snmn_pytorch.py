"""Networks of snmn-pytorch: every tensor of every step, scores, losses and gradients of the reference."""

import copy
import json

import numpy as np
import pytest
import torch

from visreason.data.vocabulary import CLEVR_VOCABULARY
from visreason.errors import ModelError
from visreason.models.locating import chosen_corners
from visreason.nn.batch import Batch
from visreason.nn.boxes import decode_boxes
from visreason.nn.layout_losses import layout_loss, location_loss, ramp, sharpening_loss
from visreason.tasks.loader import TaskData
from visreason.tasks.modules.stack import Joint
from visreason.zoo.catalogue import load_recipe
from visreason.zoo.snmn_pytorch import convert

HALVES = [
    ("snmn_vqa", ""),
    ("snmn_loc", ""),
    ("snmn_joint", "vqa/"),
    ("snmn_joint", "loc/"),
    ("snmn_defaults", ""),
]
SETTINGS = [
    f"L{length}_{pointer}_{valid}"
    for length in (5, 8)
    for pointer in ("hard", "soft")
    for valid in ("valid", "novalid")
]


class Reference:
    """What the reference was given and gave, and our network with its weights."""

    def __init__(self, shared, name, half, setting):
        self.numbers = np.load(shared / f"fixtures/{name}.npz")
        self.half, self.setting = half, setting
        config = json.loads(str(self.numbers["config_L8_hard_valid"]))
        self.train = config["TRAIN"]
        model = config["MODEL"]
        self.grid = (model["H_FEAT"], model["W_FEAT"])
        length, pointer, valid = setting[1:].split("_")
        rules = {
            "stack_places": int(length),
            "pointer": pointer,
            "validity": "soft" if valid == "valid" else "off",
            "position_size": model["PE_DIM"],
            "guard_stack": model["NMN"]["STACK"]["GUARD_STACK_PTR"],
            "keep_stack": model["NMN"]["DESCRIBE_ONE"]["KEEP_STACK"],
        }
        self.model, _ = convert(shared / f"fixtures/{name}.pt", cells=self.grid, rules=rules)
        features = np.load(shared / "fixtures/snmn_features.npz")
        shape = "feats_small" if self.grid == (7, 9) else "feats_1024"
        seen = features[shape].astype(np.float32)
        seen = seen[::-1].copy() if half == "loc/" else seen
        lengths = self.given("seq_length")
        tokens = self.given("question_inds")
        self.batch = Batch(
            tokens=torch.where(torch.arange(tokens.shape[1]) < lengths[:, None], tokens + 1, 0),
            lengths=lengths,
            features=torch.from_numpy(seen).permute(0, 3, 1, 2),
        )

    def given(self, name):
        return torch.from_numpy(self.numbers[f"in/{self.half}{name}"])

    def gave(self, name):
        """A tensor of this setting, or one that all settings share."""
        own, common = f"{self.setting}/{self.half}{name}", f"common/{self.half}{name}"
        key = own if own in self.numbers.files else common
        return torch.from_numpy(self.numbers[key]) if key in self.numbers.files else None

    def check(self, name, found):
        expected = self.gave(name)
        assert expected is not None, name
        gap = (found.detach().reshape(expected.shape) - expected).abs().max()
        assert gap <= 2e-5 * expected.abs().max().clamp_min(1e-6), name


@pytest.fixture(params=SETTINGS)
def setting(request):
    return request.param


@pytest.mark.parametrize(("name", "half"), HALVES)
def test_every_step_and_score_equals_the_references(shared, name, half, setting):
    reference = Reference(shared, name, half, setting)
    model, batch = reference.model, reference.batch
    cells = model.knowledge(batch)
    plan = model.controller(batch.tokens, batch.lengths)
    steps = model.modules_of_stack(cells, plan.control_BTE, plan.weights_BTM)
    reference.check("kb", cells)
    reference.check("q_vec", plan.question_BH)
    reference.check("control", plan.control_BTE)
    reference.check("module_logits", plan.logits_BTM)
    reference.check("module_probs", plan.weights_BTM)
    reference.check("text_attention", plan.attention_BTW)
    reference.check("module_probs_used", torch.stack([one.weights_BM for one in steps], dim=1))
    reference.check("att_stack", torch.stack([one.stack_BSP.transpose(1, 2) for one in steps], dim=1))
    reference.check("ptr_before_sharpen", torch.stack([one.blurred_BS for one in steps], dim=1))
    reference.check("stack_ptr", torch.stack([one.pointer_BS for one in steps], dim=1))
    reference.check("memory", torch.stack([one.memory_BK for one in steps], dim=1))
    reference.check("image_attention_logits", torch.stack([one.top for one in steps], dim=1))
    output = model(batch)
    if reference.gave("logits") is not None:
        reference.check("logits", output.logits)
    if reference.gave("loc_scores") is not None:
        reference.check("loc_scores", output.places)
        cell, offset = chosen_corners(output.places, output.corners)
        reference.check("bbox_offset", offset)
        if reference.gave("bbox_pred") is not None:
            reference.check("bbox_pred", decode_boxes(cell, offset, (320, 480), reference.grid))


@pytest.mark.parametrize(("name", "half"), HALVES)
def test_losses_equal_the_references(shared, name, half):
    reference = Reference(shared, name, half, "L8_hard_valid")
    output = reference.model(reference.batch)
    reference.check("layout_loss", layout_loss(output.modules, reference.given("layout_inds")))
    sharp = sharpening_loss(output.modules)
    for step in (149_999, 154_000, 200_000):
        reference.check(f"sharpen_loss_step{step}", 0.1 * ramp(step, 150_000, 160_000) * sharp)
    if reference.gave("vqa_loss") is not None:
        answers = reference.given("answer_idx")
        reference.check("vqa_loss", torch.nn.functional.cross_entropy(output.logits, answers))
    if reference.gave("loc_loss") is not None:
        place, corners = location_loss(
            output.places,
            output.corners,
            reference.given("bbox_ind"),
            reference.given("bbox_offset").float(),
        )
        weights = reference.train
        reference.check("loc_index_loss_weighted", weights["BBOX_IND_LOSS_WEIGHT"] * place)
        reference.check("loc_offset_loss_weighted", weights["BBOX_OFFSET_LOSS_WEIGHT"] * corners)


def test_gradients_equal_the_references(shared, setting):
    reference = Reference(shared, "snmn_vqa", "", setting)
    output = reference.model(reference.batch)
    loss = (
        torch.nn.functional.cross_entropy(output.logits, reference.given("answer_idx"))
        + layout_loss(output.modules, reference.given("layout_inds"))
        + 0.1 * ramp(154_000, 150_000, 160_000) * sharpening_loss(output.modules)
    )
    reference.check("training_step_loss", loss)
    loss.backward()
    names = [str(name) for name in reference.numbers["param_names"]]
    wanted = dict(zip(names, reference.numbers[f"{setting}/grad_norms"], strict=True))
    model = reference.model
    pairs = {
        "q_embed.weight": model.controller.encoder.embedding.weight,
        "init_ctrl": model.controller.start,
        "controller.control_question.weight": model.controller.join.weight,
        "controller.attn.weight": model.controller.attend.weight,
        "kb_process.0.weight": model.first.weight,
        "kb_process.2.bias": model.second.bias,
        "nmn.find_ci.weight": model.modules_of_stack.find.vector.weight,
        "nmn.find_conv.weight": model.modules_of_stack.find.weight.weight,
        "nmn.transform_ci.weight": model.modules_of_stack.transform.vector.weight,
        "nmn.transform_conv.bias": model.modules_of_stack.transform.weight.bias,
        "nmn.scene_conv.weight": model.modules_of_stack.scene.weight,
        "nmn.describeone_ci.bias": model.modules_of_stack.describe_one.vector.bias,
        "nmn.describetwo_mem.weight": model.modules_of_stack.describe_two.describe.weight,
        "q_enc.weight_hh_l0_reverse": model.controller.encoder.backwards.weight_hh_l0,
        "output_unit.3.weight": model.answer[3].weight,
    }
    for name, parameter in pairs.items():
        assert float(parameter.grad.norm()) == pytest.approx(wanted[name], rel=1e-3, abs=1e-7), name


def test_given_layouts_run_as_in_the_reference(shared):
    numbers = np.load(shared / "fixtures/snmn_modules.npz")
    reference = Reference(shared, "snmn_vqa", "", "L8_hard_novalid")
    model, batch = reference.model, reference.batch
    weights = torch.nn.functional.one_hot(torch.from_numpy(numbers["forced/layout_inds"]).long(), 9).float()
    plan = model.controller(batch.tokens, batch.lengths)
    steps = model.modules_of_stack(model.knowledge(batch), plan.control_BTE, weights)
    found = {
        "att_stack": torch.stack([one.stack_BSP.transpose(1, 2) for one in steps], dim=1),
        "stack_ptr": torch.stack([one.pointer_BS for one in steps], dim=1),
        "memory": torch.stack([one.memory_BK for one in steps], dim=1),
        "logits": model.answer(torch.cat([plan.question_BH, steps[-1].memory_BK], dim=1)),
    }
    for name, one in found.items():
        expected = torch.from_numpy(numbers[f"forced/{name}"])
        gap = (one.detach().reshape(expected.shape) - expected).abs().max()
        assert gap <= 2e-5 * expected.abs().max(), name


def test_three_joint_training_steps_equal_the_references(shared, tmp_path, monkeypatch):
    """Our joint loss in its loop: its questions are not sharpened, and its average moves before the step."""
    halves = [Reference(shared, "snmn_joint", half, "L8_hard_valid") for half in ("vqa/", "loc/")]
    numbers = np.load(shared / "fixtures/snmn_joint_train3.npz")
    asked, located = (joint_batch(one) for one in halves)
    network = halves[0].model.train()
    recipe = load_recipe("snmn-joint-layout", {"task.sharpen_weight": 0.1})
    meta = {"vocabulary": CLEVR_VOCABULARY.to_dict()}
    module = Joint(network, recipe, 10, TaskData(range, range(0), list, meta))
    average = copy.deepcopy(network)
    decayed = {True: [], False: []}
    for name, one in network.named_parameters():
        decayed["bias" not in name or name == "location.bias"].append(one)  # the reference: output_loc_aff_b
    groups = [{"params": decayed[True], "weight_decay": 1e-5}, {"params": decayed[False]}]
    optimiser = torch.optim.Adam(groups, lr=1e-4)
    for place, step in enumerate(numbers["global_steps"].tolist()):
        monkeypatch.setattr(Joint, "global_step", step)
        optimiser.zero_grad()
        loss = module.loss(asked).total + module.loss(located).total
        loss = loss - recipe.task.sharpening_at(step) * sharpening_loss(network(asked).modules)
        loss.backward()
        assert loss.item() == pytest.approx(float(numbers["losses"][place]), rel=2e-5)
        for _ in range(2):  # once a half, before the step
            for mean, one in zip(average.parameters(), network.parameters(), strict=True):
                mean.data.lerp_(one.data, 0.001)
        norm = torch.nn.utils.clip_grad_norm_(network.parameters(), 8)
        assert norm.item() == pytest.approx(float(numbers["grad_total_norm_before_clip"][place]), rel=1e-3)
        optimiser.step()
    file = tmp_path / "last.ckpt"
    lightning_checkpoint(shared, file)
    for kind, trained in (("online", network), ("ema", average)):
        expected, _ = convert(file, kind, cells=(7, 9), rules={"position_size": 16})
        for name, one in expected.state_dict().items():
            if name != "controller.attend.bias":  # its true gradient is 0
                torch.testing.assert_close(trained.state_dict()[name], one, rtol=0, atol=5e-6, msg=name)


def joint_batch(reference):
    """One half of the reference's batch as ours."""
    batch = reference.batch
    batch.layouts = reference.given("layout_inds")
    if reference.half == "vqa/":
        batch.answers = reference.given("answer_idx")
    else:
        batch.boxes = reference.given("bbox_batch").float()
    return batch


def lightning_checkpoint(shared, file):
    """Both networks after three steps in one file, as Lightning puts them."""
    saved = torch.load(shared / "fixtures/snmn_joint_train3.pt", weights_only=True)
    state = {f"online_model.{name}": one for name, one in saved["online_after_3"].items()}
    state |= {f"offline_model.{name}": one for name, one in saved["ema_after_3"].items()}
    torch.save({"state_dict": state, "epoch": 3}, file)
    return saved


def test_the_average_and_the_trained_network_are_told_apart(shared, tmp_path):
    saved = lightning_checkpoint(shared, tmp_path / "last.ckpt")
    for average, key in (("ema", "ema_after_3"), ("online", "online_after_3")):
        model, meta = convert(tmp_path / "last.ckpt", average, cells=(7, 9), rules={"position_size": 16})
        expected = saved[key]["kb_process.2.bias"]
        assert torch.equal(model.second.bias, expected)
        assert meta["provenance"]["network"] == average


def test_published_sizes():
    from visreason.models.locating import LocationHeadConfig
    from visreason.models.stack_nmn import StackNmn, StackNmnConfig
    from visreason.nn.image_encoder import ImageEncoderConfig

    see = ImageEncoderConfig(kind="features", shape=(1024, 14, 14))
    unused, padding = 512 * 512 + 512, 300  # a layer that the reference never uses; our row of padding
    for scores, count in (("mlp", 7_847_673), ("linear", 7_585_008)):
        config = StackNmnConfig(
            vocabulary_size=82,
            answer_count=28,
            image=see,
            module_scores=scores,
            locate=LocationHeadConfig(scores="affine-by-cell"),
        )
        found = sum(one.numel() for one in StackNmn(config).parameters())
        assert found == count - unused + padding


@pytest.mark.parametrize(
    ("content", "said"),
    [({"a": 1}, "not networks of snmn-pytorch"), ({"a": torch.zeros(2)}, r"has no 'q_embed\.weight'")],
)
def test_another_file_is_refused(tmp_path, content, said):
    torch.save(content, tmp_path / "x.ckpt")
    with pytest.raises(ModelError, match=said):
        convert(tmp_path / "x.ckpt")
