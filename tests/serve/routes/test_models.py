from fastapi.testclient import TestClient


def test_every_model_is_listed_with_what_it_is_for(client: TestClient) -> None:
    listed = {one["name"]: one for one in client.get("/models").json()}
    assert set(listed) == {
        "states",
        "pixels",
        "attention",
        "blind",
        "stack",
        "generator",
        "engine",
        "regions",
    }
    assert listed["states"]["task"] == "answer"
    assert listed["states"]["input"] == "state"
    assert listed["regions"]["task"] == "regions"
    assert listed["stack"]["task"] == "answer+locate"
    assert listed["blind"]["scores"] is None


def test_words_are_known_by_name(client: TestClient) -> None:
    known = client.get("/models/states/words").json()
    assert (len(known["words"]), len(known["answers"]), known["classes"]) == (82, 28, [])
    assert "saucer" in client.get("/models/regions/words").json()["classes"]


def test_names_that_there_are_not_are_told_as_such(client: TestClient) -> None:
    for path in ("/models/other/words", "/models/%2e%2e%2fstates/words", "/models/states/results"):
        refused = client.get(path)
        assert refused.status_code == 404
        assert refused.json()["error"]["code"] == "not_found"
