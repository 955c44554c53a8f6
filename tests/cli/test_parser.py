from pathlib import Path
from typing import Any, Literal

import pytest

from visreason.cli.parser import build_parser, split_overrides, takes_overrides
from visreason.errors import UsageError


def draw(
    run: list[Path],
    *,
    output: Path | None = None,
    renderer: Literal["raycast", "mitsuba"] = "raycast",
    only: list[str] | None = None,
    rules: list[Path] | None = None,
    k: int = 3,
    no_images: bool = False,
) -> None:
    """Draw the runs.

    All of them, 100 %.

    Args:
        run: folders of runs.
        output: where to.
        k: how many.
        no_images: leave the images out.

    Example:
        visreason draw runs/a runs/b
    """


def optional(data: Path | None = None, *, seed: int) -> None:
    """Take an optional folder and a required flag."""


def dotted(recipe: str, *, out: Path | None = None, **overrides: str) -> None:
    """Take dotted settings."""


def test_types_and_names() -> None:
    values = build_parser("draw", draw).parse_args(
        [
            "a",
            "b",
            "--output",
            "o",
            "--only",
            "x=1",
            "--only",
            "y<2",
            "--rules",
            "c",
            "--rules",
            "d",
            "-k",
            "5",
            "--no-images",
            "--renderer",
            "mitsuba",
        ]
    )
    assert values.run == [Path("a"), Path("b")]
    assert values.output == Path("o")
    assert values.only == ["x=1", "y<2"]
    assert values.rules == [Path("c"), Path("d")]
    assert values.k == 5
    assert values.no_images is True
    assert values.renderer == "mitsuba"


def test_defaults() -> None:
    values = build_parser("draw", draw).parse_args(["a"])
    assert (values.output, values.only, values.k, values.no_images, values.renderer) == (
        None,
        None,
        3,
        False,
        "raycast",
    )
    assert build_parser("optional", optional).parse_args(["--seed", "1"]).data is None
    assert build_parser("optional", optional).parse_args(["folder", "--seed", "1"]).data == Path("folder")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "run"),
        (["a", "-k", "many"], "--k.*many"),
        (["a", "--renderer", "blender"], "--renderer.*blender"),
        (["a", "--no-such-flag"], "no-such-flag"),
    ],
)
def test_errors_are_one_line_and_point_to_the_help(arguments: list[str], message: str) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        build_parser("draw", draw).parse_args(arguments)
    assert "visreason draw --help" in str(caught.value)


def test_a_required_flag() -> None:
    with pytest.raises(UsageError, match="required: seed"):
        build_parser("optional", optional).parse_args([])


def test_help_has_words_types_defaults_and_the_example(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        build_parser("draw", draw).parse_args(["--help"])
    assert stop.value.code == 0
    text = " ".join(capsys.readouterr().out.split())
    for part in (
        "Draw the runs.",
        "100 %",
        "folders of runs. (path)",
        "how many. (int, default 3)",
        "--no-images",
    ):
        assert part in text
    assert "example: visreason draw runs/a runs/b" in text


def test_dotted_settings_are_set_apart() -> None:
    own, overrides = split_overrides(["r", "--a.b-c.d=1 = 2", "--out", "o", "--x.y", "-3"])
    assert own == ["r", "--out", "o"]
    assert overrides == {"a.b_c.d": "1 = 2", "x.y": "-3"}
    with pytest.raises(UsageError, match="needs a value"):
        split_overrides(["--x.y"])


@pytest.mark.parametrize(("function", "expected"), [(dotted, True), (draw, False)])
def test_only_a_function_with_overrides_takes_them(function: Any, expected: bool) -> None:
    assert takes_overrides(function) is expected
