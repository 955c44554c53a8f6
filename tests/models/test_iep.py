"""IEP: a generator and one engine, of one language."""

import pytest

from visreason.errors import ModelError
from visreason.models import Iep, IepConfig, ModuleMemory, ModuleNetwork, build_model, config_from_dict

from .conftest import FEATURES, engine_settings, generator_settings


def settings(*engines: str) -> dict:
    parts = {name: {**engine_settings(), "image": FEATURES} for name in engines}
    return {"generator": generator_settings(), **parts}


@pytest.mark.parametrize(("engine", "kind"), [("modules", ModuleNetwork), ("memory", ModuleMemory)])
def test_the_engine_is_the_one_that_is_configured(engine, kind):
    assert type(build_model("iep", settings(engine)).engine) is kind


@pytest.mark.parametrize("engines", [(), ("modules", "memory")])
def test_one_engine_is_needed(engines):
    with pytest.raises(ModelError, match="either 'modules' or 'memory'"):
        build_model("iep", settings(*engines))


def test_both_parts_speak_one_language():
    other = settings("modules")
    other["modules"] |= {"functions": ("scene", "red", "count", "union", "more")}
    with pytest.raises(ModelError, match="the engine executes"):
        Iep(config_from_dict(IepConfig, other, "here"))
