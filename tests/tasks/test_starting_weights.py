from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from visreason.data.vocabulary import CLEVR_VOCABULARY, Vocabulary
from visreason.errors import ModelError
from visreason.models import build_model, save_model
from visreason.tasks.loading import load_any
from visreason.tasks.recipes.sections import ModelInit
from visreason.tasks.starting_weights import copy_parts, engine_of, generator_of, image_network

LANGUAGE = {"functions": CLEVR_VOCABULARY.functions, "arities": CLEVR_VOCABULARY.arities}
SEES = {"kind": "pixels", "shape": [3, 16, 16], "channels": [4]}
WRITES: dict[str, Any] = {"vocabulary_size": 82, **LANGUAGE, "hidden": 8, "word_size": 4}
EXECUTES: dict[str, Any] = {
    **LANGUAGE, "image": SEES, "answer_count": 28, "dim": 4, "classifier_widths": [8], "classifier_projection": 4,
}  # fmt: skip
META = {"vocabulary": CLEVR_VOCABULARY.to_dict(), "inputs": {"kind": "pixels", "image_size": [16, 16]}}
NOTHING = ModelInit(conv_from=None)


def saved(folder: Path, name: str, family: str, config: Any, meta: Any = META) -> tuple[str, nn.Module]:
    """A model file of fresh weights."""
    model = build_model(family, config)
    save_model(folder / f"{name}.safetensors", model, meta)
    return str(folder / f"{name}.safetensors"), model


def same(one: nn.Module | None, other: nn.Module | None) -> bool:
    assert one is not None
    assert other is not None
    ours, theirs = one.state_dict(), other.state_dict()
    return all(torch.equal(ours[name], theirs[name]) for name in theirs) and ours.keys() == theirs.keys()


def iep(**changes: Any) -> nn.Module:
    return build_model("iep", {"generator": WRITES, "modules": EXECUTES | changes})


def test_both_parts_come_from_models_of_their_own(tmp_path: Path) -> None:
    generator, writes = saved(tmp_path, "generator", "program-generator", WRITES)
    engine, executes = saved(tmp_path, "engine", "module-network", EXECUTES)
    model = iep()
    copy_parts(model, ModelInit(None, generator_from=generator, engine_from=engine), META)
    assert same(generator_of(model), writes)
    assert same(engine_of(model), executes)


def test_a_shipped_model_is_gone_on_with_by_its_name() -> None:
    shipped = load_any("rn-quick")
    own = build_model(shipped.family, shipped.config)
    copy_parts(own, ModelInit(None, model_from="rn-quick"), shipped.meta)
    assert same(own, shipped.model)


def test_a_part_may_be_taken_out_of_a_whole_and_put_into_another(tmp_path: Path) -> None:
    whole, source = saved(tmp_path, "iep", "iep", {"generator": WRITES, "memory": EXECUTES})
    joint = build_model("module-memory-end-to-end", {"generator": WRITES, "memory": EXECUTES})
    copy_parts(joint, ModelInit(None, generator_from=whole, engine_from=whole), META)
    assert same(generator_of(joint), generator_of(source))
    assert same(engine_of(joint), engine_of(source))
    alone = build_model("program-generator", WRITES)
    copy_parts(alone, ModelInit(None, generator_from=whole), META)
    assert same(alone, generator_of(source))


def test_an_image_network_comes_from_any_model_that_sees_pixels(tmp_path: Path) -> None:
    source, attributes = saved(tmp_path, "cnn", "attribute-cnn", {"conv_channels": [4]}, {})
    model = iep()
    copy_parts(model, ModelInit(conv_from=source), META)
    assert same(image_network(model), image_network(attributes))
    relations = {"vocabulary_size": 3, "answer_count": 2, "conv_channels": [4]}
    copy_parts(build_model("relation-network", relations), ModelInit(conv_from=source), META)


@pytest.mark.parametrize("kind", ["modules", "memory"])
def test_what_changes_nothing_as_it_begins_may_be_added(kind: str, tmp_path: Path) -> None:
    plain = EXECUTES | {"referents": True}
    source, before = saved(tmp_path, "iep", "iep", {"generator": WRITES, kind: plain})
    settings = {"generator": WRITES, kind: plain | {"context": True}}
    for init in (
        ModelInit(None, model_from=source),
        ModelInit(None, generator_from=source, engine_from=source),
    ):
        model = build_model("iep", settings)
        copy_parts(model, init, META)
        added = model.state_dict().keys() - before.state_dict().keys()
        assert added
        assert all(".context" in name for name in added)
        assert all(
            torch.equal(model.state_dict()[name], value) for name, value in before.state_dict().items()
        )
    with_it, _ = saved(tmp_path, "with", "iep", settings)
    with pytest.raises(ModelError, match=r"\.context.* and missing here"):
        copy_parts(
            build_model("iep", {"generator": WRITES, kind: plain}),
            ModelInit(None, model_from=with_it),
            META,
        )


def test_nothing_named_changes_nothing() -> None:
    model = iep()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    copy_parts(model, NOTHING, META)
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())


@pytest.mark.parametrize(
    ("family", "config", "setting", "message"),
    [
        ("attribute-cnn", {"conv_channels": [4]}, "generator_from", "it is a AttributeCnn"),
        ("program-generator", WRITES, "engine_from", "has no execution engine"),
        ("program-generator", WRITES, "conv_from", "has no image network"),
        ("program-generator", WRITES | {"hidden": 9}, "generator_from", r"is 36x4 there and 32x4 here"),
        ("module-memory", EXECUTES, "engine_from", "is missing there"),
        ("module-network", EXECUTES | {"dim": 5}, "engine_from", "has other sizes"),
    ],
)
def test_a_part_that_is_lacking_or_of_another_size_is_named(
    family: str, config: Any, setting: str, message: str, tmp_path: Path
) -> None:
    source, _ = saved(tmp_path, "source", family, config)
    with pytest.raises(ModelError, match=rf"model_init.{setting}: .*{message}"):
        copy_parts(iep(), ModelInit(**{"conv_from": None, setting: source}), META)


def test_a_checkpoint_of_another_vocabulary_is_refused(tmp_path: Path) -> None:
    words = (*CLEVR_VOCABULARY.words[:-1], "wat")
    answers = ("maybe", *CLEVR_VOCABULARY.answers[1:])
    for setting, family, config, other, message in (
        ("generator_from", "program-generator", WRITES, Vocabulary(words, CLEVR_VOCABULARY.answers),
         r"other words than this data: number 82 is 'wat' there"),
        ("engine_from", "module-network", EXECUTES, Vocabulary(CLEVR_VOCABULARY.words, answers),
         r"other answers than this data: number 1 is 'maybe' there"),
    ):  # fmt: skip
        source, _ = saved(tmp_path, family, family, config, META | {"vocabulary": other.to_dict()})
        with pytest.raises(ModelError, match=message):
            copy_parts(iep(), ModelInit(**{"conv_from": None, setting: source}), META)
    bare, _ = saved(tmp_path, "bare", "program-generator", WRITES, {})
    with pytest.raises(ModelError, match="does not say which words"):
        copy_parts(iep(), ModelInit(None, generator_from=bare), META)


def test_a_whole_model_goes_on_where_another_was_left(tmp_path: Path) -> None:
    source, trained = saved(tmp_path, "lesson", "iep", {"generator": WRITES, "modules": EXECUTES})
    model = iep()
    assert not same(model, trained)
    copy_parts(model, ModelInit(None, model_from=source), META)
    assert same(model, trained)
    with pytest.raises(ModelError, match=r"model_init\.model_from: .* has other sizes .* is 8.* there and 6"):
        copy_parts(iep(classifier_widths=[6]), ModelInit(None, model_from=source), META)
    with pytest.raises(ModelError, match=r"model_init\.model_from: .* is a Iep, and .* a ProgramGenerator"):
        copy_parts(build_model("program-generator", WRITES), ModelInit(None, model_from=source), META)


def test_a_model_without_words_goes_on_too(tmp_path: Path) -> None:
    config = {"image": SEES, "value_counts": [2, 8, 3, 2], "dim": 4}
    seen = {"inputs": META["inputs"]}
    source, trained = saved(tmp_path, "eyes", "attribute-detector", config, seen)
    model = build_model("attribute-detector", config)
    assert not same(model, trained)
    copy_parts(model, ModelInit(None, model_from=source), seen)
    assert same(model, trained)


def test_the_classes_of_both_models_have_to_be_the_same(tmp_path: Path) -> None:
    config = {"image": SEES, "value_counts": [2], "dim": 4}
    source, _ = saved(tmp_path, "other", "attribute-detector", config, {"classes": ["cup", "dog"]})
    with pytest.raises(
        ModelError, match="knows other classes than this data: number 2 is 'dog' there and 'cat' here"
    ):
        copy_parts(
            build_model("attribute-detector", config),
            ModelInit(None, model_from=source),
            {"classes": ["cup", "cat"]},
        )
