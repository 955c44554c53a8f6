"""A question template as plain data: several wordings of one abstract program with open slots."""

from collections.abc import Mapping
from dataclasses import dataclass

from visreason.clevr.questions.functions import TEMPLATE_FUNCTIONS, TemplateFunction
from visreason.clevr.questions.purpose import QUESTIONS, Purpose


@dataclass(frozen=True, slots=True)
class TemplateNode:
    """One step of a template.

    Attributes:
        name: a name in `visreason.clevr.questions.functions.TEMPLATE_FUNCTIONS`.
        inputs: indices of the nodes it reads, all smaller than its own.
        slots: its parameters, such as `("<Z>", "<C>", "<M>", "<S>")`.
    """

    name: str
    inputs: tuple[int, ...]
    slots: tuple[str, ...]

    @property
    def function(self) -> TemplateFunction:
        """The function it names."""
        return TEMPLATE_FUNCTIONS[self.name]


@dataclass(frozen=True, slots=True)
class Null:
    """The parameter `slot` stays empty: a question about the colour must not give it away."""

    slot: str


@dataclass(frozen=True, slots=True)
class OutputsDiffer:
    """The outputs of two template nodes differ (`OUT_NEQ`)."""

    first: int
    second: int


@dataclass(frozen=True, slots=True)
class ValuesDiffer:
    """Two parameters, when both are filled, have different values (`NEQ`)."""

    first: str
    second: str


Constraint = Null | OutputsDiffer | ValuesDiffer


@dataclass(frozen=True, slots=True)
class Template:
    """One question family.

    Attributes:
        file: the file it is from, without `.json`.
        index: its place in that file.
        family: its global number (0 to 89 for CLEVR's families).
        texts: its wordings, with slots `<Z>` and optional parts `[that is]`.
        nodes: its program with open slots; the last node gives the answer, or the object referred to.
        domains: slot to what it may be: `"size"`, `"color"`, `"material"`, `"shape"` or `"relation"`.
        constraints: what an instance must obey.
    """

    file: str
    index: int
    family: int
    texts: tuple[str, ...]
    nodes: tuple[TemplateNode, ...]
    domains: Mapping[str, str]
    constraints: tuple[Constraint, ...]

    @property
    def name(self) -> str:
        """File and place in it, such as `"one_hop/2"`: what a question stores as its template."""
        return f"{self.file}/{self.index}"


@dataclass(frozen=True, slots=True)
class TemplateSet:
    """A folder of templates with the words they are filled with.

    Attributes:
        folder: where it came from, for messages.
        templates: all families, by ascending global number.
        synonyms: a word to the words it may be said with.
        values: domain to the words a slot of it may take.
        purpose: what the templates are for.
    """

    folder: str
    templates: tuple[Template, ...]
    synonyms: Mapping[str, tuple[str, ...]]
    values: Mapping[str, tuple[str, ...]]
    purpose: Purpose = QUESTIONS
