import numpy as np
import pytest

from visreason.trace.links import find_links, find_spots, pair_weights, region_weights, scaled_spots
from visreason.trace.schema import Step, table


def test_cells_gather_into_the_things_they_cover(grid):
    spots = find_spots(grid.steps[1])
    assert {45, 46} <= set(spots[0].members)  # the strongest: cell 45, to which its neighbour belongs
    assert spots[0].x == pytest.approx(16 * 5 + 0.5, abs=6)
    owner = {member: index for index, spot in enumerate(spots) for member in spot.members}
    assert len({owner[45], owner[18], owner[51]}) == 3
    members = [member for spot in spots for member in spot.members]
    assert len(members) == len(set(members))


def test_links_add_up_both_orders_of_all_pairs_between_two_spots(grid):
    step = grid.steps[1]
    spots = find_spots(step)
    owner = {member: index for index, spot in enumerate(spots) for member in spot.members}
    links = find_links(step, spots)
    strongest = links[0]
    assert {strongest.first, strongest.second} == {owner[18], owner[45]}
    assert strongest.weight == pytest.approx(5.0 - 3 * 0.01, abs=0.02)
    against = next(link for link in links if link.weight < 0)
    assert {against.first, against.second} == {owner[18], owner[51]}


def test_cells_on_the_images_edge_make_no_spot(grid):
    pairs = np.asarray(grid.steps[1].pairs).copy()
    pairs[3, :] = pairs[24, :] = 9.0  # row 0; column 0
    step = Step(name="relations", pairs=table(pairs), cells=(8, 8), anchors=grid.steps[1].anchors)
    members = {member for spot in find_spots(step) for member in spot.members}
    assert members.isdisjoint({3, 24})


def test_what_floor_contributes_is_taken_off_by_row(grid):
    step = grid.steps[1]
    lifted = np.asarray(step.regions).reshape(8, 8) + np.arange(8)[:, None]
    other = Step(name="relations", regions=tuple(lifted.ravel()), cells=(8, 8), anchors=step.anchors)
    assert region_weights(other) == pytest.approx(region_weights(step))


def test_objects_are_kept_as_they_are(objects):
    step = objects.steps[0]
    spots = find_spots(step)
    assert [(spot.x, spot.y, spot.members) for spot in spots] == [
        (100.0, 100.0, (0,)),
        (300.0, 200.0, (1,)),
        (400.0, 50.0, (2,)),
    ]
    assert [spot.weight for spot in spots] == [2.0, 0.75, -0.75]
    assert [(link.first, link.second, link.weight) for link in find_links(step, spots)] == [
        (0, 1, 3.0),
        (1, 2, -1.5),
        (0, 0, 0.5),
    ]
    assert [link.weight for link in find_links(step, spots, most=1)] == [3.0]


def test_pair_weights_count_the_diagonal_once(objects):
    assert pair_weights(objects.steps[0]).tolist() == [[0.5, 3.0, 0.0], [3.0, 0.0, -1.5], [0.0, -1.5, 0.0]]


def test_scaling_moves_spots(objects):
    first = scaled_spots(objects.steps[0], (0.5, 2.0))[0]
    assert (first.x, first.y) == (50.0, 200.0)


def test_a_step_without_places_has_nothing_to_show():
    assert find_spots(Step(name="relations", pairs=((1.0,),))) == []
    assert find_links(Step(name="relations", regions=(1.0,), anchors=((0.0, 0.0),)), []) == []
