"""A few fixed questions that every shipped model was asked, to see that it still says the same.

No image is stored: the scenes are a function of a seed. Whatever changes what a model says - its weights, the renderer,
the question engine, a network's code - is seen here.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from visreason.data.embedded import embedded_regions, embedded_sort_of_clevr, embedded_world
from visreason.errors import UsageError
from visreason.models import ModelFile, load_model
from visreason.tasks.figures import figure_rows
from visreason.tasks.location_report import JointReport, LocationReport
from visreason.tasks.naming_report import NamingReport
from visreason.tasks.recipes.layers import from_nested
from visreason.tasks.recipes.settings import to_recipe
from visreason.tasks.recipes.worlds import RegionWorld, SortOfClevrWorld
from visreason.tasks.reports import AnswerReport, Report
from visreason.tasks.testing import run_test
from visreason.zoo.drift import Drift

SEED, SCENES, QUESTIONS = 20261122, 12, 6
SPLIT = "drift"


def ask_fixed(file: Path, console: Console | None = None) -> Drift:
    """Ask a model file the fixed questions.

    Raises:
        UsageError: its answers cannot be compared one by one.
    """
    shown = console or Console(stderr=True, quiet=True)
    report = run_test(str(file), _folder(load_model(file), shown), SPLIT, console=shown).report
    figures = {
        str(name): round(float(value), 5)
        for name, value, *_ in figure_rows(report.to_dict())
        if not str(name).startswith("classes.")
    }
    said = [(one["prediction"], round(float(one["probability"]), 4)) for one in _predictions(report)]
    return Drift(figures, said)


def _folder(model: ModelFile, console: Console) -> Path:
    """The folder of the fixed scenes, of the world that a model knows, made now if it was not made before."""
    recipe = to_recipe(from_nested(model.meta["settings"]), "the model's recipe")
    scenes = {SPLIT: SCENES}
    if isinstance(recipe.world, RegionWorld):
        return embedded_regions(
            scenes,
            SPLIT,
            image_size=recipe.world.image_size,
            design=recipe.world.design(),
            seed=SEED,
            console=console,
        )
    if isinstance(recipe.world, SortOfClevrWorld):
        return embedded_sort_of_clevr(
            scenes, SPLIT, questions_per_scene=QUESTIONS, seed=SEED, console=console
        ).root
    return embedded_world(
        scenes,
        SPLIT,
        questions_per_scene=QUESTIONS,
        refexps_per_scene=QUESTIONS if getattr(model.config, "locate", None) else 0,
        only=recipe.world.rules(),
        image_size=recipe.world.image_size,
        images=recipe.inputs.kind == "pixels",
        seed=SEED,
        console=console,
    ).root


def _predictions(report: Report) -> Sequence[Mapping[str, Any]]:
    """What was said, one object a sample."""
    if isinstance(report, JointReport):
        return [*report.answers.predictions, *report.locations.predictions]
    if isinstance(report, AnswerReport | LocationReport | NamingReport):
        return report.predictions
    raise UsageError("this model neither answers, locates nor names regions; such models do not ship.")
