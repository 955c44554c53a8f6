from dataclasses import replace

import pytest

from visreason.clevr.boxes import mask_boxes
from visreason.clevr.executor import outputs
from visreason.clevr.oracle import Tally
from visreason.clevr.programs import Node
from visreason.clevr.questions import QuestionEngine, referring_templates
from visreason.clevr.referring import ReferringExpression
from visreason.clevr.referring_oracle import judge_boxes
from visreason.clevr.scene import Scene
from visreason.clevr.visibility import instance_mask
from visreason.errors import DataError


def boxes_of(scene: Scene) -> list:  # type: ignore[type-arg]
    return mask_boxes(instance_mask(scene, 96, 64), len(scene))


@pytest.fixture(scope="module")
def expressions(made_scenes: list[Scene]) -> list[ReferringExpression]:
    found = []
    for question in QuestionEngine(referring_templates()).generate(made_scenes[:4], 5):
        scene = made_scenes[question.image_index]
        assert question.program is not None
        index = int(outputs(question.program, scene)[-1])
        found.append(
            ReferringExpression(
                text=question.text,
                program=question.program,
                box=boxes_of(scene)[index],
                full_box=None,
                object_index=index,
                family=question.family,
                index=question.index,
                image_filename=question.image_filename,
                image_index=question.image_index,
                split="val",
            )
        )
    return found


def test_true_boxes_agree(expressions: list[ReferringExpression], made_scenes: list[Scene]) -> None:
    verdicts = list(judge_boxes(expressions, made_scenes, boxes_of))
    assert all(verdict.agrees for verdict in verdicts)
    assert [verdict.object_index for verdict in verdicts] == [one.object_index for one in expressions]


@pytest.mark.parametrize(("tolerance", "agrees"), [(0.0, False), (1.0, False), (2.0, True)])
def test_a_box_may_differ_by_the_tolerance(
    expressions: list[ReferringExpression], made_scenes: list[Scene], tolerance: float, agrees: bool
) -> None:
    assert expressions[0].box is not None
    x, y, w, h = expressions[0].box
    moved = replace(expressions[0], box=(x + 2, y, w - 1, h))
    (verdict,) = judge_boxes([moved], made_scenes, boxes_of, tolerance=tolerance)
    assert verdict.agrees is agrees


def test_wrong_withheld_and_ill_posed_ones(
    expressions: list[ReferringExpression], made_scenes: list[Scene]
) -> None:
    wrong = replace(expressions[0], box=(0, 0, 1, 1))
    withheld = replace(expressions[1], box=None)
    ill = replace(expressions[2], program=(Node("scene"), Node("unique", (0,))))
    tally = Tally("expressions", "boxes")
    for verdict in judge_boxes([wrong, withheld, ill, expressions[3]], made_scenes, boxes_of):
        tally.add(verdict)
    assert (tally.questions, tally.stored, tally.agreeing) == (4, 3, 1)
    first, second = tally.to_dict()["disagreements"]
    assert (first["stored"], first["agrees"]) == ([0, 0, 1, 1], False)
    assert "needs exactly one object" in second["error"]
    assert str(tally).startswith("4 expressions; 1 of 3 stored boxes agree")


def test_an_expression_needs_a_program_and_a_scene(
    expressions: list[ReferringExpression], made_scenes: list[Scene]
) -> None:
    with pytest.raises(DataError, match=r"loc\.json: expression 0 .* has no program"):
        list(
            judge_boxes(
                [replace(expressions[0], program=None)], made_scenes, boxes_of, expressions_from="loc.json"
            )
        )
    with pytest.raises(DataError, match="no scene"):
        list(judge_boxes(expressions, made_scenes[1:], boxes_of))
