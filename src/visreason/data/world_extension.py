"""A finished split made longer: its scenes, questions and images stay what they are, byte for byte.

A scene depends on its own number alone, and the questions of a window of 250 scenes are asked scene by scene,
so those of a longer split begin with those of the shorter one. Images, which take nearly all the time, are
kept; the texts, which take minutes, are made anew, so that they are right whatever was done to the old ones.
Only the images of a last batch that was not full are drawn again, with those that now fill it up: the last
bit of an image may depend on its batch.
"""

from visreason.data.world_files import WorldFiles
from visreason.data.world_split import WorldSplit


def prepare_extension(files: WorldFiles, longer: WorldSplit) -> None:
    """Delete what of a split has to be made anew when it becomes longer.

    Args:
        files: the split as it is.
        longer: as it shall be.
    """
    from visreason.data.world_images import image_batches  # imports PyTorch, which takes a while

    for path in [*files.texts(), *files.parts_dir.glob("[a-z]*_[0-9]*.json")]:
        path.unlink()
    files.checksums_file.unlink(missing_ok=True)
    for batch in image_batches(longer):
        if batch.start < files.scenes < batch.stop:
            for index in range(batch.start, files.scenes):
                files.image(index).unlink(missing_ok=True)
                files.mask(index).unlink(missing_ok=True)
