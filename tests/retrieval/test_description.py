import pytest

from visreason.errors import DataError, UsageError
from visreason.retrieval.description import Stand, description_from_json


def test_what_is_left_out_is_left_open() -> None:
    described = description_from_json(
        {"objects": [{"color": "red", "shape": "cube"}, {}], "relations": [[1, "front", 0]]}, "it"
    )
    assert described.things == ({"color": "red", "shape": "cube"}, {})
    assert described.stands == (Stand(1, "front", 0, "object 1 front object 0"),)
    assert description_from_json({"objects": [{}]}, "it").stands == ()


@pytest.mark.parametrize(
    ("record", "told"),
    [
        ([], "a JSON object with a list of 'objects'"),
        ({"objects": []}, "has no objects"),
        ({"objects": [{}], "relation": []}, "the key 'relation' is not known. Did you mean 'relations'"),
        ({"objects": ["red"]}, "object 0 should be a JSON object"),
        ({"objects": [{"colour": "red"}]}, "object 0: the key 'colour' is not known. Did you mean 'color'"),
        (
            {"objects": [{}, {"color": "gren"}]},
            "object 1: the color 'gren' is not known. Did you mean 'green'",
        ),
        ({"objects": [{"size": 3}]}, "the size 3 is not known. Known are large, small"),
        ({"objects": [{}], "relations": {}}, "'relations' should be a list"),
        ({"objects": [{}, {}], "relations": [[0, "left", 2]]}, "with objects 0 to 1; got"),
        ({"objects": [{}, {}], "relations": [[-1, "left", 0]]}, "with objects 0 to 1; got"),
        ({"objects": [{}, {}], "relations": [[0, "lefft", 1]]}, "'lefft' is not known. Did you mean 'left'"),
        ({"objects": [{}, {}], "relations": ["left"]}, "a relation is"),
    ],
)
def test_bad_records_are_told_of(record: object, told: str) -> None:
    with pytest.raises(DataError, match=told) as caught:
        description_from_json(record, "scene.json")
    assert str(caught.value).startswith("scene.json")
    assert "\n" not in str(caught.value)


def test_nothing_stands_left_of_itself() -> None:
    with pytest.raises(UsageError, match="object 0 cannot stand left of itself"):
        description_from_json({"objects": [{}], "relations": [[0, "left", 0]]}, "it")
