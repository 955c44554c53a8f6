import importlib

import torch

from visreason.benchmarks.module_memory import ENGINE, literally
from visreason.models import ModuleMemory, ModuleMemoryConfig
from visreason.nn.image_encoder import ImageEncoderConfig


def test_the_published_network_is_measured():
    with torch.device("meta"):
        model = ENGINE.build()
    assert sum(one.numel() for one in model.parameters()) == 86_607_904 - 4 * 1025
    assert importlib.import_module(ENGINE.module).ENGINE is ENGINE


def test_literally_a_function_reads_the_whole_matrix(monkeypatch):
    see = ImageEncoderConfig(kind="features", shape=(3, 4, 4))
    language = {"functions": ("scene", "red", "union"), "arities": (0, 1, 2)}
    model = ModuleMemory(ModuleMemoryConfig(image=see, answer_count=2, dim=4, **language))
    products, multiply = [], torch.Tensor.__matmul__
    monkeypatch.setattr(
        torch.Tensor, "__matmul__", lambda one, other: products.append(other.shape) or multiply(one, other)
    )
    apply, x = literally(model), torch.rand(1, 4, 2, 2)
    torch.testing.assert_close(apply(5, (x,)), model.modules_for_a_step()(5, (x,)))
    torch.testing.assert_close(apply(6, (x, x)), model.modules_for_a_step()(6, (x, x)))
    assert products == [model.memory.one_input.shape, model.memory.two_inputs.shape]
