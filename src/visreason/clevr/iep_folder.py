"""The layout of a data folder of clevr-iep (Johnson et al. 2017): HDF5 files of questions and of features."""

from pathlib import Path

from visreason.clevr.folder import ClevrFolder

_QUESTIONS = "_questions.h5"


class IepFolder(ClevrFolder):
    """A folder of `SPLIT_questions.h5`, `SPLIT_features.h5` and the `vocab.json` that numbers their tokens.

    Images and scenes may lie beside them as CLEVR v1.0 has them.

    Example:
        >>> folder = IepFolder("data")
        >>> folder.questions_file("val").as_posix(), folder.features_file("val").as_posix()
        ('data/val_questions.h5', 'data/val_features.h5')
    """

    def __repr__(self) -> str:
        return f"IepFolder({str(self.root)!r})"

    def questions_file(self, split: str) -> Path:
        """`SPLIT_questions.h5`."""
        return self.root / f"{split}{_QUESTIONS}"

    def features_file(self, split: str) -> Path:
        """`SPLIT_features.h5`: a dataset `features`, `[images, C, h, w]`, in the order of the images' indices."""
        return self.root / f"{split}_features.h5"

    def splits(self) -> tuple[str, ...]:
        """The splits that have a questions file, sorted."""
        return tuple(sorted(file.name.removesuffix(_QUESTIONS) for file in self.root.glob(f"*{_QUESTIONS}")))
