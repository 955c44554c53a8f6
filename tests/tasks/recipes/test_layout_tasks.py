"""What recipes of Stack Neural Module Networks may say."""

import pytest

from visreason.errors import UsageError
from visreason.nn.reconstruction import ReconstructionConfig
from visreason.tasks.recipes.layout_tasks import JointTask, StackAnsweringTask
from visreason.tasks.recipes.model_settings import model_config
from visreason.zoo.catalogue import load_recipe

META = {
    "inputs": {"kind": "pixels", "image_size": [64, 96]},
    "vocabulary": {"words": ["a", "b"], "answers": ["yes", "no"]},
    "frame": [64, 96],
}


def task(**changes):
    settings = {"layout_weight": 1.0, "sharpen_weight": 0.1, "sharpen_kind": "entropy"}
    return StackAnsweringTask(**(settings | {"sharpen_begin": 10, "sharpen_end": 20} | changes))


def test_the_sharpening_loss_rises():
    assert [task().sharpening_at(step) for step in (0, 10, 15, 20, 99)] == [0, 0, 0.05, 0.1, 0.1]


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("layout_weight", -1),
        ("sharpen_weight", -0.1),
        ("sharpen_begin", -1),
        ("sharpen_end", 10),
        ("reconstruct_weight", -1),
    ],
)
def test_a_setting_out_of_range_is_named(setting, value):
    with pytest.raises(UsageError, match=rf"task\.{setting} must be"):
        task(**{setting: value})


def test_the_published_sharpening_that_ends_before_it_begins_is_refused():
    with pytest.raises(UsageError, match=r"task\.sharpen_end must be above task.sharpen_begin"):
        load_recipe("snmn-joint-scratch", {"task.sharpen_begin": 160000, "task.sharpen_end": 150000})


def test_boxes_weigh_something():
    with pytest.raises(UsageError, match=r"task\.corner_weight"):
        JointTask(1.0, 0.0, "entropy", 0, 1, place_weight=1.0, corner_weight=0.0)


@pytest.mark.parametrize(
    ("name", "answers", "locates"),
    [("snmn-quick", 2, False), ("snmn-loc-quick", None, True), ("snmn-joint-layout", 2, True)],
)
def test_the_task_decides_what_the_network_says(name, answers, locates):
    config = model_config(load_recipe(name), META)
    assert config.answer_count == answers
    assert (config.locate is not None) == locates
    assert config.locate is None or config.locate.frame == (64, 96)


def test_a_task_and_a_network_that_do_not_fit_are_refused():
    with pytest.raises(UsageError, match=r"model\.locate must be null for stack-answering"):
        load_recipe("snmn-quick", {"model.locate.scores": "affine"})
    with pytest.raises(UsageError, match=r"model\.locate must be the location head's settings"):
        load_recipe("snmn-loc-quick", {"model.locate": None})
    with pytest.raises(UsageError, match=r"inputs\.augment must be false where boxes are learnt"):
        load_recipe("snmn-loc-quick", {"inputs.augment": True})


def test_objects_of_steps_need_true_layouts_a_reader_and_images_that_stay():
    weight, told = {"task.referent_weight": 0.3}, {"model.referents": True}
    for name in ("snmn-quick", "snmn-loc-quick", "snmn-joint-layout"):
        assert load_recipe(name, weight | told | {"inputs.augment": False}).task.referent_weight == 0.3
    for name, more, message in (
        ("snmn-quick", {}, r"task\.referent_weight must be 0 where model\.referents is not true"),
        ("snmn-quick-scratch", told, r"task\.referent_weight must be 0 where task\.layout_weight is 0"),
        ("snmn-quick", told | {"task.referent_weight": -1.0}, r"task\.referent_weight must be 0 or more"),
        (
            "snmn-quick",
            told | {"inputs.augment": True},
            r"inputs\.augment must be false where the places of obj",
        ),
        ("snmn-loc-scratch", told, r"task\.referent_weight must be 0 where task\.layout_weight is 0"),
    ):
        with pytest.raises(UsageError, match=message):
            load_recipe(name, weight | more)


def test_texts_are_told_again_by_a_part_of_the_network_with_a_weight_or_not_at_all():
    with pytest.raises(UsageError, match=r"task\.reconstruct_weight must be above 0 just where"):
        load_recipe("snmn-quick", {"model.reconstruct.hidden": 8})
    with pytest.raises(UsageError, match=r"task\.reconstruct_weight must be above 0 just where"):
        load_recipe("snmn-quick", {"task.reconstruct_weight": 1.0})
    recipe = load_recipe("snmn-quick", {"task.reconstruct_weight": 1.0, "model.reconstruct.reads": "modules"})
    assert model_config(recipe, META).reconstruct == ReconstructionConfig(hidden=512, reads="modules")
    assert model_config(load_recipe("snmn-quick"), META).reconstruct is None
