"""The catalogue of CLEVR's functions: what each takes, what it gives, and which words it may be asked for.

Source: `metadata.json` of the CLEVR v1.0 generator. The functions a *template* may use on top
(`filter_unique`, `relate_filter_count`, ...) are abbreviations that the question engine spells out in these.
"""

from dataclasses import dataclass
from enum import StrEnum

from visreason.clevr.attributes import ATTRIBUTES, RELATIONS


class Type(StrEnum):
    """What flows along an edge of a program; the names are those of CLEVR's `metadata.json`."""

    OBJECT_SET = "ObjectSet"
    OBJECT = "Object"
    INTEGER = "Integer"
    BOOL = "Bool"
    SIZE = "Size"
    COLOR = "Color"
    MATERIAL = "Material"
    SHAPE = "Shape"


@dataclass(frozen=True, slots=True)
class Function:
    """The signature of one function.

    Attributes:
        name: as in the `function` key of a program's node.
        inputs: the types of the nodes it reads.
        values: the domain of each of its words (`value_inputs`), keys of `VALUE_DOMAINS`.
        output: the type it gives.
    """

    name: str
    inputs: tuple[Type, ...]
    values: tuple[str, ...]
    output: Type


VALUE_DOMAINS: dict[str, tuple[str, ...]] = {**ATTRIBUTES, "relation": RELATIONS}
"""Domain to the words a function of it accepts: the four attributes and `relation`."""

ATTRIBUTE_TYPES: dict[str, Type] = {name: Type(name.capitalize()) for name in ATTRIBUTES}
"""Attribute to the type of its values: `"color"` to `Type.COLOR`."""

ANSWER_TYPES = frozenset(Type) - {Type.OBJECT_SET, Type.OBJECT}
"""The types a question can end in."""


def _catalogue() -> list[Function]:
    some, one, number, truth = Type.OBJECT_SET, Type.OBJECT, Type.INTEGER, Type.BOOL
    functions = [Function("scene", (), (), some)]
    functions += [Function(f"filter_{name}", (some,), (name,), some) for name in ATTRIBUTES]
    functions += [
        Function("unique", (some,), (), one),
        Function("relate", (one,), ("relation",), some),
        Function("union", (some, some), (), some),
        Function("intersect", (some, some), (), some),
    ]
    functions += [Function(f"same_{name}", (one,), (), some) for name in ATTRIBUTES]
    functions += [Function("count", (some,), (), number), Function("exist", (some,), (), truth)]
    functions += [Function(f"query_{name}", (one,), (), kind) for name, kind in ATTRIBUTE_TYPES.items()]
    functions += [
        Function(f"equal_{name}", (kind, kind), (), truth) for name, kind in ATTRIBUTE_TYPES.items()
    ]
    functions += [
        Function("equal_integer", (number, number), (), truth),
        Function("less_than", (number, number), (), truth),
        Function("greater_than", (number, number), (), truth),
        Function("equal_object", (one, one), (), truth),
    ]
    return functions


FUNCTIONS: dict[str, Function] = {function.name: function for function in _catalogue()}
"""Every function by name. `equal_object` is in CLEVR's catalogue, though no released question uses it."""


def token(function: str, values: tuple[str, ...] = ()) -> str:
    """The flat name of a function with its words, as program generators predict it.

    Example:
        >>> token("filter_color", ("red",)), token("count")
        ('filter_color[red]', 'count')
    """
    return f"{function}[{','.join(values)}]" if values else function


def _tokens() -> tuple[str, ...]:
    """All 40 tokens, sorted: the program vocabulary of clevr-iep without its four special tokens."""
    tokens = []
    for function in FUNCTIONS.values():
        if function.name != "equal_object":
            words = VALUE_DOMAINS[function.values[0]] if function.values else None
            tokens += [token(function.name, (word,)) for word in words] if words else [function.name]
    return tuple(sorted(tokens))


TOKENS: tuple[str, ...] = _tokens()
"""The 40 flat tokens of released programs, sorted, as in Johnson et al., ICCV 2017 (clevr-iep)."""
