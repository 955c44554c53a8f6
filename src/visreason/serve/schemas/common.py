"""What requests share: limits of texts and numbers, and how errors are told.

Numbers of requests are strict: neither `true` nor `"1"` is taken for 1.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Whole = Annotated[int, Field(strict=True)]
Choice = Annotated[bool, Field(strict=True)]
Number = Annotated[float, Field(strict=True, ge=-1000, le=1000)]
Point = Annotated[list[Number], Field(min_length=3, max_length=3)]
Text = Annotated[str, Field(min_length=1, max_length=1000)]
Seed = Annotated[Whole, Field(ge=0, le=2**31 - 1)]
Top = Annotated[Whole, Field(ge=1, le=100, description="how many answers are told")]
Image = Annotated[
    str, Field(min_length=1, description="a PNG, JPEG or WebP file in base64, as it is or as a data: URL")
]
Models = Annotated[
    list[Annotated[str, Field(max_length=200)]] | None,
    Field(max_length=50, description="names of loaded models; null: all that can"),
]


class Given(BaseModel):
    """What a client sends: no unknown fields, no NaN."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


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
