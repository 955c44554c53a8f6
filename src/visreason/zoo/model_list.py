"""Every model that recipes build or that ships with visreason, with its size and scores."""

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from visreason.files import read_json
from visreason.tasks.recipes.layers import read_settings
from visreason.zoo.card import card_of
from visreason.zoo.catalogue import find_recipe, recipe_names
from visreason.zoo.shipped_models import shipped_names

COUNTS = Path(str(files("visreason.zoo"))) / "parameters.json"
"""The parameters of every recipe's model, as `visreason.zoo.counting` counted them: building all takes seconds."""


@dataclass(frozen=True, slots=True)
class ModelRow:
    """A model as `visreason models` lists it.

    Attributes:
        name: its name: that of its recipe, or that under which it ships.
        family: of networks.
        recipe: which trains it.
        parameters: trainable numbers; of one that does not ship with CLEVR's vocabulary or the region world's classes.
        published: accuracy in the literature, or None.
        own: what visreason reached, or None; of a shipped model what its card says.
        shipped: whether trained weights come with visreason, so that the name can be asked and tested.
        size: of the shipped model file in bytes, or None.
    """

    name: str
    family: str
    recipe: str
    parameters: int
    published: str | None
    own: str | None
    shipped: bool
    size: int | None


def list_models() -> list[ModelRow]:
    """Every model, as a row.

    Example:
        >>> {row.name: row.parameters for row in list_models()}["rn-pixels-rendered"]
        484580
    """
    ready, counts = shipped_names(), read_json(COUNTS)
    return [
        _shipped_row(name) if name in ready else _recipe_row(name, counts.get(name))
        for name in sorted({*recipe_names(), *ready})
    ]


def _recipe_row(name: str, parameters: int | None) -> ModelRow:
    """A model that can be trained; it is counted now where no count of it is kept yet."""
    if parameters is None:
        from visreason.zoo.counting import count_parameters  # brings torch

        parameters = count_parameters(name)
    settings = read_settings(find_recipe(name), find_recipe)
    return ModelRow(
        name,
        settings["model.family"],
        name,
        parameters,
        settings["about.published"],
        settings["about.score"],
        shipped=False,
        size=None,
    )


def _shipped_row(name: str) -> ModelRow:
    """A model that is there, as its card has it."""
    card = card_of(name)
    record = card.record
    return ModelRow(
        name,
        record.family,
        record.recipe,
        record.parameters,
        record.published,
        record.headline(),
        shipped=True,
        size=card.size,
    )
