"""The steps of a trace that look somewhere, as a film: one small picture a step, lit where it looked.

Shape suffixes: H x W pixels.
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image

from visreason.trace.schema import Step, Table, Trace
from visreason.trace.style import INK, QUIET

DARKEST = 0.3
"""The brightness of what a step does not look at."""
COLUMNS = 6
"""Pictures beside each other."""
MOST_WORDS = 3
"""So many of the words that a step attends to are named."""
PURE, MOST_ROWS = 0.95, 2
"""A mixture of modules is told where its largest share is below this, by so many of its parts."""
_GAP, _NOTES = 0.16, 0.46
"""Inches between pictures, and below each for what it says."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One step of the film.

    Attributes:
        step: what is shown.
        title: its number, name and what it reads.
        note: what it found, and what the oracle finds; may be empty.
    """

    step: Step
    title: str
    note: str


def frames(trace: Trace) -> list[Frame]:
    """The steps that have a map, in order.

    A step that attends to words is named after them; one that reads earlier steps says which.

    Example:
        >>> steps = (Step(name="scene", grid=((1.0,),)), Step(name="exist", grid=((1.0,),), reads=(0,), truth="yes"))
        >>> [(frame.title, frame.note) for frame in frames(Trace(family="module-network", steps=steps))]
        [('1 scene', ''), ('2 exist ← 1', 'oracle: yes')]
    """
    return [
        Frame(step, f"{number} {_name(step, trace)}{_reads(step)}", _note(step))
        for number, step in enumerate(trace.steps, start=1)
        if step.grid is not None
    ]


def _name(step: Step, trace: Trace) -> str:
    weights = step.text_attention
    if weights is None or len(weights) != len(trace.words) or max(weights, default=0) <= 0:
        return step.name
    strong = [place for place, weight in enumerate(weights) if weight >= max(weights) / 2]
    best = sorted(sorted(strong, key=lambda place: -weights[place])[:MOST_WORDS])
    words = " ".join(trace.words[place] for place in best)
    return f"“{words}”" if step.name.startswith("word ") else f"{step.name} “{words}”"


def _reads(step: Step) -> str:
    return f" ← {', '.join(str(place + 1) for place in step.reads)}" if step.reads else ""


def _note(step: Step) -> str:
    said = [step.value] if step.value else []
    if step.addressing and step.addressing[0][1] < PURE:
        said.append(", ".join(f"{name} {share:.0%}" for name, share in step.addressing[:MOST_ROWS]))
    said += [f"oracle: {step.truth}"] if step.truth else []
    return " · ".join(said)


def spotlight(grid: Table, image_HW3: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """An image that is bright where the map is high, and dark and grey elsewhere.

    ```
    light = resize(grid) / max(grid);   pixel = light * pixel + (1 - light) * DARKEST * grey(pixel)
    ```

    Args:
        grid: weights of 0 or more that cover the image evenly.
        image_HW3: what was looked at.

    Example:
        >>> lit = spotlight(((0.0, 1.0),), np.full((4, 8, 3), 200, np.uint8))
        >>> lit[0, 0].tolist(), lit[0, 7].tolist()
        ([60, 60, 60], [200, 200, 200])
    """
    height, width = image_HW3.shape[:2]
    map_HW = np.asarray(grid, np.float32)
    map_HW = map_HW / max(float(map_HW.max()), 1e-12)
    resized = Image.fromarray(map_HW).resize((width, height), Image.Resampling.BICUBIC)
    light_HW1 = np.clip(np.asarray(resized), 0, 1)[..., None]
    grey_HW1 = image_HW3.mean(axis=2, keepdims=True)
    lit_HW3 = light_HW1 * image_HW3 + (1 - light_HW1) * DARKEST * grey_HW1
    return np.asarray(lit_HW3.round(), np.uint8)


def film_height(count: int, width: float, shape: float) -> float:
    """Inches that a film of `count` pictures takes: of a total width, and with pictures `shape` as high as wide."""
    rows = -(-count // COLUMNS)
    return rows * (_picture_width(width) * shape + _NOTES) + 0.1 if count else 0.0


def draw_film(
    figure: Figure, shown: list[Frame], image_HW3: NDArray[np.uint8], left: float, top: float, width: float
) -> None:
    """Draw frames row by row.

    Args:
        figure: what to draw on.
        shown: the frames.
        image_HW3: what was looked at.
        left: inches from the figure's left border.
        top: inches from its lower border to the film's upper one.
        width: inches.
    """
    total_width, total_height = figure.get_size_inches()
    wide = _picture_width(width)
    high = wide * image_HW3.shape[0] / image_HW3.shape[1]
    for place, frame in enumerate(shown):
        row, column = divmod(place, COLUMNS)
        x, y = left + column * (wide + _GAP), top - (row + 1) * high - row * _NOTES
        axes = figure.add_axes((x / total_width, y / total_height, wide / total_width, high / total_height))
        assert frame.step.grid is not None
        axes.imshow(spotlight(frame.step.grid, image_HW3), interpolation="antialiased")
        axes.set_axis_off()
        for line, (text, colour) in enumerate(((frame.title, INK), (frame.note, QUIET))):
            figure.text(
                x / total_width,
                (y - 0.15 - 0.15 * line) / total_height,
                _fit(text, wide),
                fontsize=7.8 if line == 0 else 7.2,
                color=colour,
                parse_math=False,
            )


def _picture_width(width: float) -> float:
    return (width - _GAP * (COLUMNS - 1)) / COLUMNS


def _fit(text: str, inches: float) -> str:
    """As much of a text as is sure to fit."""
    most = int(inches / 0.068)
    return text if len(text) <= most else text[: most - 1] + "…"
