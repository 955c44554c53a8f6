"""Scenes, as CLEVR v1.0 records them, and what can be done with one."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from visreason.clevr.camera import HEIGHT, WIDTH
from visreason.serve.schemas.common import Given, Number, Point, Seed, Whole

Size = Literal["large", "small"]
Color = Literal["gray", "red", "blue", "green", "brown", "purple", "cyan", "yellow"]
Material = Literal["rubber", "metal"]
Shape = Literal["cube", "sphere", "cylinder"]
Coordinate = Annotated[Number, Field(ge=-5, le=5)]

MOST_OBJECTS = 10
"""CLEVR's scenes have no more objects."""


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
    image_index: Whole = Field(default=0, ge=0, le=10**9)
    image_filename: str = Field(default="scene.png", max_length=200)
    split: str = Field(default="studio", max_length=50)
    relationships: dict[str, list[list[Whole]]] | None = Field(
        default=None, description="worked out; ignored if given"
    )
    directions: dict[str, list[Annotated[float, Field(strict=True)]]] | None = Field(
        default=None, description="CLEVR's; ignored if given"
    )


class SampleRequest(Given):
    """Which scene to make."""

    seed: Seed = 0
    objects: Annotated[Whole, Field(ge=1, le=MOST_OBJECTS)] | None = Field(
        default=None, description="null: 3 to 10"
    )


class SceneResponse(BaseModel):
    """A scene, complete."""

    scene: SceneRecord


class RenderRequest(Given):
    """What to render, and how large."""

    scene: SceneRecord
    width: Annotated[Whole, Field(ge=24, le=960)] = WIDTH
    height: Annotated[Whole, Field(ge=16, le=640)] = HEIGHT


class QuestionsRequest(Given):
    """How many questions to make about a scene."""

    scene: SceneRecord
    count: Annotated[Whole, Field(ge=1, le=50)] = 10
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
