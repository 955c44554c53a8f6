"""Scenes, questions and captions of a world compressed in place: a tenth of the room, read as before.

gzip, because every Python, every shell and every peer's tool reads it: `gunzip -r OUT` gives the plain files
back, byte for byte.
"""

import shutil
from pathlib import Path

from visreason.clevr.folder import PACKED
from visreason.clevr.records import packed
from visreason.data.world_files import WorldFiles
from visreason.files import write_atomically


def compress_texts(files: WorldFiles) -> list[Path]:
    """Compress those JSON files of a split that are not; return the files that were made.

    The same contents give the same bytes: no name and no time are stored.

    Raises:
        DataError: a file cannot be written.

    Example:
        >>> import tempfile
        >>> files = WorldFiles(Path(tempfile.mkdtemp()), "val", 1)
        >>> files.scenes_file.parent.mkdir()
        >>> _ = files.scenes_file.write_text('{"scenes": []}')
        >>> [path.name for path in compress_texts(files)], compress_texts(files)
        (['CLEVR_val_scenes.json.gz'], [])
    """
    made = []
    for path in files.texts():
        if path.suffix == ".json":
            target = path.with_name(f"{path.name}{PACKED}")
            with path.open("rb") as plain, write_atomically(target) as file, packed(file) as writer:
                shutil.copyfileobj(plain, writer, 1 << 20)
            path.unlink()
            made.append(target)
    return made
