"""Further places for metrics, by name; `metrics.jsonl` is always written."""

from collections.abc import Callable, Sequence
from importlib.util import find_spec

from lightning.pytorch.loggers import Logger, MLFlowLogger, TensorBoardLogger, WandbLogger

from visreason.errors import UsageError
from visreason.tasks.run_folder import RunFolder

LOGGERS: dict[str, tuple[str, Callable[[RunFolder], Logger]]] = {
    "tensorboard": ("tensorboard", lambda run: TensorBoardLogger(run.path, name="", version="tensorboard")),
    "wandb": ("wandb", lambda run: WandbLogger(project="visreason", name=run.path.name, save_dir=run.path)),
    "mlflow": (
        "mlflow",
        lambda run: MLFlowLogger(
            "visreason", run_name=run.path.name, tracking_uri=f"file:{run.path / 'mlruns'}"
        ),
    ),
}
"""Name to the package that it needs and how it is made."""


def make_loggers(names: Sequence[str], run: RunFolder) -> list[Logger]:
    """Make the loggers that a recipe names.

    Raises:
        UsageError: a logger's package is not installed.
    """
    for name in names:
        package = LOGGERS[name][0]
        if find_spec(package) is None:
            raise UsageError(
                f"logging.loggers names {name!r}, but the package {package} is not installed. "
                f"Install it (`pip install {package}`) or leave {name} out."
            )
    return [LOGGERS[name][1](run) for name in names]
