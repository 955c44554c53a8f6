"""`visreason plot`: how training went."""

from pathlib import Path


def plot(runs: list[Path], *, output: Path | None = None) -> None:
    """Draw loss, test loss, accuracy, invalid answers and learning rate of one or several runs in one
    picture.

    Args:
        runs: run folders.
        output: folder of the picture; by default the run's results, or the current folder for several runs.

    Example:
        visreason plot runs/rn-quick runs/question-only-quick --output plots
    """
    from visreason.metrics.training_plot import plot_training
    from visreason.tasks.curves import read_curves
    from visreason.tasks.run_folder import RunFolder

    folders = [RunFolder.open(path) for path in runs]
    names = [folder.path.resolve().name for folder in folders]
    if len(set(names)) < len(names):
        names = [str(path) for path in runs]
    target = (output or (folders[0].results if len(folders) == 1 else Path())) / "training.png"
    plot_training(dict(zip(names, map(read_curves, folders), strict=True)), target)
    print(target)
