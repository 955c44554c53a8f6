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


class Confusion(BaseModel):
    """How often the true answer of a row was answered with that of a column."""

    labels: list[str]
    counts: list[list[int]]


class Results(BaseModel):
    """The last test of a model."""

    metrics: dict[str, Any] = Field(description="what `visreason test --json` prints")
    confusion: Confusion | None
    mistakes: bool = Field(
        description="whether the test told each prediction, so that `mistakes` has the wrong ones"
    )
