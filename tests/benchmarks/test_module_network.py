import importlib

import torch

from visreason.benchmarks.module_network import ENGINE, calls


def test_the_published_network_is_measured_on_separate_and_on_shared_images():
    with torch.device("meta"):
        model = ENGINE.build()
    assert sum(one.numel() for one in model.parameters()) == 40_400_800 - 4 * 295_168 - 4 * 1025
    assert {(case.questions, case.per_image) for case in ENGINE.cases} == {(64, 1), (64, 8)}
    assert importlib.import_module(ENGINE.module).ENGINE is ENGINE


def test_calls_are_few():
    row = calls(questions=16)
    alone = int(row.unit.removesuffix(")").split()[-1])
    assert 0 < row.value < alone / 2
