"""Questions, answers, and what would change them."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from visreason.serve.schemas.common import Choice, ErrorDetail, Given, Image, Models, Seed, Text, Top
from visreason.serve.schemas.scenes import Node, SceneRecord


class AskRequest(Given):
    """A question to some models."""

    question: Text
    models: Models = None
    scene: SceneRecord | None = Field(
        default=None, description="what is asked about; drawn for models that read pixels"
    )
    image: Image | None = Field(default=None, description="what models see in place of the drawn scene")
    top: Top = 5
    trace: Choice = Field(default=True, description="whether the reasoning is told")


class BatchRequest(Given):
    """Several questions about the same scene or image to some models."""

    questions: Annotated[list[Text], Field(min_length=1, max_length=100)]
    models: Models = None
    scene: SceneRecord | None = None
    image: Image | None = None
    top: Top = 5
    trace: Choice = False


class Candidate(BaseModel):
    """A possible answer."""

    answer: str
    probability: float


class Program(BaseModel):
    """The program behind an answer."""

    tokens: list[str]
    valid: bool
    fault: str | None
    oracle: str | None = Field(description="what it truly answers on the scene")
    author: Literal["model", "parser"] = Field(
        description="who wrote it: the model, or the parser for a model that only executes programs"
    )


class ModelAnswer(BaseModel):
    """What a model answers, or why it does not."""

    model: str
    answer: str | None
    top: list[Candidate] = []
    trace: dict[str, Any] | None = Field(
        default=None, description="the reasoning, as `visreason ask --json` gives it"
    )
    program: Program | None = None
    milliseconds: float
    error: ErrorDetail | None = None


class OracleStep(Node):
    """A step of the true program, and what it finds on the scene."""

    finds: str = Field(description="in words")
    objects: list[int] = Field(description="the objects that it finds, by their places in the scene's list")


class Oracle(BaseModel):
    """The truth about a question."""

    answer: str | None = Field(description="null where the question is ill-posed on the scene")
    fault: str | None = Field(description="why it is ill-posed")
    program: list[Node]
    steps: list[OracleStep]


class AskResponse(BaseModel):
    """What the models and the oracle answer."""

    question: str
    answers: list[ModelAnswer]
    oracle: Oracle | None = Field(
        description="null where no scene is given or the question is not understood"
    )
    note: str | None = Field(description="why there is no oracle, for people")


class BatchResponse(BaseModel):
    """The answers to each question, in their order."""

    results: list[AskResponse]


class TypedWords(BaseModel):
    """Words that the oracle understands."""

    questions: list[str]
    expressions: list[str]


class CounterfactualRequest(Given):
    """A question whose answer is to be changed by editing one object of the scene."""

    scene: SceneRecord
    question: Text
    models: Models = None
    seed: Seed = 0


class EditedScene(BaseModel):
    """A scene in which one object was edited so that the true answer is another."""

    kind: str = Field(description="move, size, color, material, shape, remove or add")
    object: int = Field(description="its place in the scene that has it; an added object comes last")
    text: str = Field(description="what was done, for people")
    scene: SceneRecord
    answer: str = Field(description="the true one")
    answers: list[ModelAnswer]


class CounterfactualResponse(BaseModel):
    """At most one edit of each kind, and what was answered before."""

    question: str
    answer: str = Field(description="the true one, before any edit")
    answers: list[ModelAnswer]
    edits: list[EditedScene]
