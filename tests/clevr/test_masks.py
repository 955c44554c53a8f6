from hypothesis import given
from hypothesis import strategies as st

from visreason.clevr.attributes import ATTRIBUTES, RELATIONS
from visreason.clevr.masks import SceneMasks, indices
from visreason.clevr.scene import Scene


@given(st.sets(st.integers(0, 80)))
def test_indices_undo_the_bits(members: set[int]) -> None:
    assert indices(sum(1 << member for member in members)) == tuple(sorted(members))


def test_masks_say_what_the_scene_says(made_scenes: list[Scene]) -> None:
    for scene in made_scenes:
        masks = SceneMasks(scene)
        everyone = range(len(scene))
        assert indices(masks.all) == tuple(everyone)
        for name, words in ATTRIBUTES.items():
            own = [getattr(thing, name) for thing in scene.objects]
            assert list(masks.attribute[name]) == own
            for word in words:
                assert indices(masks.value[name][word]) == tuple(i for i in everyone if own[i] == word)
            for i in everyone:
                others = tuple(j for j in everyone if j != i and own[j] == own[i])
                assert indices(masks.same[name][i]) == others
        for name in RELATIONS:
            assert tuple(map(indices, masks.relation[name])) == scene.relationships[name]


def test_with_margins_opposite_relations_share_out_everyone_else(made_scenes: list[Scene]) -> None:
    for scene in made_scenes:
        masks = SceneMasks(scene)
        for i in range(len(scene)):
            others = masks.all & ~(1 << i)
            for one, opposite in (("left", "right"), ("behind", "front")):
                assert masks.relation[one][i] ^ masks.relation[opposite][i] == others
