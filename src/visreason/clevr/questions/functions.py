"""The functions a question template may use: CLEVR's own, and the abbreviations templates have on top.

A template writes `filter_unique` for up to four filters and `unique`, and `relate_filter_count` for `relate`,
up to four filters and `count`: a program spells them out. Source: the entries of `metadata.json` (CLEVR v1.0
generator) marked `template_only`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from visreason.clevr.attributes import ATTRIBUTES
from visreason.clevr.functions import FUNCTIONS, Type


@dataclass(frozen=True, slots=True)
class TemplateFunction:
    """A function as templates know it.

    Attributes:
        name: as in the `type` key of a template's node.
        inputs: the types of the nodes it reads.
        slots: the domain of each of its parameters (`side_inputs`), such as `("relation", "size", ...)`.
        output: the type it gives.
        steps: the functions of `visreason.clevr.functions` it stands for, in order, each reading the one
            before.
    """

    name: str
    inputs: tuple[Type, ...]
    slots: tuple[str, ...]
    output: Type
    steps: tuple[str, ...]

    def spell(self, choice: Iterable[str | None]) -> Iterator[tuple[str, tuple[str, ...]]]:
        """The functions that it stands for, each with its words, once its slots are filled.

        Args:
            choice: what each slot says; a filter whose slot says nothing (None) is left out.

        Example:
            >>> list(TEMPLATE_FUNCTIONS["filter_count"].spell((None, "red", None, None)))
            [('filter_color', ('red',)), ('count', ())]
        """
        left = iter(choice)
        for function in self.steps:
            if function == "relate" or function.startswith("filter_"):
                word = next(left)
                if word is not None:
                    yield function, (word,)
            else:
                yield function, ()


def _catalogue() -> list[TemplateFunction]:
    functions = [
        TemplateFunction(name, plain.inputs, plain.values, plain.output, (name,))
        for name, plain in FUNCTIONS.items()
    ]
    filters = tuple(f"filter_{name}" for name in ATTRIBUTES)
    endings = {
        "": Type.OBJECT_SET,
        "unique": Type.OBJECT,
        "count": Type.INTEGER,
        "exist": Type.BOOL,
    }
    for ending, output in endings.items():
        suffix, last = (f"_{ending}", (ending,)) if ending else ("", ())
        functions += [
            TemplateFunction(
                f"filter{suffix}", (Type.OBJECT_SET,), tuple(ATTRIBUTES), output, filters + last
            ),
            TemplateFunction(
                f"relate_filter{suffix}",
                (Type.OBJECT,),
                ("relation", *ATTRIBUTES),
                output,
                ("relate", *filters, *last),
            ),
        ]
    return functions


TEMPLATE_FUNCTIONS: dict[str, TemplateFunction] = {function.name: function for function in _catalogue()}
"""Every function a template may use, by name."""
