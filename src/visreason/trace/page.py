"""A reasoning trace as a page: one HTML file that needs nothing else, no network and no script.

The same picture as `trace_png`, drawn as SVG over the image; resting the pointer on a curve, a dot or a word
tells its weight. It follows the reader's light or dark setting.
"""

import base64
import io
from collections.abc import Iterable, Sequence
from html import escape

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from visreason.trace.film import frames, spotlight
from visreason.trace.links import Link, Spot, find_links, scaled_spots
from visreason.trace.picture import LABELLED_LINKS, anchor_scale, canvas_size, glow, link_control
from visreason.trace.schema import Trace
from visreason.trace.style import (
    STRONGEST_TINT,
    answer_text,
    colour_of,
    percent,
    relational_step,
    shown_words,
    signed,
    word_shares,
)

_STYLE = """
:root { color-scheme: light dark; --ink: #22272e; --quiet: #6b7480; --faint: #edeff2; --paper: #fff; --bar:
#a9b1bb } @media (prefers-color-scheme: dark) {
  :root { --ink: #e8ebef; --quiet: #98a2ae; --faint: #2c333b; --paper: #171b20; --bar: #5d6773 }
}
* { box-sizing: border-box }
body { margin: 0; padding: clamp(16px, 3vw, 48px); background: var(--paper); color: var(--ink);
  font: 16px/1.5 system-ui, "Segoe UI", "DejaVu Sans", sans-serif }
main { display: flex; flex-wrap: wrap; gap: clamp(20px, 3vw, 48px); max-width: 1280px; margin: auto }
figure { flex: 3 1 460px; margin: 0 }
section { flex: 2 1 300px }
svg { display: block; width: 100%; height: auto; border-radius: 6px }
h2 { margin: 0 0 .5rem; font-size: .8rem; color: var(--quiet) }
.question { margin: 0 0 2rem; font-size: 1.35rem; line-height: 1.75 }
.question span { border-radius: 4px; padding: .1em .12em; margin: 0 -.12em }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums }
td { padding: .22rem .6rem .22rem 0; white-space: nowrap; color: var(--quiet) }
td:nth-child(2) { width: 100% }
td:last-child { padding-right: 0; text-align: right }
tr:first-child td { color: var(--ink); font-weight: 650 }
.bar { height: 12px; border-radius: 3px; background: var(--faint) }
.bar div { height: 100%; min-width: 3px; border-radius: 3px; background: var(--bar) }
tr:first-child .bar div { background: #d55e00 }
figcaption { margin-top: .7rem; font-size: .85rem; color: var(--quiet) }
figcaption b { font-weight: 600 }
svg text { font-weight: 700; text-anchor: middle; pointer-events: none; paint-order: stroke; stroke: #fff;
  stroke-width: .35em; stroke-linejoin: round }
.link { transition: opacity .15s }
svg:has(.link:hover) .link:not(:hover) { opacity: .25 }
ol { flex: 1 1 100%; display: grid; grid-template-columns: repeat(auto-fill, minmax(170px, 1fr)); gap: 18px 14px;
  margin: 0; padding: 0; list-style: none; font-size: .85rem; line-height: 1.35 }
ol img { display: block; width: 100%; border-radius: 4px; margin-bottom: .35rem }
ol small { color: var(--quiet) }
li { overflow-wrap: anywhere }
"""


def trace_html(trace: Trace, image: NDArray[np.uint8] | None = None) -> str:
    """The page of a trace; arguments as for `draw_trace`.

    Example:
        >>> page = trace_html(Trace(family="question-only", steps=(), words=("is", "a", "<", "b", "?")))
        >>> page.startswith("<!doctype html>"), "&lt;" in page
        (True, True)
    """
    title = escape(_sentence(trace)) or "A reasoning trace"
    return f"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{_STYLE}</style>
<main>
<figure>
{_svg(trace, image)}
{_caption(trace)}</figure>
<section>
<h2>Question</h2>
<p class="question">{"".join(_words(trace))}</p>
{_answers(trace)}</section>
{_film(trace, image)}</main>
</html>
"""


def _caption(trace: Trace) -> str:
    """What the colours and numbers mean, where there are any."""
    step = relational_step(trace)
    if step is None or step.anchors is None:
        return ""
    return (
        f'<figcaption><b style="color: {colour_of(1)}">Orange</b> speaks for the answer, '
        f'<b style="color: {colour_of(-1)}">blue, dashed</b> against it. '
        "Numbers: by how much two things shift its log-odds.</figcaption>\n"
    )


def _film(trace: Trace, image: NDArray[np.uint8] | None) -> str:
    """The steps that look somewhere, one small picture each."""
    shown = frames(trace)
    if not shown:
        return ""
    height, width = canvas_size(trace, image)
    seen = image if image is not None else np.full((height, width, 3), 255, np.uint8)
    items = (
        f'<li><img alt="where step {escape(frame.title, quote=True)} looks" '
        f'src="{_data_url(spotlight(frame.step.grid or (), seen))}">'
        f"{escape(frame.title)}<br><small>{escape(frame.note)}</small></li>"
        for frame in shown
    )
    return "<ol>\n" + "\n".join(items) + "\n</ol>\n"


def _sentence(trace: Trace) -> str:
    return "".join(f" {word}" if spaced else word for word, spaced in shown_words(trace.words))


def _words(trace: Trace) -> Iterable[str]:
    """The question's words, each on the tint of its part in the answer."""
    for (word, spaced), share in zip(shown_words(trace.words), word_shares(trace), strict=True):
        strength = round(100 * STRONGEST_TINT * abs(share))
        tint = f"color-mix(in srgb, {colour_of(share)} {strength}%, transparent)"
        yield (
            " " if spaced else ""
        ) + f'<span style="background: {tint}" title="{share:+.0%}">{escape(word)}</span>'


def _answers(trace: Trace) -> str:
    """A table with a row for each answer; nothing where there are none."""
    rows = [
        f"<tr><td>{escape(answer_text(one))}</td>"
        f'<td><div class="bar"><div style="width: {one.probability:.2%}"></div></div></td>'
        f"<td>{escape(percent(one.probability))}</td></tr>\n"
        for one in trace.answers
    ]
    return f"<h2>Answer</h2>\n<table>\n{''.join(rows)}</table>\n" if rows else ""


def _svg(trace: Trace, image: NDArray[np.uint8] | None) -> str:
    """The image with glow, links and spots."""
    height, width = canvas_size(trace, image)
    parts = [
        f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="{escape(_sentence(trace), quote=True)}">'
    ]
    if image is None:
        parts.append(f'<rect width="{width}" height="{height}" fill="var(--faint)"/>')
    else:
        parts.append(_embedded(image, width, height))
    step = relational_step(trace)
    if step is not None and step.anchors is not None:
        scale = anchor_scale(trace, (height, width))
        light = (255 * glow(step, scale, (height, width))).round().astype(np.uint8)
        spots = scaled_spots(step, scale)
        parts.append(_embedded(light, width, height))
        parts += _links_and_dots(spots, find_links(step, spots), width / 480)
    return "\n".join([*parts, "</svg>"])


def _links_and_dots(spots: Sequence[Spot], links: Sequence[Link], unit: float) -> Iterable[str]:
    """Pairs of two spots as curves, pairs within one as rings; spots as dots."""
    strongest = max((abs(link.weight) for link in links), default=1.0)
    labels = []
    for order, link in reversed(list(enumerate(links))):
        one, other = spots[link.first], spots[link.second]
        line = unit * (0.9 + 2.8 * abs(link.weight) / strongest)
        if link.first == link.second:
            shape = f'<circle cx="{one.x:.1f}" cy="{one.y:.1f}" r="{13 * unit:.1f}"'
            place = (one.x, one.y - 21 * unit)
        else:
            x, y = link_control(one, other)
            place = ((one.x + other.x) / 4 + x / 2, (one.y + other.y) / 4 + y / 2)
            shape = f'<path d="M{one.x:.1f} {one.y:.1f}Q{x:.1f} {y:.1f} {other.x:.1f} {other.y:.1f}"'
        dashes = f' stroke-dasharray="{2.2 * line:.1f} {line:.1f}"' if link.weight < 0 else ""
        yield (
            f'<g class="link" fill="none"><title>{signed(link.weight)}</title>'
            f'{shape} stroke="#fff" stroke-opacity=".8" stroke-width="{line + 1.6 * unit:.1f}"/>'
            f'{shape} stroke="{colour_of(link.weight)}" stroke-width="{line:.1f}"{dashes}/></g>'
        )
        if order < LABELLED_LINKS:
            labels.append(
                f'<text x="{place[0]:.1f}" y="{place[1] + 3.5 * unit:.1f}" font-size="{10 * unit:.1f}" '
                f'fill="{colour_of(link.weight)}">{signed(link.weight)}</text>'
            )
    for index in sorted({end for link in links for end in (link.first, link.second)}):
        spot = spots[index]
        yield (
            f'<circle cx="{spot.x:.1f}" cy="{spot.y:.1f}" r="{5 * unit:.1f}" stroke="#fff" '
            f'stroke-width="{unit:.1f}" fill="{colour_of(spot.weight)}">'
            f"<title>{signed(spot.weight)}</title></circle>"
        )
    yield from labels


def _embedded(pixels: NDArray[np.uint8], width: int, height: int) -> str:
    """Pixels as an SVG image."""
    place = f'width="{width}" height="{height}" preserveAspectRatio="none"'
    return f'<image {place} href="{_data_url(pixels)}"/>'


def _data_url(pixels: NDArray[np.uint8]) -> str:
    """Pixels as the address of a PNG that holds them."""
    data = io.BytesIO()
    Image.fromarray(pixels).save(data, format="PNG", optimize=True)
    return f"data:image/png;base64,{base64.b64encode(data.getvalue()).decode()}"
