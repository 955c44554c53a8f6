"""What the studio's HTTP API takes and gives, as typed JSON: the source of its OpenAPI description.

Images travel as base64 text, as they are or as a `data:` URL; boxes are `[x, y, width, height]` in pixels of the image
that they are about; scenes are the records of CLEVR v1.0.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from visreason.clevr.camera import HEIGHT, WIDTH

Size = Literal["large", "small"]
Color = Literal["gray", "red", "blue", "green", "brown", "purple", "cyan", "yellow"]
Material = Literal["rubber", "metal"]
Shape = Literal["cube", "sphere", "cylinder"]

Number = Annotated[float, Field(ge=-1000, le=1000)]
Point = Annotated[list[Number], Field(min_length=3, max_length=3)]
Coordinate = Annotated[float, Field(ge=-5, le=5)]
Text = Annotated[str, Field(min_length=1, max_length=1000)]
Seed = Annotated[int, Field(ge=0, le=2**31 - 1)]
Top = Annotated[int, Field(ge=1, le=100, description="how many answers are told")]
Image = Annotated[
    str, Field(min_length=1, description="a PNG, JPEG or WebP file in base64, as it is or as a data: URL")
]
Models = Annotated[
    list[Annotated[str, Field(max_length=200)]] | None,
    Field(max_length=50, description="names of loaded models; null: all that can"),
]

MOST_OBJECTS = 10
"""CLEVR's scenes have no more objects."""


class Given(BaseModel):
    """What a client sends: no unknown fields, no NaN."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class ObjectRecord(BaseModel):
    """An object of a scene, as CLEVR v1.0 records it; where it is seen and how high it stands is worked out."""

    model_config = ConfigDict(allow_inf_nan=False, serialize_by_alias=True)

    size: Size
    color: Color
    material: Material
    shape: Shape
    position: Annotated[list[Coordinate], Field(min_length=2, max_length=3)] = Field(
        alias="3d_coords", description="x and y on the floor, -3 to 3 in CLEVR; z follows from the size"
    )
    rotation: Number = Field(
        default=0.0, description="as CLEVR stores it; cubes are turned by so many radians"
    )
    pixel: Point | None = Field(
        default=None, alias="pixel_coords", description="where its centre is seen at 480x320, and its depth"
    )


class SceneRecord(BaseModel):
    """A scene, as CLEVR v1.0 records it; objects alone are enough, what follows from them is worked out."""

    model_config = ConfigDict(allow_inf_nan=False, serialize_by_alias=True)

    objects: Annotated[list[ObjectRecord], Field(max_length=MOST_OBJECTS)]
    camera: Point | None = Field(
        default=None, description="where the camera stands; null: worked out, or CLEVR's"
    )
    lamps: dict[Literal["key", "fill", "back"], Point] | None = Field(
        default=None, description="where the lamps stand"
    )
    image_index: int = Field(default=0, ge=0, le=10**9)
    image_filename: str = Field(default="scene.png", max_length=200)
    split: str = Field(default="studio", max_length=50)
    relationships: dict[str, list[list[int]]] | None = Field(
        default=None, description="worked out; ignored if given"
    )
    directions: dict[str, list[float]] | None = Field(default=None, description="CLEVR's; ignored if given")


class ErrorDetail(BaseModel):
    """What went wrong, for programs (`code`) and for people (`message`)."""

    code: str
    message: str


class ErrorResponse(BaseModel):
    """Every answer that is no success."""

    error: ErrorDetail


class Health(BaseModel):
    """The process answers."""

    status: Literal["ok"] = "ok"
    version: str


class Ready(BaseModel):
    """Whether questions can be asked, and how many wait at each model."""

    ready: bool
    waiting: dict[str, int]


class ModelRecord(BaseModel):
    """A loaded model."""

    name: str
    family: str
    task: Literal["answer", "locate", "answer+locate", "regions", "programs", "other"]
    input: Literal["pixels", "state", "features", "question", "regions"]
    parameters: int = Field(description="trainable numbers")
    recipe: str | None = Field(default=None, description="what it was trained by")
    scores: dict[str, Any] | None = Field(
        default=None, description="the overall figures of its last test, with 95 % intervals"
    )


class Words(BaseModel):
    """What a model knows."""

    words: list[str]
    answers: list[str]
    classes: list[str] = Field(default=[], description="of a model that names regions")


class WrongAnswer(BaseModel):
    """A prediction of the last test that was wrong."""

    question_index: int
    question: str | None = Field(default=None, description="where the data folder is served and holds it")
    image_filename: str
    image: int | None = Field(default=None, description="its number under `data`, where it is served")
    type: str
    answer: str
    prediction: str
    probability: float


class Confusion(BaseModel):
    """How often the true answer of a row was answered with that of a column."""

    labels: list[str]
    counts: list[list[int]]


class Results(BaseModel):
    """The last test of a model."""

    metrics: dict[str, Any] = Field(description="what `visreason test --json` prints")
    confusion: Confusion | None
    errors: list[WrongAnswer]
    error_count: int


class SampleRequest(Given):
    """Which scene to make."""

    seed: Seed = 0
    objects: Annotated[int, Field(ge=1, le=MOST_OBJECTS)] | None = Field(
        default=None, description="null: 3 to 10"
    )


class SceneResponse(BaseModel):
    """A scene, complete."""

    scene: SceneRecord


class RenderRequest(Given):
    """What to render, and how large."""

    scene: SceneRecord
    width: Annotated[int, Field(ge=24, le=960)] = WIDTH
    height: Annotated[int, Field(ge=16, le=640)] = HEIGHT


class QuestionsRequest(Given):
    """How many questions to make about a scene."""

    scene: SceneRecord
    count: Annotated[int, Field(ge=1, le=50)] = 10
    seed: Seed = 0


class Node(BaseModel):
    """A step of a program, as CLEVR v1.0 records it."""

    function: str
    inputs: list[int]
    value_inputs: list[str]


class MadeQuestion(BaseModel):
    """A question about a scene, with its true answer."""

    question: str
    type: str
    program: list[Node]
    answer: str


class CheckRequest(Given):
    """The scene to check."""

    scene: SceneRecord


class Pair(BaseModel):
    """Two objects, and what is between them in world units."""

    first: int
    second: int
    distance: float


class SceneCheck(BaseModel):
    """Where a scene is not as CLEVR's are; object numbers are places in the scene's list."""

    scene: SceneRecord = Field(description="complete: with camera, relations and pixel coordinates")
    valid: bool = Field(description="whether CLEVR could have made it")
    overlaps: list[Pair] = Field(description="objects that stand in each other; the distance is negative")
    close: list[Pair] = Field(description="objects nearer to each other than 0.25, from rim to rim")
    unclear: list[Pair] = Field(description="objects less than 0.4 apart along a direction of the relations")
    outside: list[int] = Field(description="objects that stand beyond 3 units from the middle")
    occluded: list[int] = Field(description="objects that show fewer than 200 pixels at 480x320")
    visible: list[int] = Field(description="how many pixels each object shows at 480x320")
    boxes: list[list[int] | None] = Field(
        description="of what each object shows at 480x320, [x, y, width, height]; null where it is hidden"
    )


class AskRequest(Given):
    """A question to some models."""

    question: Text
    models: Models = None
    scene: SceneRecord | None = Field(
        default=None, description="what is asked about; drawn for models that read pixels"
    )
    image: Image | None = Field(default=None, description="what models see in place of the drawn scene")
    top: Top = 5
    trace: bool = Field(default=True, description="whether the reasoning is told")


class BatchRequest(Given):
    """Several questions about the same scene or image to some models."""

    questions: Annotated[list[Text], Field(min_length=1, max_length=100)]
    models: Models = None
    scene: SceneRecord | None = None
    image: Image | None = None
    top: Top = 5
    trace: bool = False


class Candidate(BaseModel):
    """A possible answer."""

    answer: str
    probability: float


class Program(BaseModel):
    """What a model that writes programs wrote."""

    tokens: list[str]
    valid: bool
    fault: str | None
    oracle: str | None = Field(description="what it truly answers on the scene")


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


class LocateRequest(Given):
    """An expression that refers to something, to some models."""

    expression: Text
    models: Models = None
    scene: SceneRecord | None = None
    image: Image | None = None
    trace: bool = True


class LocatedBox(BaseModel):
    """Where a model points, or why it does not."""

    model: str
    box: list[float] | None
    probability: float | None
    trace: dict[str, Any] | None = None
    milliseconds: float
    error: ErrorDetail | None = None


class LocateResponse(BaseModel):
    """Where the models point."""

    expression: str
    boxes: list[LocatedBox]
    width: int
    height: int


class RegionsRequest(Given):
    """Boxes of an image to be named."""

    image: Image
    boxes: Annotated[
        list[Annotated[list[Annotated[float, Field(ge=-1e5, le=1e5)]], Field(min_length=4, max_length=4)]],
        Field(min_length=1, max_length=100, description="[x, y, width, height] of each"),
    ]
    model: Annotated[str, Field(max_length=200)]
    top: Top = 5


class RegionsResponse(BaseModel):
    """The names of the boxes, before and after reasoning, as `visreason regions --json` gives them."""

    family: str
    regions: list[dict[str, Any]]
    memory: list[list[list[float]]]
    cell: float
    milliseconds: float
