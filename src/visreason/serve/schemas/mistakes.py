"""What a test got wrong."""

from typing import Literal

from pydantic import BaseModel, Field

from visreason.serve.schemas.scenes import SceneRecord

Kind = Literal["answer", "box", "region"]
Sides = list[float]


class MistakeRecord(BaseModel):
    """A wrong prediction of the last test."""

    number: int = Field(description="by which it is opened")
    kind: Kind
    text: str | None = Field(
        description="the question or expression; null for a region, or where the data of the test is not at hand"
    )
    image_filename: str
    opens: bool = Field(description="whether its picture is known")
    image: bool = Field(description="whether there is a file of it; else the scene is drawn")
    type: str
    answer: str | None = Field(description="the true answer or class")
    prediction: str | None = Field(
        description="what was said; null for a box, or a program that answers nothing"
    )
    probability: float | None
    box: Sides | None = Field(description="the true one, or the region's: [x, y, width, height]")
    predicted_box: Sides | None
    iou: float | None = Field(description="how much of their union the two have in common")
    frame: list[int] = Field(description="width and height of the image in whose pixels boxes are given")


class MistakeSubject(MistakeRecord):
    """A wrong prediction with what it was about."""

    scene: SceneRecord | None
    boxes: list[Sides] = Field(description="of all regions of the image")
    place: int | None = Field(description="which of them it is about")


class Mistakes(BaseModel):
    """What the last test of a model got wrong: the first of each kind."""

    counts: dict[Kind, int] = Field(description="how many there are of each kind")
    mistakes: list[MistakeRecord]
    note: str | None = Field(description="why none opens, for people")
