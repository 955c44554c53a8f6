import pytest
from pydantic import ValidationError

from visreason.serve.schemas.asking import AskRequest
from visreason.serve.schemas.common import Health
from visreason.serve.schemas.scenes import QuestionsRequest, SampleRequest, SceneRecord

THING = {"size": "small", "color": "red", "material": "metal", "shape": "cube", "3d_coords": [0, 1]}


@pytest.mark.parametrize("wrong", [True, "1", 1.5])
def test_a_whole_number_is_nothing_else(wrong: object) -> None:
    for field in ("seed", "objects"):
        with pytest.raises(ValidationError, match=field):
            SampleRequest.model_validate({field: wrong})
    with pytest.raises(ValidationError, match="relationships"):
        SceneRecord.model_validate({"objects": [THING], "relationships": {"left": [[wrong]]}})


@pytest.mark.parametrize("wrong", [True, "1", 6, float("nan")])
def test_a_coordinate_is_a_number_on_the_floor(wrong: object) -> None:
    with pytest.raises(ValidationError, match="3d_coords"):
        SceneRecord.model_validate({"objects": [THING | {"3d_coords": [0, wrong]}]})


@pytest.mark.parametrize("wrong", [1, "yes"])
def test_a_choice_is_true_or_false(wrong: object) -> None:
    with pytest.raises(ValidationError, match="trace"):
        AskRequest.model_validate({"question": "How many?", "trace": wrong})


def test_whole_numbers_stand_for_coordinates_too() -> None:
    scene = QuestionsRequest.model_validate({"scene": {"objects": [THING]}, "seed": 3}).scene
    assert scene.objects[0].position == [0.0, 1.0]


@pytest.mark.parametrize(
    ("given", "what"),
    [({"question": ""}, "question"), ({"question": "a" * 1001}, "question"), ({"wish": 1}, "wish")],
)
def test_texts_have_limits_and_nothing_unknown_is_taken(given: dict[str, object], what: str) -> None:
    with pytest.raises(ValidationError, match=what):
        AskRequest.model_validate({"question": "How many?"} | given)


def test_a_process_that_answers_says_which_version_it_is() -> None:
    assert Health(version="1.2").model_dump() == {"status": "ok", "version": "1.2"}
    with pytest.raises(ValidationError, match="status"):
        Health.model_validate({"status": "well", "version": "1.2"})
