"""What the four families can be set to."""

from dataclasses import fields, replace

import pytest

from visreason.errors import VisreasonError
from visreason.models import config_from_dict
from visreason.models.region_config import (
    RegionBaselineConfig,
    RegionFullConfig,
    RegionGlobalConfig,
    RegionLocalConfig,
)

CONFIGS = (RegionBaselineConfig, RegionLocalConfig, RegionGlobalConfig, RegionFullConfig)


def test_settings_that_families_share_have_one_default():
    known = {}
    for config in CONFIGS:
        for one in fields(config):
            assert known.setdefault(one.name, one.default) == one.default, one.name


def test_the_whole_network_has_every_setting_of_its_parts():
    names = [{one.name for one in fields(config)} for config in CONFIGS]
    assert names[3] == set.union(*names) | {"cross_feed"}
    assert names[0] == set.intersection(*names)


def test_the_defaults_are_the_published_sizes():
    full = RegionFullConfig(class_count=1485)
    assert (full.memory.size, full.memory.hidden, full.memory.start) == (512, 4096, 20)
    assert (full.graph.size, full.graph.layers, full.graph.reach) == (512, 3, 50.0)
    assert (full.trunk.crop, full.iterations, full.compat) == (7, 2, "official")


@pytest.mark.parametrize("family", [RegionLocalConfig, RegionFullConfig])
def test_a_compat_that_nobody_has_is_refused(family):
    for compat in ("paper", "official", "port"):
        read = config_from_dict(family, {"class_count": 5, "compat": compat}, "model")
        assert read == replace(family(class_count=5), compat=compat)
    with pytest.raises(VisreasonError, match=r"model.*compat.*'seed'"):
        config_from_dict(family, {"class_count": 5, "compat": "seed"}, "model")


def test_a_graph_has_no_details_to_choose_between():
    with pytest.raises(VisreasonError, match="compat"):
        config_from_dict(RegionGlobalConfig, {"class_count": 5, "compat": "paper"}, "model")
