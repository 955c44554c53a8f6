"""What a loaded model is, knows, and got right."""

from typing import Any, Literal

from pydantic import BaseModel, Field


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

    question_index: int | None = Field(description="null for a region, which answers no question")
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
