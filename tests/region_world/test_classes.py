from collections import Counter

from visreason.region_world.classes import CLASSES, GROVES, MARKS, NUMBERS, class_edges, classes_of_look


def test_every_class_has_a_name_of_its_own() -> None:
    assert len(CLASSES) == len(NUMBERS) == 89
    assert Counter(one.kind for one in CLASSES) == {
        "tree": 16,
        "leaf": 16,
        "seed": 16,
        "bough": 32,
        "fitting": 6,
        "body": 2,
        "rail": 1,
    }


def test_a_mark_tells_the_tree_and_nothing_else_does() -> None:
    for grove in range(len(GROVES)):
        assert sorted(MARKS[grove]) == [0, 1, 2, 3]
        for kind in ("leaf", "seed"):
            alike = [CLASSES[place] for place in classes_of_look(f"{kind} {grove}")]
            assert len({one.mark for one in alike}) == len(alike) == 4
        boughs = Counter(CLASSES[place].mark for place in classes_of_look(f"bough {grove}"))
        assert set(boughs.values()) == {2}  # left and right
    assert len(set(MARKS)) == len(MARKS)  # no rule from a tree's number to its mark holds for two groves


def test_every_edge_ties_two_classes_as_its_relation_says() -> None:
    by_name = {one.name: one for one in CLASSES}
    edges = class_edges()
    assert {name: len(pairs) for name, pairs in edges.items()} == {
        "part of": 70,
        "mirrors": 34,
        "looks like": 350,
    }
    for part, whole in edges["part of"]:
        one, other = by_name[part], by_name[whole]
        assert (
            (one.grove, one.tree) == (other.grove, other.tree) if one.grove is not None else one.body == whole
        )
    for one_name, other_name in edges["mirrors"]:
        assert (other_name, one_name) in edges["mirrors"]
        assert {by_name[one_name].side, by_name[other_name].side} == {"left", "right"}
        assert one_name.split()[1:] == other_name.split()[1:]
    for one_name, other_name in edges["looks like"]:
        assert by_name[one_name].look == by_name[other_name].look
        assert one_name != other_name
