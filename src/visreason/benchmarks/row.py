"""One measured figure, in the shape that `visreason bench --json` prints."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A benchmark's result: a ratio against the plain formula where there is one, a value with its unit where not.

    Attributes:
        name: what was measured, dotted (`"rn-step.float32"`).
        ratio: time of the plain formula divided by ours, both measured in this run; more is better.
        memory_ratio: added peak memory of ours divided by the plain formula's; less is better.
        equal: whether both gave the same result within the tolerance of the test that guards it.
        value: the figure itself where there is nothing to compare with.
        unit: of `value`, such as `"questions/s"` or `"dB"`.
    """

    name: str
    ratio: float | None = None
    memory_ratio: float | None = None
    equal: bool | None = None
    value: float | None = None
    unit: str | None = None
