"""The truth about a question that somebody typed, where the scene is known."""

from visreason.clevr.executor import execute, outputs
from visreason.clevr.functions import FUNCTIONS, Type
from visreason.clevr.masks import SceneMasks, indices
from visreason.clevr.programs import Program, program_to_json, sub_program
from visreason.clevr.questions.understand import find_program
from visreason.clevr.scene import Scene
from visreason.errors import ProgramError, VocabularyError
from visreason.serve.schemas import Node, Oracle, OracleStep
from visreason.tasks.asked_program import truths

NOT_UNDERSTOOD = (
    "the words are known, but no question of CLEVR's is worded like this, so the oracle does not know what is asked. "
    "Try one of the example questions."
)


def tell(question: str, scene: Scene | None) -> tuple[Oracle | None, str | None]:
    """The oracle's answer, or why there is none.

    Example:
        >>> from visreason.clevr.sampling import sample_scene, scene_rng
        >>> scene = sample_scene(scene_rng(0, "val", 0), 0, "val")
        >>> oracle, note = tell("How many things are there?", scene)
        >>> int(oracle.answer) == len(scene)
        True
    """
    if scene is None:
        return None, "there is no scene, so nobody but the models can look."
    try:
        program = find_program(question)
    except VocabularyError as error:
        return None, str(error)
    if program is None:
        return None, NOT_UNDERSTOOD
    return explain(program, scene), None


def explain(program: Program, scene: Scene) -> Oracle:
    """What a program answers on a scene, and what each of its steps finds."""
    masks = SceneMasks(scene)
    try:
        answer, fault = execute(program, masks), None
    except ProgramError as error:
        answer, fault = None, str(error)
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
