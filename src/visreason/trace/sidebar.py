"""The right-hand side of a trace's picture: the question and the likeliest answers.

Everything is laid out in pixels from the top down, because words wrap and push down what follows.
"""

from collections.abc import Sequence

from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import FancyBboxPatch
from matplotlib.transforms import IdentityTransform

from visreason.trace.schema import Candidate, Trace
from visreason.trace.style import (
    FAINT,
    FOR,
    INK,
    QUIET,
    STRONGEST_TINT,
    answer_text,
    colour_of,
    percent,
    shown_words,
    word_shares,
)


class Sidebar:
    """A column of a figure, filled from the top down.

    Args:
        figure: what to draw on.
        left: the column's left border as a share of the figure's width.
        right: its right border.
        top: its upper border as a share of the figure's height, from below.
    """

    def __init__(self, figure: Figure, left: float, right: float, top: float) -> None:
        width, height = figure.get_size_inches() * figure.dpi
        self.figure = figure
        self.renderer = RendererAgg(  # type: ignore[no-untyped-call]
            width, height, figure.dpi
        )
        self.point = figure.dpi / 72
        self.left, self.right, self.y = left * width, right * width, top * height

    def question(self, trace: Trace) -> None:
        """The question, each word on the tint of its part in the answer."""
        self._heading("Question")
        size = 13.0 if len(trace.words) <= 34 else 11.0
        font, line = _font(size), 1.85 * size * self.point
        x, space = self.left, 4.2 * self.point
        words = shown_words(trace.words)
        for index, ((word, spaced), share) in enumerate(zip(words, word_shares(trace), strict=True)):
            width = self._width(word, font)
            closing = "".join(after for after, apart in words[index + 1 : index + 2] if not apart)
            x += space if spaced else 0
            if x + width + self._width(closing, font) > self.right and spaced:
                x = self.left
                self.y -= line
            if abs(share) > 0.05:
                tint = (
                    x - 1.5 * self.point,
                    self.y - 4.5 * self.point,
                    width + 3 * self.point,
                    1.4 * size * self.point,
                )
                self._box(*tint, colour_of(share), STRONGEST_TINT * abs(share))
            self._text(x, word, font, INK)
            x += width
        self.y -= 46 * self.point

    def answers(self, candidates: Sequence[Candidate]) -> None:
        """The likeliest answers as bars, the best in full colour; nothing where there are none."""
        if not candidates:
            return
        self._heading("Answer")
        labels = [answer_text(one) for one in candidates]
        longest = max((self._width(label, _font(11.5, bold=True)) for label in labels), default=0.0)
        start, end = self.left + longest + 12 * self.point, self.right - 48 * self.point
        for order, (one, label) in enumerate(zip(candidates, labels, strict=True)):
            best = order == 0
            ink = INK if best else QUIET
            self._text(self.left, label, _font(11.5, bold=best), ink)
            self._box(start, self.y - self.point, end - start, 10 * self.point, FAINT, 1.0)
            length = max((end - start) * one.probability, 2 * self.point)
            self._box(start, self.y - self.point, length, 10 * self.point, FOR if best else "#A9B1BB", 1.0)
            self._text(end + 8 * self.point, percent(one.probability), _font(9.5, bold=best), ink)
            self.y -= 22 * self.point

    def _heading(self, text: str) -> None:
        self._text(self.left, text, _font(9, bold=True), QUIET)
        self.y -= 25 * self.point

    def _width(self, text: str, font: FontProperties) -> float:
        width, _, _ = self.renderer.get_text_width_height_descent(  # type: ignore[no-untyped-call]
            text, font, ismath=False
        )
        return float(width)

    def _text(self, x: float, text: str, font: FontProperties, colour: str) -> None:
        self.figure.text(
            x,
            self.y,
            text,
            fontproperties=font,
            color=colour,
            transform=IdentityTransform(),
            parse_math=False,
        )

    def _box(self, x: float, y: float, width: float, height: float, colour: str, strength: float) -> None:
        round_ = f"round,pad=0,rounding_size={min(3 * self.point, width / 2, height / 2)}"
        self.figure.add_artist(
            FancyBboxPatch(
                (x, y),
                width,
                height,
                boxstyle=round_,
                fc=colour,
                ec="none",
                alpha=strength,
                transform=IdentityTransform(),
                zorder=0.5,
            )
        )


def _font(size: float, *, bold: bool = False) -> FontProperties:
    return FontProperties(family="DejaVu Sans", size=size, weight="bold" if bold else "normal")
