from dataclasses import dataclass

import pytest

from visreason.errors import ModelError
from visreason.models import QuestionOnlyConfig, RelationNetworkConfig, config_from_dict, config_to_dict

GIVEN = {"vocabulary_size": 82, "answer_count": 28}


def test_lists_become_tuples_and_whole_numbers_fractions():
    config = config_from_dict(
        RelationNetworkConfig, {**GIVEN, "g_widths": [8, 9], "dropout": 0, "pad_to": None}, ""
    )
    assert config.g_widths == (8, 9)
    assert type(config.dropout) is float
    assert config.pad_to is None


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({**GIVEN, "g_width": [8]}, "recipe.yaml: .* no setting 'g_width'; did you mean 'g_widths'"),
        ({"vocabulary_size": 82}, "needs the setting 'answer_count'"),
        ({**GIVEN, "input": "sound"}, "input is 'sound'; choose one of 'pixels', 'state'"),
        ({**GIVEN, "g_widths": 8}, "g_widths is 8; give a list of int"),
        ({**GIVEN, "g_widths": ["a"]}, "g_widths is 'a'; give int"),
        ({**GIVEN, "reverse": 1}, "reverse is 1; give bool"),
        ({**GIVEN, "pad_to": "long"}, "pad_to is 'long'; give int"),
    ],
)
def test_what_does_not_fit_is_named(values, message):
    with pytest.raises(ModelError, match=message):
        config_from_dict(RelationNetworkConfig, values, "recipe.yaml")


@dataclass(frozen=True)
class Outer:
    inner: QuestionOnlyConfig
    other: QuestionOnlyConfig | None = None


def test_configurations_within_configurations_travel_as_mappings():
    outer = Outer(QuestionOnlyConfig(vocabulary_size=3, answer_count=2, f_widths=(4,)))
    record = config_to_dict(outer)
    assert record["inner"]["f_widths"] == [4]
    assert record["other"] is None
    assert config_from_dict(Outer, record, "here") == outer
    with pytest.raises(
        ModelError, match="here: inner: QuestionOnlyConfig has no setting 'f_width'; did you mean"
    ):
        config_from_dict(Outer, {"inner": {"f_width": [4]}}, "here")
