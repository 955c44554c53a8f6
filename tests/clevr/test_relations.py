import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from visreason.clevr.attributes import RELATIONS
from visreason.clevr.relations import DIRECTIONS, EPSILON, relationships
from visreason.clevr.scene import Scene

POINTS = st.lists(st.tuples(*[st.floats(-3, 3)] * 3), max_size=8)


def test_relations_of_all_real_scenes_are_recomputed(real_scenes: list[Scene]) -> None:
    for scene in real_scenes:
        positions = [thing.position for thing in scene.objects]
        assert relationships(positions, scene.directions) == scene.relationships


def test_directions_are_those_of_all_real_scenes(real_scenes: list[Scene]) -> None:
    assert all(scene.directions == DIRECTIONS for scene in real_scenes)


@given(POINTS)
def test_relations_are_what_the_formula_says(points: list[tuple[float, float, float]]) -> None:
    found = relationships(points)
    assert set(found) == set(RELATIONS)
    for name, rows in found.items():
        assert rows == tuple(
            tuple(j for j, q in enumerate(points) if np.dot(np.subtract(q, p), DIRECTIONS[name]) > EPSILON)
            for p in points
        )


@given(POINTS)
def test_opposite_relations_mirror_each_other(points: list[tuple[float, float, float]]) -> None:
    found = relationships(points)
    for one, opposite in (("left", "right"), ("behind", "front")):
        pairs = {(i, j) for i, row in enumerate(found[one]) for j in row}
        assert pairs == {(j, i) for i, row in enumerate(found[opposite]) for j in row}
        assert not any((j, i) in pairs for i, j in pairs)
