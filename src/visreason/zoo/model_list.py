"""Every model that recipes build or that ships with visreason, with its size and scores."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from visreason.data.class_vectors import SIZE
from visreason.data.vocabulary import CLEVR_VOCABULARY
from visreason.models import build_model
from visreason.region_world.records import knowledge
from visreason.tasks.recipes.model_settings import model_config
from visreason.tasks.recipes.recipe import Recipe
from visreason.zoo.catalogue import RECIPES, load_recipe, recipe_names

SHIPPED = RECIPES.parent / "weights"
"""The folder of model files that ship with visreason; each is named after its recipe."""


@dataclass(frozen=True, slots=True)
class ModelRow:
    """A model as `visreason models` lists it.

    Attributes:
        name: its name, that of its recipe.
        family: of networks.
        recipe: which trains it.
        parameters: trainable numbers, with CLEVR's vocabulary or the region world's classes.
        published: accuracy in the literature, or None.
        own: what visreason reached, or None.
        shipped: whether trained weights come with visreason, so that the name can be asked and tested.
    """

    name: str
    family: str
    recipe: str
    parameters: int
    published: str | None
    own: str | None
    shipped: bool


CLEVR_FRAME = (320, 480)
"""Height and width of CLEVR's images, in whose pixels boxes are given."""


def list_models() -> list[ModelRow]:
    """Every model, as a row.

    Example:
        >>> {row.name: row.parameters for row in list_models()}["rn-pixels"]
        484580
    """
    return [_row(name) for name in recipe_names()]


def shipped_file(name: str) -> Path | None:
    """The model file of a shipped name, or None where no such model ships."""
    file = SHIPPED / f"{name}.safetensors"
    return file if file.is_file() else None


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


def _row(name: str) -> ModelRow:
    recipe = load_recipe(name)
    with torch.device("meta"):  # sizes alone: no weights are drawn
        model = build_model(recipe.model.family, model_config(recipe, usual_meta(recipe)))
    count = sum(parameter.numel() for parameter in model.parameters())
    about, shipped = recipe.about, shipped_file(name) is not None
    return ModelRow(name, recipe.model.family, name, count, about.published, about.score, shipped)
