from visreason.clevr.boxes import mask_boxes
from visreason.clevr.questions import QuestionEngine, referring_templates
from visreason.clevr.sampling import sample_scene, scene_rng
from visreason.clevr.scene import Scene
from visreason.clevr.visibility import instance_mask
from visreason.serve.oracle import explain, point, tell


def test_typed_questions_get_their_true_answers_and_every_step(scene: Scene) -> None:
    for question in QuestionEngine(seed=3).generate([scene], 30):
        oracle, note = tell(question.text, scene)
        assert note is None
        assert oracle is not None
        assert oracle.answer == question.answer
        assert len(oracle.steps) == len(oracle.program) == len(question.program or ())
        assert oracle.steps[0].objects == list(range(len(scene)))
        assert oracle.steps[-1].finds == question.answer


def test_an_ill_posed_question_has_a_fault_and_steps_up_to_it() -> None:
    scene = sample_scene(scene_rng(0, "val", 0), 0, "val", 6, 6)
    oracle, note = tell("What color does the thing have?", scene)
    assert note is None
    assert oracle is not None
    assert oracle.answer is None
    assert "unique" in (oracle.fault or "")
    assert oracle.steps[1].finds == "not exactly one object"
    assert oracle.steps[2].finds == "nothing to go on from"


def test_why_there_is_no_oracle_is_said(scene: Scene) -> None:
    assert "no scene" in (tell("How many things are visible?", None)[1] or "")
    assert "'cubes'" in (tell("How many cubez are visible?", scene)[1] or "")
    assert "worded like this" in (tell("many how things", scene)[1] or "")
    assert "no scene" in (point("the cube", None, 480, 320)[1] or "")
    assert "'cube'" in (point("the cubee", scene, 480, 320)[1] or "")
    assert "worded like this" in (point("cube the the", scene, 480, 320)[1] or "")


def test_an_expression_gets_the_box_of_what_it_refers_to(scene: Scene) -> None:
    boxes = mask_boxes(instance_mask(scene, 240, 160), len(scene))
    engine = QuestionEngine(referring_templates(), seed=1)
    for expression in engine.generate([scene], 20):
        oracle, note = point(expression.text, scene, 240, 160)
        assert note is None
        assert oracle is not None
        truth = explain(expression.program or (), scene).steps[-1].objects
        assert [oracle.object] == truth
        assert oracle.box == list(boxes[truth[0]] or ())
