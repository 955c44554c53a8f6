"""What a set of templates is for: to ask questions, to refer to objects, or to say what is true of an image.

All three are programs with open slots and sentences for them, filled by one search; they differ in what a
program ends in and in which of its steps must matter.
"""

from dataclasses import dataclass

from visreason.clevr.attributes import ATTRIBUTES
from visreason.clevr.functions import ANSWER_TYPES, Type


@dataclass(frozen=True, slots=True)
class Purpose:
    """What templates are for.

    Attributes:
        name: of the purpose; part of what seeds the randomness of its texts.
        texts: what the texts are called.
        ends_in: the types the last node of a template may give.
        must_matter: functions that may not be idle where a template has them as nodes of their own: with all
            objects in place of what such a node gives, the outcome changes.
        trivial_share: share of the relational descriptions (`relate_filter`) whose relation changes nothing.
        only_true: whether a truth value has to be "yes".
    """

    name: str
    texts: str
    ends_in: frozenset[Type]
    must_matter: frozenset[str]
    trivial_share: float
    only_true: bool = False


QUESTIONS = Purpose("questions", "questions", ANSWER_TYPES, frozenset({"relate"}), trivial_share=0.1)
"""Questions, as the generator of CLEVR v1.0 asks them."""

REFERRING = Purpose(
    "referring",
    "referring expressions",
    frozenset({Type.OBJECT}),
    frozenset({"relate", "union", *(f"same_{name}" for name in ATTRIBUTES)}),
    trivial_share=0.0,
)
"""Expressions that refer to one object; nothing in them may be idle."""

CAPTIONS = Purpose(
    "captions", "captions", frozenset({Type.BOOL}), frozenset(), trivial_share=0.1, only_true=True
)
"""Statements that are true of an image."""
