import pytest
from torch import nn

from visreason.errors import ModelError
from visreason.models import AttributeCnnConfig, build_model, family_of


def test_unknown_family_lists_the_known_ones():
    with pytest.raises(ModelError, match=r"no model family 'rn'.*relation-network"):
        build_model("rn", {})


def test_configuration_of_another_family_is_refused():
    with pytest.raises(ModelError, match="QuestionOnlyConfig, not from a AttributeCnnConfig"):
        build_model("question-only", AttributeCnnConfig())


def test_a_foreign_module_has_no_family():
    with pytest.raises(ModelError, match="Linear belongs to no model family"):
        family_of(nn.Linear(1, 1))
