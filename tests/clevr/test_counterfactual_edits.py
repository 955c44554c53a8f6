from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from visreason.clevr.attributes import ATTRIBUTES, RADIUS
from visreason.clevr.camera import project, scene_camera
from visreason.clevr.counterfactual_edits import EDITS, MIN_MOVE, Edit, apply_edit, propose_edits, shows_all
from visreason.clevr.relations import DIRECTIONS, relationships
from visreason.clevr.sampling import EXTENT, MIN_GAP, MIN_MARGIN, MIN_VISIBLE, sample_scene, scene_rng
from visreason.clevr.scene import Scene, SceneObject
from visreason.clevr.visibility import visible_pixels

SEEDS = st.integers(0, 2**32)


def check_placement(scene: Scene) -> None:
    """CLEVR's rules of distance, by the plain formula, and what is stored of every place."""
    for i, one in enumerate(scene.objects):
        assert max(map(abs, one.position[:2])) <= EXTENT
        assert one.position[2] == pytest.approx(RADIUS[one.size], abs=1e-6)
        for other in scene.objects[:i]:
            offset = np.subtract(one.position[:2], other.position[:2])
            assert np.hypot(*offset) - RADIUS[one.size] - RADIUS[other.size] >= MIN_GAP - 1e-9
            assert all(
                abs(offset @ DIRECTIONS[name][:2]) >= MIN_MARGIN - 1e-9 for name in ("right", "behind")
            )
    seen = project([thing.position for thing in scene.objects], scene_camera(scene))
    stored = np.array([thing.pixel for thing in scene.objects])
    assert np.abs(seen[:, :2] - stored[:, :2]).max() <= 0.5 + 1e-3
    assert np.allclose(seen[:, 2], stored[:, 2], atol=1e-5)
    assert scene.relationships == relationships([thing.position for thing in scene.objects], scene.directions)


def untouched(scene: Scene, edit: Edit, *, after: bool) -> list[SceneObject]:
    """All objects but the edited one."""
    gone = edit.after if after else edit.before
    return [thing for i, thing in enumerate(scene.objects) if gone is None or i != edit.place]


def differing_fields(one: SceneObject, other: SceneObject) -> set[str]:
    return {name for name in one.__slots__ if getattr(one, name) != getattr(other, name)}


ALLOWED_FIELDS = {
    "move": {"position", "pixel"},
    "size": {"size", "position", "pixel"},
    **{name: {name} for name in ("color", "material", "shape")},
}


@settings(max_examples=60, deadline=None)
@given(SEEDS, st.sampled_from(EDITS))
def test_an_edit_changes_one_object_and_leaves_a_valid_scene(seed: int, kind: str) -> None:
    scene = sample_scene(scene_rng(seed, "val", 0), 0, "val", 3, 9)
    for _, edit in zip(range(3), propose_edits(kind, scene, np.random.default_rng(seed), 2), strict=False):
        edited = apply_edit(scene, edit)
        assert edit.kind == kind
        assert untouched(scene, edit, after=False) == untouched(edited, edit, after=True)
        assert len(edited) - len(scene) == {"add": 1, "remove": -1}.get(kind, 0)
        assert (edited.camera, edited.lamps, edited.directions) == (
            scene.camera,
            scene.lamps,
            scene.directions,
        )
        check_placement(edited)
        if edit.before is not None:
            assert scene.objects[edit.place] == edit.before
        if edit.after is not None:
            assert edited.objects[edit.place] == edit.after
        if edit.before is not None and edit.after is not None:
            changed = differing_fields(edit.before, edit.after)
            assert {"move": "position"}.get(kind, kind) in changed <= ALLOWED_FIELDS[kind]
        if kind == "move":
            assert np.hypot(*np.subtract(edit.before.position, edit.after.position)[:2]) >= MIN_MOVE
        assert shows_all(edited, edit) == (visible_pixels(edited).min() >= MIN_VISIBLE)


def test_attribute_values_and_removals_are_proposed_once_each() -> None:
    scene = sample_scene(scene_rng(0, "val", 1), 1, "val", 4, 4)
    for kind in ("color", "material", "shape"):
        found = list(propose_edits(kind, scene, np.random.default_rng(0)))
        targets = {(edit.place, getattr(edit.after, kind)) for edit in found}
        assert len(found) == len(targets) == 4 * (len(ATTRIBUTES[kind]) - 1)
    assert sorted(edit.place for edit in propose_edits("remove", scene, np.random.default_rng(0))) == [
        0,
        1,
        2,
        3,
    ]


def test_the_number_of_objects_keeps_its_limits() -> None:
    scene = sample_scene(scene_rng(0, "val", 1), 1, "val", 4, 4)
    assert list(propose_edits("remove", scene, np.random.default_rng(0), 4, 10)) == []
    assert list(propose_edits("add", scene, np.random.default_rng(0), 3, 4)) == []


def test_a_scene_without_camera_gets_the_one_its_depths_tell(real_scenes: list[Scene]) -> None:
    scene = real_scenes[0]
    edited = apply_edit(scene, next(propose_edits("remove", scene, np.random.default_rng(0))))
    assert scene.camera is None
    assert edited.camera == scene_camera(scene)
    check_placement(edited)


def test_what_a_record_says_beside_clevrs_keys_is_not_handed_on() -> None:
    """It may tell of the unedited picture, such as where its objects are seen."""
    scene = replace(sample_scene(scene_rng(0, "val", 2), 2, "val"), extra={"boxes": [1]})
    scene = replace(scene, objects=tuple(replace(thing, extra={"visible": 9}) for thing in scene.objects))
    edit = next(propose_edits("shape", scene, np.random.default_rng(0)))
    edited = apply_edit(scene, edit)
    assert edited.extra == {}
    assert [bool(thing.extra) for thing in edited.objects].count(False) == 1


@pytest.mark.parametrize("kind", EDITS)
def test_proposals_depend_on_the_random_numbers_alone(kind: str) -> None:
    scene = sample_scene(scene_rng(3, "val", 3), 3, "val", 5, 5)
    one, same, other = (list(propose_edits(kind, scene, np.random.default_rng(seed))) for seed in (0, 0, 1))
    assert one == same != other
