"""What the picture and the page of a trace have in common: colours, and how words and answers are put.

Warm and unbroken is what speaks for the answer, blue and dashed what speaks against it: two of Okabe and
Ito's colours (https://jfly.uni-koeln.de/color/), which colour-blind readers can tell apart.
"""

from collections.abc import Sequence

from visreason.trace.schema import Candidate, Step, Trace

FOR = "#D55E00"
AGAINST = "#0072B2"
INK = "#22272E"
QUIET = "#6B7480"
FAINT = "#EDEFF2"
DASHES = (0, (2.2, 1.0))
STRONGEST_TINT = 0.45

_CLOSING = set("?.,;:!)")


def colour_of(weight: float) -> str:
    """The colour of a weight: for or against the answer."""
    return FOR if weight >= 0 else AGAINST


def answer_text(candidate: Candidate) -> str:
    """The answer as a word, or its class where no vocabulary has been given."""
    return f"class {candidate.index}" if candidate.answer is None else candidate.answer


def percent(probability: float) -> str:
    """A probability in percent.

    >>> percent(0.9312), percent(0.00001)
    ('93.1 %', '< 0.1 %')
    """
    return f"{probability:.1%}".replace("%", " %") if probability >= 0.0005 else "< 0.1 %"


def signed(weight: float) -> str:
    """A weight with its sign.

    >>> signed(0.62), signed(-1.5)
    ('+0.6', '−1.5')
    """
    return f"{weight:+.1f}".replace("-", "−")


def shown_words(words: Sequence[str]) -> list[tuple[str, bool]]:
    """Each word as it is written, and whether a space comes before it.

    >>> shown_words(["is", "it", "red", "?"])
    [('Is', False), ('it', True), ('red', True), ('?', False)]
    """
    return [
        (word.capitalize() if index == 0 else word, index > 0 and word not in _CLOSING)
        for index, word in enumerate(words)
    ]


def word_shares(trace: Trace) -> list[float]:
    """Each word's part in the answer as a share of the strongest, in [-1, 1]; zeros where the trace has none.

    With several steps that attend to words it is the mean of their attention; where that is the same for all words, as
    for a model that goes through them one by one, it says nothing, and is zero.
    """
    count = len(trace.words)
    rows = [
        step.text_attention
        for step in trace.steps
        if step.text_attention is not None and len(step.text_attention) == count
    ]
    totals = [sum(column) for column in zip(*rows, strict=True)] if rows else [0.0] * count
    if len(set(totals)) == 1:
        totals = [0.0] * count
    strongest = max(map(abs, totals), default=0.0)
    return [total / strongest if strongest > 0 else 0.0 for total in totals]


def relational_step(trace: Trace) -> Step | None:
    """The last step that has pairs or regions to show on the image."""
    steps = [step for step in trace.steps if step.pairs is not None or step.regions is not None]
    return steps[-1] if steps else None
