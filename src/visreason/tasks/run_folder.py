"""The folder of one training run: what lies where, and how it is made, opened and refused.

```
RUN/config.yaml          the resolved recipe, every setting explained
RUN/environment.json     versions, device, seed, data
RUN/history.json         hours, steps, device and commit of each stretch of training (visreason.tasks.history)
RUN/metrics.jsonl        one JSON object a line: training by step, every epoch's end with its validation
RUN/checkpoints/         last.ckpt (to resume from) and best.ckpt
RUN/model.safetensors    the weights of the best epoch, with vocabulary and inputs
RUN/results/             what `visreason test` and `visreason plot` made of it
```
"""

import platform
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import orjson
import torch

from visreason.data.folder_lock import folder_lock
from visreason.errors import DataError, UsageError
from visreason.files import read_json, remove_leftovers, write_atomically, write_json

if TYPE_CHECKING:  # recipes bring worlds and YAML; whoever only looks for a run's files needs neither
    from visreason.tasks.recipes.recipe import Recipe


@dataclass(frozen=True, slots=True)
class RunFolder:
    """The files of a run.

    Attributes:
        path: the folder.
    """

    path: Path

    @property
    def config(self) -> Path:
        """The resolved recipe."""
        return self.path / "config.yaml"

    @property
    def environment(self) -> Path:
        """Versions, device, seed and data."""
        return self.path / "environment.json"

    @property
    def history(self) -> Path:
        """How long it was trained, on what and by which code."""
        return self.path / "history.json"

    @property
    def metrics(self) -> Path:
        """Metrics by step and epoch."""
        return self.path / "metrics.jsonl"

    @property
    def last(self) -> Path:
        """The newest checkpoint, to resume from."""
        return self.path / "checkpoints" / "last.ckpt"

    @property
    def best(self) -> Path:
        """The checkpoint of the best epoch."""
        return self.path / "checkpoints" / "best.ckpt"

    @property
    def weights(self) -> Path:
        """The model file of the best epoch."""
        return self.path / "model.safetensors"

    @property
    def results(self) -> Path:
        """Where tests and plots are put."""
        return self.path / "results"

    @classmethod
    def create(cls, path: Path, recipe: "Recipe", data: Path | None, *, overwrite: bool = False) -> Self:
        """Make the folder of a new run and write what is known before the first step.

        Args:
            path: the folder; it may exist if it is empty.
            recipe: what will be trained.
            data: the data folder, or None for the generated world.
            overwrite: remove what an older run left there.

        Raises:
            UsageError: the folder holds something, and `overwrite` is not given or it is not a run; or another
                process is at work in it.
        """
        from visreason.tasks.recipes.recipe_yaml import to_yaml  # see above

        run = cls(path)
        run.check_free(overwrite=overwrite)
        path.mkdir(parents=True, exist_ok=True)
        with folder_lock(path, wait=False):
            run.check_free(overwrite=overwrite)  # again, now that nobody else can make one here
            run._clear()
            write_json(run.environment, describe_environment(recipe, data), indent=True)
            with write_atomically(run.config, "w") as file:  # last: with it the folder is a run
                file.write(to_yaml(recipe))
        return run

    @classmethod
    def open(cls, path: Path) -> Self:
        """The folder of an earlier run.

        Raises:
            UsageError: it is not there, or is no run.
        """
        run = cls(path)
        if not path.is_dir():
            raise UsageError(f"there is no run folder {path}. Check the path.")
        if not run.is_run():
            raise UsageError(f"{path} is no run of visreason: it lacks config.yaml or environment.json.")
        return run

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Hold the run for this process, and remove what a killed one left half-written.

        Raises:
            UsageError: another process is at work in it.
        """
        with folder_lock(self.path, wait=False):
            for folder in (self.path, self.last.parent, self.results):
                remove_leftovers(folder)
            yield

    def check_free(self, *, overwrite: bool = False) -> None:
        """Make sure that a new run may be made here, in place of an older one if there is one.

        Raises:
            UsageError: as `create`.
        """
        if not self.path.exists() or (
            self.path.is_dir() and all(map(self._is_beginning, self.path.iterdir()))
        ):
            return
        if not self.is_run():
            raise UsageError(
                f"{self.path} holds something that is no run of visreason. Give --out another folder."
            )
        if not overwrite:
            raise UsageError(
                f"{self.path} already holds a run. Continue it with --resume {self.path}, replace it with "
                "--overwrite, or give --out another folder."
            )

    def _clear(self) -> None:
        """Delete what is in the folder, but not the folder, by which it is locked.

        What makes it a run goes last, so that after a kill it still is one, or a beginning.
        """
        last = (self.config, self.environment)
        for path in sorted(self.path.iterdir(), key=lambda one: last.index(one) if one in last else -1):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()

    def _is_beginning(self, file: Path) -> bool:
        """Whether `create` may have left a file behind when it was killed."""
        begun = (self.environment.name, self.config.name)
        return file == self.environment or any(file.match(f".{name}.*.part") for name in begun)

    def is_run(self) -> bool:
        """Whether the files that every run has are there."""
        return self.config.is_file() and self.environment.is_file()

    def data(self) -> Path | None:
        """The data folder that the run was trained on, or None for the generated world.

        Raises:
            DataError: `environment.json` is missing or broken.
        """
        known = read_json(self.environment)
        data = known.get("data") if isinstance(known, dict) else known
        if not isinstance(known, dict) or not isinstance(data, str | None):
            raise DataError(
                f"{self.environment} should be an object whose 'data' is a folder's name or null."
            )
        return None if data is None else Path(data)

    def recipe(self) -> "Recipe":
        """The recipe that the run was made with."""
        from visreason.tasks.recipes.layers import read_settings  # see above
        from visreason.tasks.recipes.settings import to_recipe

        return to_recipe(read_settings(self.config, Path), str(self.config))

    def read_metrics(self) -> Iterator[dict[str, Any]]:
        """Every line of `metrics.jsonl`; a last line that a kill cut short is left out.

        Raises:
            DataError: another line is no JSON, or does not hold figures of a step.
        """
        if not self.metrics.is_file():
            return
        for number, line in enumerate(self.metrics.read_bytes().splitlines(keepends=True), start=1):
            if line.endswith(b"\n"):
                where = f"{self.metrics}, line {number},"
                try:
                    record = orjson.loads(line)
                except orjson.JSONDecodeError as error:
                    raise DataError(f"{where} is not JSON: {error}. Remove the line.") from error
                if not _tells_figures(record):
                    raise DataError(f"{where} does not hold a step and its figures. Remove the line.")
                yield record

    def forget_metrics_after(self, step: int) -> None:
        """Drop the lines of steps after `step`, which a resumed run will write again."""
        kept = [record for record in self.read_metrics() if record["step"] <= step]
        with write_atomically(self.metrics) as file:
            file.writelines(orjson.dumps(record) + b"\n" for record in kept)


def describe_environment(recipe: "Recipe", data: Path | None) -> dict[str, Any]:
    """What else a run's numbers depend on: versions, device, threads, seed and data."""
    gpu = (
        torch.cuda.get_device_name()
        if torch.cuda.is_available() and recipe.training.accelerator != "cpu"
        else None
    )
    packages = ("visreason", "torch", "lightning", "numpy", "safetensors")
    return {
        "versions": {"python": platform.python_version()} | {name: version(name) for name in packages},
        "platform": platform.platform(),
        "device": gpu or "cpu",
        "threads": torch.get_num_threads(),
        "seed": recipe.training.seed,
        "data": None if data is None else str(data.resolve()),
    }


def _tells_figures(record: object) -> bool:
    """Whether a line of metrics has a step, and nothing but numbers besides, some of them by name.

    Example:
        >>> _tells_figures({"step": 5, "loss": 0.5, "accuracy_by_class": {"color": 0.25}})
        True
        >>> _tells_figures({"step": 5, "loss": "small"}), _tells_figures([5, 0.5])
        (False, False)
    """
    if not isinstance(record, dict) or type(record.get("step")) is not int:
        return False
    inner = [one.values() if isinstance(one, dict) else (one,) for one in record.values()]
    return all(one is None or isinstance(one, (int, float)) for values in inner for one in values)
