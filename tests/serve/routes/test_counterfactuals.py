from typing import Any

from fastapi.testclient import TestClient

from visreason.clevr.counterfactual_edits import Edit
from visreason.clevr.questions import QuestionEngine
from visreason.clevr.scene import Scene, SceneObject
from visreason.serve.oracle import tell
from visreason.serve.routes.counterfactuals import say_edit
from visreason.serve.scene_records import scene_of
from visreason.serve.schemas.scenes import SceneRecord

CUBE = SceneObject("red", "small", "cube", "metal", (0.0, 0.0, 0.35), 0.0, (0.0, 0.0, 0.0))


def test_every_edit_changes_one_object_and_the_true_answer(
    client: TestClient, record: dict[str, Any], scene: Scene
) -> None:
    for question in QuestionEngine(seed=2).generate([scene], 4):
        request = {"scene": record, "question": question.text, "models": ["states", "blind"]}
        told = client.post("/counterfactuals", json=request).json()
        assert told["answer"] == question.answer
        assert told["edits"]
        for edit in told["edits"]:
            edited = SceneRecord.model_validate(edit["scene"])
            oracle, _ = tell(question.text, scene_of(edited))
            assert oracle is not None
            assert edit["answer"] == oracle.answer != told["answer"]
            assert abs(len(edited.objects) - len(scene)) <= 1
            assert client.post("/scenes/check", json={"scene": edit["scene"]}).json()["valid"]
            assert [one["model"] for one in edit["answers"]] == ["states", "blind"]
        blind = {
            answers[1]["answer"] for answers in ([*told["answers"]], *(e["answers"] for e in told["edits"]))
        }
        assert len(blind) == 1  # who never looks never changes
        kinds = [edit["kind"] for edit in told["edits"]]
        assert len(set(kinds)) == len(kinds)


def test_a_question_that_is_not_understood_or_ill_posed_is_refused(
    client: TestClient, record: dict[str, Any]
) -> None:
    def code(question: str) -> str:
        refused = client.post("/counterfactuals", json={"scene": record, "question": question})
        assert refused.status_code == 422
        return str(refused.json()["error"]["code"])

    assert code("red how cubes") == "wrong_use"
    assert code("How many cubez are visible?") == "unknown_word"
    assert code("What color does the thing have?") == "ill_posed"


def test_edits_are_put_into_words() -> None:
    from dataclasses import replace

    blue = replace(CUBE, color="blue")
    aside = replace(CUBE, position=(-2.0, -2.0, 0.35))
    assert say_edit(Edit("color", 0, CUBE, blue)) == "the small red metal cube blue instead of red"
    assert say_edit(Edit("move", 0, CUBE, aside)) == "the small red metal cube further to the left"
    assert say_edit(Edit("remove", 0, CUBE, None)) == "without the small red metal cube"
    assert say_edit(Edit("add", 3, None, blue)) == "with a small blue metal cube more"
