"""Boxes: where an expression points, and what regions are called."""

from typing import Annotated, Any

from pydantic import BaseModel, Field

from visreason.serve.schemas.asking import Oracle
from visreason.serve.schemas.common import Choice, ErrorDetail, Given, Image, Models, Text, Top, Whole
from visreason.serve.schemas.scenes import SceneRecord


class LocateRequest(Given):
    """An expression that refers to something, to some models."""

    expression: Text
    models: Models = None
    scene: SceneRecord | None = None
    image: Image | None = None
    trace: Choice = True


class LocatedBox(BaseModel):
    """Where a model points, or why it does not."""

    model: str
    box: list[float] | None
    probability: float | None
    trace: dict[str, Any] | None = None
    milliseconds: float
    error: ErrorDetail | None = None


class LocateOracle(Oracle):
    """What an expression truly refers to; `answer` is the object in words."""

    object: int | None = Field(description="its place in the scene's list")
    box: list[float] | None = Field(description="of what is visible of it")


class LocateResponse(BaseModel):
    """Where the models point, and where the thing is."""

    expression: str
    boxes: list[LocatedBox]
    width: int = Field(description="of the image whose pixels the boxes are in")
    height: int
    oracle: LocateOracle | None = Field(
        description="null where no scene is given or the expression is not understood"
    )
    note: str | None = Field(description="why there is no oracle, for people")


class RegionsRequest(Given):
    """Boxes of an image to be named."""

    image: Image
    boxes: Annotated[
        list[
            Annotated[
                list[Annotated[float, Field(strict=True, ge=-1e5, le=1e5)]], Field(min_length=4, max_length=4)
            ]
        ],
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


class SplitRecord(BaseModel):
    """A split of the data folder that the server shows."""

    split: str
    images: int = Field(description="how many are shown")


class DataRecord(BaseModel):
    """The data folder that the server shows."""

    splits: list[SplitRecord]


class PictureRecord(BaseModel):
    """An image of the data folder."""

    split: str
    number: int
    image_filename: str
    image: bool = Field(description="whether there is a file of it, under `image`")
    scene: SceneRecord | None


class IndexRecord(BaseModel):
    """The index that the server searches."""

    images: int
    model: str
    layer: str
    aggregation: str
    reads: str = Field(description="images or scenes")


class IndexPicture(BaseModel):
    """An image of the index."""

    number: int
    image_filename: str
    image: bool = Field(description="whether there is a file of it; else its scene is drawn")
    scene: SceneRecord | None


class SearchRequest(Given):
    """What is searched for: exactly one of an image, a scene and a description in words."""

    image: Image | None = None
    scene: SceneRecord | None = None
    text: Text | None = Field(default=None, examples=["red metal cube left of large sphere; blue cylinder"])
    k: Annotated[Whole, Field(ge=1, le=100)] = 10


class Found(BaseModel):
    """An image of the index; its picture is under `index/images/{number}/image`."""

    number: int
    image_filename: str
    distance: float


class SearchResponse(BaseModel):
    """The nearest images, nearest first."""

    results: list[Found]
    scene: SceneRecord | None = Field(description="what was searched for, where that was a scene or words")
