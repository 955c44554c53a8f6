"""The CLEVR world without pictures: scenes, programs and their true answers, questions, and the public files.

All of it is plain NumPy. `visreason.render` makes the pictures, `visreason.clevr.questions` the questions.
"""

from visreason.clevr.executor import execute, outputs
from visreason.clevr.folder import ClevrFolder
from visreason.clevr.masks import SceneMasks
from visreason.clevr.programs import Node, Program, parse_program, question_type
from visreason.clevr.question import Question
from visreason.clevr.questions_file import iter_questions, read_questions, write_questions
from visreason.clevr.sampling import cogent, sample_scene, scene_rng
from visreason.clevr.scene import Scene, SceneObject
from visreason.clevr.scenes_file import iter_scenes, read_scenes, write_scenes

__all__ = [
    "ClevrFolder",
    "Node",
    "Program",
    "Question",
    "Scene",
    "SceneMasks",
    "SceneObject",
    "cogent",
    "execute",
    "iter_questions",
    "iter_scenes",
    "outputs",
    "parse_program",
    "question_type",
    "read_questions",
    "read_scenes",
    "sample_scene",
    "scene_rng",
    "write_questions",
    "write_scenes",
]
