import json

from visreason.trace.regions import NamedRegion, Owed, RegionsTrace, Said, path_of


def region(**changes):
    said = (
        Said(name="backbone", label="cup", probability=0.6, attention=0.2),
        Said(name="local 1", label="bowl", probability=0.8, attention=0.8),
    )
    fields = {"number": 1, "box": (1.0, 2.0, 3.0, 4.0), "top": (("bowl", 0.7), ("cup", 0.2)), "said": said}
    return NamedRegion(**{**fields, **changes})


def test_a_region_is_changed_where_the_end_differs_from_the_beginning():
    assert region().changed
    assert (region().before, region().label, region().probability) == ("cup", "bowl", 0.7)
    assert not region(top=(("cup", 0.9),)).changed


def test_the_largest_shift_counts_whatever_its_sign():
    neighbour, edge = (
        Owed(shift=1.0, without="cup", number=2),
        Owed(shift=-2.0, without="cup", edge=("a", "of", "b")),
    )
    assert region(neighbour=neighbour, edge=edge).most is edge
    assert region(neighbour=neighbour).most is neighbour
    assert region().most is None


def test_json_holds_everything():
    edge = Owed(shift=-2.0, without="cup", edge=("cup", "stands on", "table"))
    told = region(
        neighbour=Owed(shift=1.0, without="cup", number=2, where="left"), edge=edge, given="vase"
    ).to_json()
    assert told["neighbour"] == {"shift": 1.0, "without": "cup", "number": 2, "where": "left"}
    assert told["class_edge"] == {
        "shift": -2.0,
        "without": "cup",
        "from": "cup",
        "relation": "stands on",
        "to": "table",
    }
    assert told["given"] == "vase"
    assert told["top"][1] == {"label": "cup", "probability": 0.2}
    assert [one["name"] for one in told["predictions"]] == ["backbone", "local 1"]
    trace = RegionsTrace(family="region-local", regions=(region(),), memory=(((0.0, 1.0),),), cell=8.0)
    assert json.loads(json.dumps(trace.to_json()))["memory"] == [[[0.0, 1.0]]]
    assert trace.names == ("backbone", "local 1")
    assert "given" not in trace.to_json()["regions"][0]


def test_a_path_tells_changes_alone():
    assert path_of(["a", "a"]) == "a"
    assert path_of(["a", "b", "b", "a"]) == "a → b → a"
