import shlex

import pytest

from visreason.clevr.rules import Rules
from visreason.cli.main import load_verb
from visreason.cli.parser import build_parser
from visreason.data.region_world import RegionSplit
from visreason.data.sort_of_clevr import SortOfClevrSplit
from visreason.data.split_order import SplitOrder
from visreason.data.world_split import WorldSplit
from visreason.zoo.data_words import made_command


@pytest.mark.parametrize(
    "wanted",
    [
        WorldSplit("test", 7, 4, (96, 64), masks=True, seed=3, only=Rules.parse(["cogent=A", "depth<=4"])),
        WorldSplit("test", 7, images=False, refexps_per_scene=2),
        SortOfClevrSplit("test", 5, 4, 2),
        RegionSplit("test", 6, 96, 4),
    ],
)
def test_the_command_asks_for_what_was_made(wanted: SplitOrder) -> None:
    command = made_command("w", wanted.split, wanted.arguments())
    assert command is not None
    _, verb, *words = shlex.split(command)
    told = vars(build_parser(verb, load_verb(verb)).parse_args(words))
    for name, value in wanted.arguments().items():
        if name == "only":
            assert sorted(told["only"] or ()) == sorted(value)
        elif name == "image_size" and isinstance(value, list):
            assert told[name] == "x".join(map(str, value))
        elif name == "images" and isinstance(value, bool):
            assert told["no_images"] is not value
        elif name in told and value is not None:
            assert told[name] == value
