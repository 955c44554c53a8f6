"""The truth about a question that somebody typed, where the scene is known."""

from visreason.clevr.boxes import mask_boxes
from visreason.clevr.executor import outputs
from visreason.clevr.functions import FUNCTIONS, Type
from visreason.clevr.masks import SceneMasks, indices
from visreason.clevr.programs import Program, program_to_json, sub_program
from visreason.clevr.questions.purpose import REFERRING
from visreason.clevr.questions.understand import find_program
from visreason.clevr.scene import Scene
from visreason.clevr.visibility import instance_mask
from visreason.errors import ProgramError, VocabularyError
from visreason.serve.schemas.asking import Oracle, OracleStep
from visreason.serve.schemas.looking import LocateOracle
from visreason.serve.schemas.scenes import Node
from visreason.tasks.asked_program import in_words, truths

NO_SCENE = "there is no scene, so nobody but the models can look."

NOT_UNDERSTOOD = (
    "the words are known, but nothing of ours is worded like this, so the oracle does not know what is asked. Try "
    "one of the examples."
)


def tell(question: str, scene: Scene | None) -> tuple[Oracle | None, str | None]:
    """The oracle's answer, or why there is none.

    Example:
        >>> from visreason.clevr.sampling import sample_scene, scene_rng
        >>> scene = sample_scene(scene_rng(0, "val", 0), 0, "val")
        >>> oracle, note = tell("How many things are visible?", scene)
        >>> int(oracle.answer) == len(scene)
        True
    """
    if scene is None:
        return None, NO_SCENE
    try:
        program = find_program(question)
    except VocabularyError as error:
        return None, str(error)
    if program is None:
        return None, NOT_UNDERSTOOD
    return explain(program, scene), None


def point(
    expression: str, scene: Scene | None, width: int, height: int
) -> tuple[LocateOracle | None, str | None]:
    """What an expression truly refers to, or why that is not known.

    Args:
        expression: as somebody typed it.
        scene: what it is about, where that is known.
        width, height: of the image in whose pixels the box is told.
    """
    if scene is None:
        return None, NO_SCENE
    try:
        program = find_program(expression, REFERRING)
    except VocabularyError as error:
        return None, str(error)
    if program is None:
        return None, NOT_UNDERSTOOD
    told = explain(program, scene)
    place = told.steps[-1].objects[0] if told.fault is None else None
    box = None if place is None else mask_boxes(instance_mask(scene, width, height), len(scene))[place]
    return LocateOracle(**told.model_dump(), object=place, box=None if box is None else list(box)), None


def explain(program: Program, scene: Scene) -> Oracle:
    """What a program finds on a scene, in the end and at each of its steps."""
    masks = SceneMasks(scene)
    try:
        value, fault = outputs(program, masks)[-1], None
    except ProgramError as error:
        value, fault = None, str(error)
    answer = None if value is None else in_words(value, FUNCTIONS[program[-1].function].output, scene)
    nodes = [Node.model_validate(node) for node in program_to_json(program)]
    steps = [
        OracleStep(**node.model_dump(), finds=finds, objects=_objects(program, place, masks))
        for place, (node, finds) in enumerate(zip(nodes, truths(program, scene), strict=True))
    ]
    return Oracle(answer=answer, fault=fault, program=nodes, steps=steps)


def _objects(program: Program, place: int, masks: SceneMasks) -> list[int]:
    """The objects that one node finds."""
    kind = FUNCTIONS[program[place].function].output
    if kind not in (Type.OBJECT, Type.OBJECT_SET):
        return []
    try:
        value = outputs(sub_program(program, place), masks)[-1]
    except ProgramError:
        return []
    return [int(value)] if kind is Type.OBJECT else list(indices(int(value)))
