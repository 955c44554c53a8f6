"""How long a run has been trained, on what and by which code: one record a stretch, from start or resume to stop.

`RUN/history.json` is a list of `{"began": "2026-11-22T16:00:00+00:00", "from_step": 0, "to_step": 800, "epochs": 2,
"seconds": 61.2, "device": "cpu", "threads": 1, "version": "0.1.0", "commit": "…"}`. It is written anew with every
checkpoint, so a run that is killed has told of all the work that it keeps.
"""

import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any, Self

import torch
from lightning.pytorch import Callback, LightningModule, Trainer

import visreason
from visreason.errors import DataError
from visreason.files import read_json, write_json
from visreason.tasks.run_folder import RunFolder


@dataclass(frozen=True, slots=True)
class Stretch:
    """One stretch of training.

    Attributes:
        began: date and time, in UTC.
        from_step, to_step: optimiser steps before and after it.
        epochs: how many of the run's epochs were done after it.
        seconds: how long it took, measuring on the validation split included.
        device: the GPU's name, or "cpu".
        threads: of the processor, in one process.
        version: of visreason.
        commit: of its source, see `source_commit`; None where that is not known.
    """

    began: str
    from_step: int
    to_step: int
    epochs: int
    seconds: float
    device: str
    threads: int
    version: str
    commit: str | None


@dataclass(frozen=True, slots=True)
class History:
    """All stretches of a run.

    Attributes:
        stretches: in their order.
    """

    stretches: Sequence[Stretch]

    @classmethod
    def read(cls, run: RunFolder) -> Self:
        """The history of a run; of one from before histories were kept, what its metrics and environment tell.

        Raises:
            DataError: a file is broken.
        """
        if not run.history.is_file():
            return cls(_remembered(run))
        try:
            return cls([Stretch(**one) for one in read_json(run.history)])
        except TypeError as error:
            raise DataError(
                f"{run.history} does not hold stretches of training: {error}. Remove it: hours are then taken from "
                "metrics.jsonl."
            ) from error

    @property
    def seconds(self) -> float:
        """Of training, in all."""
        return sum(one.seconds for one in self.stretches)

    @property
    def steps(self) -> int:
        """Optimiser steps that were taken."""
        return self.stretches[-1].to_step if self.stretches else 0

    @property
    def epochs(self) -> int:
        """Whole epochs that were trained."""
        return self.stretches[-1].epochs if self.stretches else 0

    def each(self, name: str) -> list[Any]:
        """The different values of an attribute, such as "device", in the order in which they came up."""
        return list(dict.fromkeys(getattr(one, name) for one in self.stretches))


class Timekeeper(Callback):
    """Writes `history.json` whenever a checkpoint is written.

    Args:
        run: whose history it is.
    """

    def __init__(self, run: RunFolder) -> None:
        self.run = run
        self._earlier: Sequence[Stretch] = ()
        self._current: Stretch | None = None
        self._started = monotonic()

    def on_train_start(self, trainer: Trainer, module: LightningModule) -> None:
        """Begin a stretch; what an earlier one did after the checkpoint is done again, and took its time."""
        self._started = monotonic()
        gpu = torch.cuda.get_device_name(module.device) if module.device.type == "cuda" else None
        step = trainer.global_step
        self._earlier = History.read(self.run).stretches if step else ()
        self._current = Stretch(
            began=datetime.now(UTC).isoformat(timespec="seconds"),
            from_step=step,
            to_step=step,
            epochs=trainer.current_epoch,
            seconds=0.0,
            device=gpu or "cpu",
            threads=torch.get_num_threads(),
            version=visreason.__version__,
            commit=source_commit(),
        )

    def on_save_checkpoint(
        self, trainer: Trainer, module: LightningModule, checkpoint: Mapping[str, Any]
    ) -> None:
        """Note how far the stretch has come."""
        if not trainer.is_global_zero or self._current is None:
            return
        at_end = trainer.fit_loop.epoch_loop.batch_progress.is_last_batch
        now = replace(
            self._current,
            to_step=trainer.global_step,
            epochs=trainer.current_epoch + bool(at_end),
            seconds=round(monotonic() - self._started, 3),
        )
        write_json(self.run.history, [asdict(one) for one in (*self._earlier, now)], indent=True)


def source_commit(package: Path | None = None) -> str | None:
    """The last commit that touched the package's source, with a `+` if the source was changed since.

    None where the package lies in no git repository that tracks it, or there is no git.

    Args:
        package: the folder; None takes visreason's own.
    """
    folder = package or Path(visreason.__file__).parent
    answers = []
    for words in (("log", "-1", "--format=%H"), ("status", "--porcelain", "--untracked-files=no")):
        try:
            done = subprocess.run(
                ["git", "-C", str(folder), *words, "--", "."], capture_output=True, text=True, check=True
            )
        except (OSError, subprocess.CalledProcessError):
            return None
        answers.append(done.stdout.strip())
    commit, changes = answers
    return f"{commit[:12]}{'+' if changes else ''}" if commit else None


def _remembered(run: RunFolder) -> list[Stretch]:
    """One stretch for the whole of a run that kept no history: its epochs, with their seconds."""
    epochs = [record for record in run.read_metrics() if "seconds" in record]
    if not epochs:
        return []
    known = read_json(run.environment)
    began = datetime.fromtimestamp(run.environment.stat().st_mtime, UTC).isoformat(timespec="seconds")
    return [
        Stretch(
            began=began,
            from_step=0,
            to_step=epochs[-1]["step"],
            epochs=epochs[-1]["epoch"],
            seconds=sum(record["seconds"] for record in epochs),
            device=known["device"],
            threads=known["threads"],
            version=known["versions"]["visreason"],
            commit=None,
        )
    ]
