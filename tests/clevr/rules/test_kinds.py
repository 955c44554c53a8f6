import pickle

import pytest

from visreason.clevr.rules import Cogent, Families, ObjectCount, Pairs, Rule, parse_rule
from visreason.clevr.sampling import Attributes

RED_CUBE = Attributes("large", "red", "metal", "cube")
BLUE_CUBE = Attributes("large", "blue", "metal", "cube")
RED_BALL = Attributes("small", "red", "rubber", "sphere")


@pytest.mark.parametrize(
    ("text", "objects"),
    [
        ("cogent=A", [False, True, True]),
        ("cogent=B", [True, False, True]),
        ("pairs!=red+cube", [False, True, True]),
        ("pairs!=red+cube,small+rubber", [False, True, False]),
        ("pairs=red+cube", [True, True, True]),
        ("objects=3", [True, True, True]),
    ],
)
def test_objects(text: str, objects: list[bool]) -> None:
    assert [parse_rule(text).allows_object(thing) for thing in (RED_CUBE, BLUE_CUBE, RED_BALL)] == objects


def test_scenes() -> None:
    assert ObjectCount(1, 2).allows_scene([RED_CUBE])
    assert not ObjectCount(1, 2).allows_scene([RED_CUBE] * 3)
    wanted = Pairs((("red", "cube"),), held_out=False)
    assert wanted.allows_scene([BLUE_CUBE, RED_CUBE])
    assert not wanted.allows_scene([BLUE_CUBE, RED_BALL])


def test_families() -> None:
    only, without = Families(frozenset({3})), Families(frozenset({3}), held_out=True)
    assert [only.allows_family(number) for number in (3, 4, None)] == [True, False, False]
    assert [without.allows_family(number) for number in (3, 4, None)] == [False, True, False]


@pytest.mark.parametrize("rule", [Cogent("A"), ObjectCount(3, 4), parse_rule("relations!=left+red")])
def test_rules_travel_to_other_processes(rule: Rule) -> None:
    assert pickle.loads(pickle.dumps(rule)) == rule
