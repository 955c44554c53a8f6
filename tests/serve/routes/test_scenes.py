import io
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient
from PIL import Image

from visreason.clevr.executor import execute
from visreason.clevr.programs import parse_program, question_type
from visreason.clevr.scene import Scene, scene_from_json
from visreason.render import render


def test_a_sampled_scene_is_whole_valid_and_the_same_again(client: TestClient) -> None:
    first, again, other = (
        client.post("/scenes/sample", json={"seed": seed, "objects": 5}).json()["scene"] for seed in (1, 1, 2)
    )
    assert first == again != other
    assert len(scene_from_json(first)) == 5
    assert client.post("/scenes/check", json={"scene": first}).json()["valid"]
    assert 3 <= len(client.post("/scenes/sample", json={}).json()["scene"]["objects"]) <= 10


def test_a_check_completes_the_scene_and_names_its_faults(client: TestClient, record: dict[str, Any]) -> None:
    place = record["objects"][0]["3d_coords"]
    record["objects"][1] |= {"3d_coords": [place[0] + 0.1, place[1] + 0.1]}
    found = client.post("/scenes/check", json={"scene": record}).json()
    assert not found["valid"]
    assert (found["overlaps"][0]["first"], found["overlaps"][0]["second"]) == (0, 1)
    assert len(scene_from_json(found["scene"])) == len(record["objects"])


def test_a_rendered_scene_is_the_renderers_picture(
    client: TestClient, record: dict[str, Any], scene: Scene
) -> None:
    response = client.post("/scenes/render", json={"scene": record, "width": 96, "height": 64})
    assert response.headers["content-type"] == "image/png"
    drawn = render([scene], 96, 64).rgb[0].numpy()
    assert (np.asarray(Image.open(io.BytesIO(response.content))) == drawn).all()


def test_questions_come_with_programs_that_give_their_answers(
    client: TestClient, record: dict[str, Any], scene: Scene
) -> None:
    made = client.post("/scenes/questions", json={"scene": record, "count": 12}).json()
    assert len(made) == 12
    for one in made:
        program = parse_program(one["program"])
        assert (execute(program, scene), question_type(program)) == (one["answer"], one["type"])


def test_no_question_can_be_asked_of_nothing_but_the_answer_is_a_list(client: TestClient) -> None:
    made = client.post("/scenes/questions", json={"scene": {"objects": []}})
    assert made.status_code == 200


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"color": "pink"}, "scene.objects.0.color"),
        ({"3d_coords": [9, 0]}, "scene.objects.0.3d_coords.0"),
        ({"3d_coords": [0]}, "scene.objects.0.3d_coords"),
        ({"rotation": "much"}, "scene.objects.0.rotation"),
    ],
)
def test_a_wrong_scene_is_refused_with_the_place_of_the_fault(
    client: TestClient, record: dict[str, Any], change: dict[str, Any], place: str
) -> None:
    record["objects"][0] |= change
    refused = client.post("/scenes/check", json={"scene": record})
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "invalid")
    assert refused.json()["error"]["message"].startswith(f"{place}:")


@pytest.mark.parametrize("size", [(10_000, 320), (480, 1), (-1, 320), (480.5, 320)])
def test_only_pictures_of_a_sensible_size_are_rendered(
    client: TestClient, record: dict[str, Any], size: tuple[Any, Any]
) -> None:
    request = {"scene": record, "width": size[0], "height": size[1]}
    assert client.post("/scenes/render", json=request).status_code == 422
