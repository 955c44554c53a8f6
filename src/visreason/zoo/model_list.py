"""Every model that recipes build or that ships with visreason, with its size and scores."""

from dataclasses import dataclass
from typing import Any

import torch

from visreason.data.class_vectors import SIZE
from visreason.data.vocabulary import CLEVR_VOCABULARY
from visreason.models import build_model
from visreason.region_world.records import knowledge
from visreason.tasks.recipes.model_settings import model_config
from visreason.tasks.recipes.recipe import Recipe
from visreason.zoo.card import card_of
from visreason.zoo.catalogue import load_recipe, recipe_names
from visreason.zoo.shipped_models import shipped_names


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


CLEVR_FRAME = (320, 480)
"""Height and width of CLEVR's images, in whose pixels boxes are given."""


def list_models() -> list[ModelRow]:
    """Every model, as a row.

    Example:
        >>> {row.name: row.parameters for row in list_models()}["rn-pixels"]
        484580
    """
    ready = shipped_names()
    return [
        _shipped_row(name) if name in ready else _recipe_row(name)
        for name in sorted({*recipe_names(), *ready})
    ]


def usual_meta(recipe: Recipe) -> dict[str, Any]:
    """What is known of the data that a recipe's model is counted with: CLEVR's, or the region world's."""
    known = knowledge()
    return {
        "vocabulary": CLEVR_VOCABULARY.to_dict(),
        "inputs": recipe.inputs.to_meta(),
        "frame": CLEVR_FRAME,
        "classes": known["classes"],
        "relations": list(known["edges"]),
        "edge_count": sum(map(len, known["edges"].values())),
        "vector_size": SIZE,
    }


def _recipe_row(name: str) -> ModelRow:
    """A model that can be trained."""
    recipe = load_recipe(name)
    with torch.device("meta"):  # sizes alone: no weights are drawn
        model = build_model(recipe.model.family, model_config(recipe, usual_meta(recipe)))
    count = sum(parameter.numel() for parameter in model.parameters())
    about = recipe.about
    return ModelRow(
        name, recipe.model.family, name, count, about.published, about.score, shipped=False, size=None
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
