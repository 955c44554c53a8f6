"""What shipped models are to reach on 1,500 or more unseen generated scenes: the published figures or better."""

from visreason.zoo.catalogue import load_recipe, recipe_names

GOALS = {
    "rn-state": 0.979,
    "rn-pixels": 0.955,
    "san": 0.80,
    "iep": 0.969,
    "module-memory": 0.96,
    "module-memory-end-to-end": 0.95,
    "snmn-vqa": 0.966,
    "snmn-vqa-scratch": 0.93,
    "snmn-loc": 0.96,
    "snmn-loc-scratch": 0.934,
}
"""The first headline of each name: the fraction of right answers, or of boxes at IoU 0.5."""


def published_of(name: str) -> str | None:
    """The figure in the literature, as the recipe of this name, which has the published size, tells it.

    Example:
        >>> published_of("rn-state"), published_of("mine")
        ('96.4 % on CLEVR val in the paper, 97.9 % by the reference', None)
    """
    return load_recipe(name).about.published if name in recipe_names() else None


def goal_of(name: str) -> float | None:
    """The goal of a model, or None where nothing was set; a compact one has that of the published size.

    Example:
        >>> goal_of("iep-compact"), goal_of("rn-quick")
        (0.969, None)
    """
    return GOALS.get(name.removesuffix("-compact"))
