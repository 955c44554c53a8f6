"""Module networks: the published sizes, and every form's own module."""

import pytest
import torch

from visreason.data.vocabulary import CLEVR_VOCABULARY
from visreason.models import ModuleNetwork, ModuleNetworkConfig
from visreason.nn.image_encoder import ImageEncoderConfig
from visreason.nn.residual import JoiningBlock, ResidualBlock

CLEVR = {"functions": CLEVR_VOCABULARY.functions, "arities": CLEVR_VOCABULARY.arities}
RESNET = ImageEncoderConfig(kind="features", shape=(1024, 14, 14))


def build(**settings):
    with torch.device("meta"):
        return ModuleNetwork(ModuleNetworkConfig(image=RESNET, **CLEVR, **{"answer_count": 32, **settings}))


def parameters(module):
    return sum(one.numel() for one in module.parameters())


def test_johnson_and_others_network_has_its_published_size():
    model = build(symbol_modules=True)
    assert parameters(model) == 40_400_800
    assert (parameters(model.stem), parameters(model.classifier)) == (1_327_360, 25_789_984)
    assert len(model.by_number) == 44
    assert {parameters(one) for one in model.by_number.values()} == {295_168, 328_064}


def test_mmnets_network_has_its_published_size():
    model = build(dim=256, joining="3x3")
    assert parameters(model) == 86_630_688
    assert (parameters(model.stem), parameters(model.classifier)) == (2_949_632, 25_855_520)
    assert {parameters(one) for one in model.by_number.values()} == {1_180_160, 2_360_064}


def test_modules_follow_from_arities():
    model = build()
    assert sorted(map(int, model.by_number)) == list(range(4, 44))
    for number, module in model.by_number.items():
        two = CLEVR_VOCABULARY.arities[int(number) - 4] == 2
        assert type(module) is (JoiningBlock if two else ResidualBlock)


@pytest.mark.parametrize(("settings", "names"), [({}, 0), ({"batch_norm": True}, 4 * 31 + 4 * 9)])
def test_normalisation_is_in_every_module_or_in_none(settings, names):
    model = build(**settings)
    assert sum(".bn" in name for name, _ in model.by_number.named_parameters()) == names


def test_without_residual_modules_do_not_pass_their_input_on():
    kept, dropped = (build(residual=residual).by_number["4"] for residual in (True, False))
    for block in (kept, dropped):
        block.to_empty(device="cpu")
        for parameter in block.parameters():
            torch.nn.init.zeros_(parameter)
    x = torch.rand(1, 128, 3, 3)
    assert torch.equal(kept(x), x)
    assert dropped(x).abs().max() == 0
