import pytest

from visreason.errors import UsageError
from visreason.models import MODELS
from visreason.tasks.recipes.kinds import READS, PixelInputs, QuestionInputs, StateInputs


def test_every_model_family_says_what_it_reads() -> None:
    assert set(MODELS) == set(READS)


def test_what_model_files_say_of_inputs_is_in_the_contracted_form() -> None:
    assert PixelInputs((128, 96), augment=True, render=False).to_meta() == {
        "kind": "pixels",
        "image_size": [128, 96],
    }
    state = {"kind": "state", "encoding": "onehot", "max_objects": 10}
    assert StateInputs("onehot", 10).to_meta() == state
    assert QuestionInputs().to_meta() == {"kind": "question"}


def test_values_out_of_range_are_errors_that_name_the_setting() -> None:
    with pytest.raises(UsageError, match=r"inputs.image_size must be at least 16"):
        PixelInputs((8, 128), augment=False, render=False)
    with pytest.raises(UsageError, match=r"inputs.render must be false where inputs.augment is true"):
        PixelInputs((128, 128), augment=True, render=True)
    with pytest.raises(UsageError, match=r"inputs.max_objects"):
        StateInputs("ordinal", 0)
