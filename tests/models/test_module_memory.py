"""Module memories: the published size, and a start from which they learn."""

import pytest
import torch
from torch.nn import functional

from visreason.data.vocabulary import CLEVR_VOCABULARY
from visreason.models import ModuleMemory, ModuleMemoryConfig
from visreason.nn.batch import Batch
from visreason.nn.image_encoder import ImageEncoderConfig

CLEVR = {"functions": CLEVR_VOCABULARY.functions, "arities": CLEVR_VOCABULARY.arities}
RESNET = ImageEncoderConfig(kind="features", shape=(1024, 14, 14))


def parameters(module):
    return sum(one.numel() for one in module.parameters())


def test_the_published_network_has_its_size():
    with torch.device("meta"):
        model = ModuleMemory(ModuleMemoryConfig(image=RESNET, answer_count=32, **CLEVR))
    assert parameters(model) == 86_607_904
    assert tuple(model.memory.one_input.shape) == (31, 1_179_648)
    assert tuple(model.memory.two_inputs.shape) == (9, 2_359_296)


def test_the_end_to_end_memory_has_its_published_size():
    config = ModuleMemoryConfig(image=RESNET, answer_count=32, layout="overlapping", **CLEVR)
    with torch.device("meta"):
        model = ModuleMemory(config)
    assert parameters(model.memory) == 103_809_024
    assert parameters(model) + 1_895_608 == 134_509_784  # with the generator


def comparisons(count=64):
    """Is the first channel's brighter cell brighter than the second's? A program of two inputs."""
    numbers = torch.Generator().manual_seed(2)
    features = torch.rand(count, 2, 2, 2, generator=numbers)
    brightest = features.flatten(2).amax(2)
    return Batch(
        tokens=torch.ones(count, 1),
        lengths=torch.ones(count),
        features=features,
        programs=torch.tensor([[7, 5, 4, 6, 4]]).expand(count, -1),
        answers=(brightest[:, 0] > brightest[:, 1]).long(),
    )


def loss_after(initial, steps=60):
    torch.manual_seed(0)
    model = ModuleMemory(
        ModuleMemoryConfig(
            image=ImageEncoderConfig(kind="features", shape=(2, 2, 2)),
            functions=("scene", "first", "second", "more"),
            arities=(0, 1, 1, 2),
            answer_count=2,
            dim=16,
            classifier_projection=8,
            classifier_widths=(8,),
            initial=initial,
        )
    )
    batch, optimizer = comparisons(), torch.optim.Adam(model.parameters(), 3e-3)
    for _ in range(steps):
        loss = functional.cross_entropy(model(batch).logits, batch.answers)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return loss.item()


@pytest.mark.parametrize("initial", ["fan-in", "published"])
def test_either_start_learns_what_needs_two_inputs(initial):
    assert loss_after(initial) < 0.2


@pytest.mark.parametrize("layout", ["per-arity", "overlapping"])
def test_rows_that_no_program_reads_do_not_move(layout):
    config = ModuleMemoryConfig(
        image=ImageEncoderConfig(kind="features", shape=(2, 2, 2)),
        functions=("scene", "first", "second", "more"),
        arities=(0, 1, 1, 2),
        answer_count=2,
        dim=4,
        layout=layout,
    )
    model, batch = ModuleMemory(config), comparisons(4)
    batch.programs = torch.tensor([[5, 4]]).expand(4, -1)
    model(batch).logits.square().sum().backward()
    slopes = [one.grad for one in model.memory.parameters() if one.grad is not None]
    assert sum(int(row.abs().sum() > 0) for slope in slopes for row in slope) == 2
