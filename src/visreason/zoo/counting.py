"""How many parameters the recipes' models have: counted here, kept in `parameters.json` for whoever lists them.

`python -m visreason.zoo.counting` writes the file anew; a test says when that is due.
"""

from typing import Any

import torch

from visreason.data.class_vectors import SIZE
from visreason.data.vocabulary import CLEVR_VOCABULARY
from visreason.files import write_json
from visreason.models import build_model
from visreason.region_world.records import knowledge
from visreason.tasks.recipes.model_settings import model_config
from visreason.tasks.recipes.recipe import Recipe
from visreason.zoo.catalogue import load_recipe, recipe_names
from visreason.zoo.model_list import COUNTS

CLEVR_FRAME = (320, 480)
"""Height and width of CLEVR's images, in whose pixels boxes are given."""


def count_parameters(name: str) -> int:
    """The trainable numbers of a recipe's model.

    Example:
        >>> count_parameters("rn-pixels")
        484580
    """
    recipe = load_recipe(name)
    with torch.device("meta"):  # sizes alone: no weights are drawn
        model = build_model(recipe.model.family, model_config(recipe, usual_meta(recipe)))
    return sum(parameter.numel() for parameter in model.parameters())


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


if __name__ == "__main__":
    write_json(COUNTS, {name: count_parameters(name) for name in recipe_names()}, indent=True)
