"""Tiny models of every family, and batches that all of them can read."""

from collections.abc import Callable
from typing import Any

import pytest
import torch

from visreason.nn.batch import Batch

PIXELS = {"kind": "pixels", "shape": [3, 64, 64], "channels": [4, 4, 4], "coordinates": True}
FEATURES = {"kind": "features", "shape": [5, 4, 6]}

LANGUAGE = {"functions": ("scene", "red", "count", "union", "less"), "arities": (0, 1, 1, 2, 2)}
TYPES = {
    "input_types": ((), ("set",), ("set",), ("set", "set"), ("number", "number")),
    "output_types": ("set", "set", "number", "set", "truth"),
    "answer_types": ("number", "truth"),
}
TOLD = {"referents": True, "context": True}
"""Engines whose functions are told what their inputs stand for."""

STACK = {
    "vocabulary_size": 20,
    "steps": 4,
    "dim": 8,
    "word_size": 5,
    "lstm_hidden": 8,
    "position_size": 4,
    "memory_size": 8,
    "answer_hidden": 9,
}
"""A tiny Stack Neural Module Network."""

PROGRAMS = ([8, 6, 7, 5, 4, 4, 6, 4], [6, 5, 4], [6, 7, 5, 4, 4], [6, 7, 4, 7, 5, 4, 5, 4])
"""The first calls every function."""

WRITE_AND_EXECUTE = ("iep", "module-memory-end-to-end")
"""Families that execute programs of their own: what a program does not use has no gradient."""

TINY: dict[str, tuple[str, dict[str, Any]]] = {
    "relation-network pixels": ("relation-network", {"conv_channels": (4, 4, 4, 4)}),
    "relation-network pixels, some cells": (  # 56 of 64: in bf16 another cell may come last, which is one of many then
        "relation-network",
        {"conv_channels": (4, 4, 6), "conv_strides": (2, 2, 2), "stem_widths": (5,), "attended_cells": 56},
    ),
    "relation-network pixels, two-stage": (
        "relation-network",
        {"conv_channels": (4, 4, 4), "injection_layer": 1},
    ),
    "relation-network state": ("relation-network", {"input": "state", "object_size": 7}),
    "relation-network state, two-stage": (
        "relation-network",
        {"input": "state", "object_size": 7, "injection_layer": 1, "aggregation": "mean"},
    ),
    "relation-network state, late question": (
        "relation-network",
        {"input": "state", "object_size": 7, "injection_layer": 2, "f_widths": ()},
    ),
    "relation-network state, learnt sum": (
        "relation-network",
        {
            "input": "state",
            "object_size": 7,
            "injection_layer": 3,
            "aggregation": "weighted-sum",
            "objects": 9,
        },
    ),
    "relation-network pixels, learnt sum": (
        "relation-network",
        {"conv_channels": (4, 4, 4, 4), "injection_layer": 4, "aggregation": "weighted-sum", "objects": 16},
    ),
    "question-only lstm": ("question-only", {}),
    "question-only bag": ("question-only", {"encoder": "bag"}),
    "question-only lstm, two layers": ("question-only", {"lstm_layers": 2, "batch_norm": True}),
    "cnn-lstm pixels": ("cnn-lstm", {"image": PIXELS, "projection": 4}),
    "cnn-lstm features": (
        "cnn-lstm",
        {
            "image": FEATURES,
            "projection": 4,
            "res_blocks": 1,
            "res_dim": 6,
            "pooling": "none",
            "batch_norm": True,
        },
    ),
    "stacked-attention pixels": ("stacked-attention", {"image": PIXELS}),
    "stacked-attention features": (
        "stacked-attention",
        {"image": FEATURES, "hops": 3, "share_hops": True, "stem_layers": 0, "residual": False},
    ),
    "stacked-attention words": (
        "stacked-attention",
        {"image": PIXELS, "reading": "words", "hops": 1, "residual": False, "skip_last": True},
    ),
    "module-network pixels": ("module-network", {"image": PIXELS}),
    "module-network features": (
        "module-network",
        {
            "image": FEATURES,
            "stem_layers": 1,
            "stem_batch_norm": True,
            "residual": False,
            "batch_norm": True,
            "joining": "3x3",
            "classifier_projection": None,
            "classifier_pooling": "none",
            "classifier_batch_norm": True,
        },
    ),
    "module-network context": ("module-network", {"image": FEATURES, **TOLD}),
    "module-memory": ("module-memory", {"image": PIXELS}),
    "module-memory overlapping": ("module-memory", {"image": FEATURES, "layout": "overlapping"}),
    "iep module network": ("iep", {"modules": {"image": PIXELS}}),
    "iep module memory": ("iep", {"memory": {"image": FEATURES}}),
    "module-memory-end-to-end soft": ("module-memory-end-to-end", {"memory": {"image": PIXELS}}),
    "module-memory-end-to-end soft, context": (
        "module-memory-end-to-end",
        {"memory": {"image": FEATURES, **TOLD}},
    ),
    "module-memory-end-to-end soft, overlapping": (
        "module-memory-end-to-end",
        {"memory": {"image": FEATURES, "layout": "overlapping", "initial": "published"}, "temperature": 0.5},
    ),
    "module-memory-end-to-end gumbel": (
        "module-memory-end-to-end",
        {"memory": {"image": FEATURES}, "decoder": "gumbel"},
    ),
    "module-memory-end-to-end hard": (
        "module-memory-end-to-end",
        {"memory": {"image": FEATURES}, "decoder": "hard"},
    ),
    "stack-nmn answers": ("stack-nmn", {"image": PIXELS, **STACK, "answer_count": 6}),
    "stack-nmn locates": ("stack-nmn", {"image": FEATURES, **STACK, "locate": {}}),
    "stack-nmn both": (
        "stack-nmn",
        {
            "image": FEATURES,
            **STACK,
            "answer_count": 6,
            "locate": {"scores": "convolution", "corners": "attended", "question": True},
            "pointer": "soft",
            "control": "states",
            "module_scores": "linear",
        },
    ),
    "program-generator lstm": ("program-generator", {}),
    "program-generator gru, words": (
        "program-generator",
        {"cell": "gru", "initial": "xavier", "word_attention": True, "grammar": True, **TYPES},
    ),
    "attribute-detector pixels": ("attribute-detector", {"image": PIXELS, "dim": 8}),
    "attribute-detector features": ("attribute-detector", {"image": FEATURES, "stem_layers": 0}),
    "relation-counter pixels": ("relation-counter", {"image": PIXELS, "dim": 8}),
    "relation-counter features": ("relation-counter", {"image": FEATURES, "stem_layers": 0}),
    "attribute-cnn": ("attribute-cnn", {"conv_channels": (4, 4), "hidden": 5}),
}
"""Name of the test case: family and settings."""


def settings_of(case: str) -> tuple[str, dict[str, Any]]:
    """A case's family and its whole tiny configuration."""
    family, settings = TINY[case]
    if family in ("attribute-cnn", "attribute-detector", "relation-counter", "stack-nmn"):
        return family, settings
    if family == "program-generator":
        return family, {**generator_settings(), **settings}
    if family in ("module-network", "module-memory"):
        return family, {**engine_settings(), **settings}
    if family in WRITE_AND_EXECUTE:
        engines = {
            name: {**engine_settings(), **settings[name]}
            for name in ("modules", "memory")
            if name in settings
        }
        generator = {**generator_settings(), **TYPES, "grammar": True}
        return family, {**settings, **engines, "generator": generator}
    small = {"vocabulary_size": 20, "answer_count": 6, "word_size": 5, "f_widths": (9, 10)}
    small |= {"dim": 8, "attention_hidden": 7} if family == "stacked-attention" else {"lstm_hidden": 8}
    if family == "relation-network":
        small["g_widths"] = (12, 14)
    return family, {**small, **settings}


def engine_settings() -> dict[str, Any]:
    """A tiny engine that executes programs."""
    sizes = {"answer_count": 6, "dim": 8, "classifier_projection": 10, "classifier_widths": (9,)}
    return {**LANGUAGE, **sizes}


def generator_settings() -> dict[str, Any]:
    """A tiny program generator."""
    return {"vocabulary_size": 20, **LANGUAGE, "word_size": 5, "hidden": 8, "longest": 9}


@pytest.fixture(params=TINY)
def case(request: pytest.FixtureRequest) -> tuple[str, dict[str, Any]]:
    """Every family in turn, with its configuration."""
    return settings_of(request.param)


@pytest.fixture
def tiny_families() -> set[str]:
    """The families that have a tiny model."""
    return {family for family, _ in TINY.values()}


@pytest.fixture
def executes_its_own(case: tuple[str, dict[str, Any]]) -> bool:
    """Whether the family executes programs that it wrote."""
    return case[0] in WRITE_AND_EXECUTE


@pytest.fixture
def make_batch() -> Callable[[int], Batch]:
    """Batches of any number of questions, the same ones in front."""

    def make(count: int) -> Batch:
        numbers = torch.Generator().manual_seed(3)
        lengths = torch.randint(2, 9, (16,), generator=numbers)
        tokens = torch.randint(1, 21, (16, 8), generator=numbers)
        present = torch.arange(6) < torch.randint(2, 7, (16, 1), generator=numbers)
        return Batch(
            tokens=torch.where(torch.arange(8) < lengths[:, None], tokens, 0)[:count],
            lengths=lengths[:count],
            images=torch.rand(16, 3, 64, 64, generator=numbers)[:count],
            features=torch.rand(16, 5, 4, 6, generator=numbers)[:count],
            objects=torch.randn(16, 6, 7, generator=numbers)[:count] * present[:count, :, None],
            object_mask=present[:count],
            answers=torch.randint(0, 6, (16,), generator=numbers)[:count],
            programs=torch.tensor([row + [0] * (9 - len(row)) for row in PROGRAMS * 4])[:count],
            attributes=torch.randint(0, 2, (16, 15), generator=numbers)[:count].float(),
        )

    return make
