"""Wrong answers as a gallery: one HTML file that needs nothing else, no network and no script.

It follows the reader's light or dark setting. Every text from the data is escaped.
"""

import base64
import io
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from html import escape
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from visreason.clevr.controls import STEPS
from visreason.clevr.folder import ClevrFolder
from visreason.clevr.scene import Scene
from visreason.data.images import load_image, resize_image
from visreason.metrics.attribution import Attribution
from visreason.tasks.reports import Subject
from visreason.tasks.verdicts import Answered, Case

SHOWN = 12
"""So many wrong answers of each step are shown; `attribution.json` has them all."""

_SIZE = (200, 300)
"""Height and width of the pictures."""

MEANING = {
    "parse": "The question was not understood.",
    "perceive": "An attribute was not seen, or the things described were not found.",
    "relate": "A relation was not followed, or what was found was joined wrongly.",
    "count": "What was found was counted wrongly.",
    "compare": "Two values were right and compared wrongly.",
    "answer": "Every step is right, and the answer is not what they come to.",
}

_STYLE = """
:root { color-scheme: light dark; --ink: #22272e; --quiet: #5c6570; --faint: #edeff2; --paper: #fff;
  --card: #f7f8fa; --bar: #0072b2; --bad: #b34700; --good: #00694c }
@media (prefers-color-scheme: dark) { :root { --ink: #e8ebef; --quiet: #a3adb8; --faint: #2c333b; --paper: #171b20;
  --card: #1e242a; --bar: #56b4e9; --bad: #f0a06a; --good: #4cc9a0 } }
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 1280px; padding: clamp(16px, 3vw, 48px); background: var(--paper);
  color: var(--ink); font: 16px/1.5 system-ui, "Segoe UI", "DejaVu Sans", sans-serif }
h1 { font-size: 1.5rem; line-height: 1.3; margin: 0 0 .25rem; overflow-wrap: anywhere }
h2 { margin: 2.5rem 0 .2rem; font-size: 1.15rem }
p { margin: 0 0 1rem; max-width: 75ch }
.quiet { color: var(--quiet) }
.wide { overflow-x: auto }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; width: 100%; max-width: 760px }
th, td { padding: .25rem .8rem .25rem 0; text-align: left; font-weight: 400; white-space: nowrap }
thead th { color: var(--quiet); font-size: .85rem }
td.bar { width: 100%; min-width: 90px; padding-right: 0 }
.bar div { height: 12px; min-width: 2px; border-radius: 3px; background: var(--bar) }
a { color: inherit }
ul { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(280px, 100%), 1fr)); gap: 18px; margin: 1rem 0;
  padding: 0; list-style: none }
li.case { background: var(--card); border-radius: 8px; overflow: hidden; overflow-wrap: anywhere }
li.case > div { padding: .7rem .9rem .9rem }
img { display: block; width: 100%; height: auto; background: var(--faint) }
.question { margin: 0 0 .5rem; line-height: 1.4 }
.said { margin: 0 0 .5rem }
.bad { color: var(--bad); font-weight: 650 } .good { color: var(--good); font-weight: 650 }
.why { margin: 0; font-size: .88rem; line-height: 1.4 }
code { font-size: .95em }
details { margin-top: .5rem; font-size: .85rem }
summary { cursor: pointer; color: var(--quiet) }
ol { margin: .4rem 0 0; padding-left: 1.3rem }
"""


def why_html(
    subject: Subject, found: Attribution, cases: Sequence[Case], pictures: Mapping[str, NDArray[np.uint8]]
) -> str:
    """The page of a test's wrong answers: the shares of the steps, and some answers of each.

    Args:
        subject: what was tested on what.
        found: the shares.
        cases: those that are shown, as `shown_cases` chooses them.
        pictures: by the name of the image, `[H, W, 3]`.
    """
    title = f"Why {Path(subject.model).name} was wrong on {Path(subject.data).name}"
    shown = {case.step for case in cases}
    parts = [
        f"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)}</title>
<style>{_STYLE}</style>
<main>
<h1>{escape(title)}</h1>
<p class="quiet">{found.wrong:,} of {found.asked:,} answers are wrong (split {escape(subject.split)}). Each is put \
down to the first step of reasoning that failed, by {escape(found.evidence)}.</p>
""",
        _table(found, shown),
    ]
    for step in STEPS:
        those = [case for case in cases if case.step == step]
        if those:
            parts.append(
                f'<h2 id="{step}">{step.capitalize()}</h2>\n<p class="quiet">{MEANING[step]}</p>\n<ul>\n'
            )
            parts += [_card(case, pictures[case.question.image_filename]) for case in those]
            parts.append("</ul>\n")
    return "".join([*parts, "</main>\n</html>\n"])


def shown_cases(cases: Sequence[Case]) -> list[Case]:
    """The first wrong answers of each step, `SHOWN` at most, about as many different images as there are."""
    shown = []
    for step in STEPS:
        turns = Counter[str]()
        those = list[tuple[int, Case]]()
        for case in cases:
            if case.step == step:
                those.append((turns[case.question.image_filename], case))
                turns[case.question.image_filename] += 1
        shown += [case for _, case in sorted(those, key=lambda one: one[0])[:SHOWN]]
    return shown


def thumbnails(scenes: Sequence[Scene], folder: ClevrFolder, split: str) -> dict[str, NDArray[np.uint8]]:
    """Small pictures of scenes by the name of their image: of the image's file, or rendered where there is none.

    Raises:
        DataError: an image cannot be read.
    """
    found, missing = dict[str, NDArray[np.uint8]](), dict[str, Scene]()
    for scene in scenes:
        path = folder.image_path(split, scene.image_filename)
        if path.is_file():
            found[scene.image_filename] = resize_image(load_image(path), _SIZE)
        else:
            missing[scene.image_filename] = scene
    if missing:
        from visreason.render import render  # takes a second to import, and images need it not

        height, width = _SIZE
        drawn = render(list(missing.values()), width, height).rgb.cpu().numpy()
        found |= dict(zip(missing, drawn, strict=True))
    return found


def _table(found: Attribution, shown: Collection[str]) -> str:
    """The share of every step, with its interval; those that have a section lead to it."""
    if not found.steps:
        return "<p>Every answer is right.</p>\n"
    names = {step: f'<a href="#{step}">{step}</a>' if step in shown else step for step in found.steps}
    rows = "".join(
        f'<tr><th scope="row">{names[step]}</th><td>{escape(str(share))}</td>'
        f'<td class="bar"><div style="width: {share.value:.1%}"></div></td></tr>\n'
        for step, share in found.steps.items()
    )
    return (
        '<div class="wide"><table>\n<thead><tr><th scope="col">first failed</th><th scope="col">share, 95 % interval'
        f'</th><th scope="col"></th></tr></thead>\n<tbody>\n{rows}</tbody></table></div>\n'
    )


def _card(case: Case, picture: NDArray[np.uint8]) -> str:
    """One wrong answer."""
    question = case.question
    function = "" if case.function is None else f" <code>{escape(case.function)}</code>"
    program = "" if case.program is None else f' <span class="quiet">Program: {escape(case.program)}.</span>'
    asked = "".join(f"<li>{_asked(one)}</li>" for one in case.asked)
    more = f"<details><summary>{len(case.asked)} asked</summary><ol>{asked}</ol></details>" if asked else ""
    if case.written is not None and case.program != "exact":
        wrote = escape(" ".join(case.written))
        more += f"<details><summary>the program it wrote</summary><code>{wrote}</code></details>"
    return f"""<li class="case"><img alt="{escape(question.image_filename, quote=True)}" loading="lazy" \
src="{_data_url(picture)}"><div>
<p class="question">{escape(question.text)}</p>
<p class="said"><span class="bad">{escape(case.prediction)}</span>, truly \
<span class="good">{escape(str(question.answer))}</span></p>
<p class="why"><b>{case.step}</b>{function}: {escape(case.why)}{program}</p>
{more}</div></li>
"""


def _asked(one: Answered) -> str:
    """A further question with its answer."""
    right = one.prediction == one.answer
    said = f'<span class="{"good" if right else "bad"}">{escape(one.prediction)}</span>'
    truly = "" if right else f", truly {escape(one.answer)}"
    aside = (
        ""
        if one.counts
        else ' <span class="quiet">(does not count: what it needs beside the step is wrong)</span>'
    )
    return f"{escape(one.text)} {said}{truly}{aside}"


def _data_url(pixels: NDArray[np.uint8]) -> str:
    """Pixels as the address of a JPEG that holds them."""
    data = io.BytesIO()
    Image.fromarray(pixels).save(data, format="JPEG", quality=82, optimize=True)
    return f"data:image/jpeg;base64,{base64.b64encode(data.getvalue()).decode()}"
