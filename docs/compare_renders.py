"""Draw the renderers' images of the same scenes side by side, and beside real ones where there are any.

    python docs/compare_renders.py comparison.png --root ../shared/data/clevr_real --images 6
    python docs/compare_renders.py docs/images/renderers.jpg --images 3 --first 12

Each row is a scene: with --root the real image first, then the ray-caster's and Mitsuba's; the number is the peak
signal-to-noise ratio to the real image. The cameras are recovered from the scenes; the lamps stand where they do
without jitter, as their places in the real images are not known. A picture with real CLEVR images (CC BY 4.0) is made
on demand and not kept here; without --root the scenes are our own.
"""

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from visreason.benchmarks.fidelity import psnr
from visreason.clevr.folder import ClevrFolder
from visreason.clevr.sampling import sample_scene, scene_rng
from visreason.clevr.scene import Scene
from visreason.clevr.scenes_file import read_scenes
from visreason.data.images import load_image
from visreason.errors import VisreasonError
from visreason.render import Renderer
from visreason.render.mitsuba import MitsubaRenderer

Picture = NDArray[np.uint8]
Draw = Callable[[Scene], Picture]


def raycast() -> Draw:
    """The ray-caster at CLEVR's size."""
    renderer = Renderer()
    return lambda scene: renderer.render([scene]).rgb[0].numpy()


def mitsuba() -> Draw:
    """Mitsuba at CLEVR's size."""
    renderer = MitsubaRenderer()
    return lambda scene: renderer.render([scene])[0].numpy()


RENDERERS = {"raycast": raycast, "mitsuba": mitsuba}


def real_scenes(root: Path, split: str, images: int) -> Iterator[tuple[Scene, Picture]]:
    """Scenes from all over a split, with their real images."""
    folder = ClevrFolder(root)
    scenes = read_scenes(folder.scenes_file(split))
    for scene in scenes[:: max(1, len(scenes) // images)][:images]:
        yield scene, load_image(folder.image_path(split, scene.image_filename))


def own_scenes(first: int, images: int) -> Iterator[tuple[Scene, None]]:
    """Scenes of the generated world."""
    for index in range(first, first + images):
        yield sample_scene(scene_rng(0, "val", index), index, "val"), None


def compare(shown: Iterator[tuple[Scene, Picture | None]], renderers: list[str]) -> Image.Image:
    """One row a scene: the real image if there is one, then each renderer's."""
    draws = {name: RENDERERS[name]() for name in renderers}
    rows = []
    for scene, real in shown:
        cells = [] if real is None else [labelled(real, scene.image_filename)]
        for name, draw in draws.items():
            picture = draw(scene)
            cells.append(
                labelled(picture, name if real is None else f"{name}   {psnr(real, picture):.1f} dB")
            )
        rows.append(np.concatenate(cells, axis=1))
    return Image.fromarray(np.concatenate(rows))


def labelled(picture: Picture, label: str) -> Picture:
    """The picture with words in its top left corner."""
    image = Image.fromarray(picture)
    ImageDraw.Draw(image).text((8, 4), label, fill="white", font_size=14)
    return np.asarray(image)


def main() -> None:
    """Read the arguments and write the picture."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("out", type=Path, help="the picture to write")
    parser.add_argument(
        "--root", type=Path, help="a CLEVR folder with real images; without it scenes are our own"
    )
    parser.add_argument("--split", default="train", help="which split of it")
    parser.add_argument("--images", type=int, default=6, help="how many scenes")
    parser.add_argument("--first", type=int, default=0, help="the first of our own scenes")
    parser.add_argument(
        "--renderers", nargs="+", choices=[*RENDERERS], default=[*RENDERERS], help="which ones"
    )
    arguments = parser.parse_args()
    images = max(1, arguments.images)
    try:
        own = own_scenes(arguments.first, images)
        shown = real_scenes(arguments.root, arguments.split, images) if arguments.root else own
        compare(shown, arguments.renderers).save(arguments.out, quality=88, optimize=True)
    except VisreasonError as error:
        raise SystemExit(str(error)) from error
    print(arguments.out)


if __name__ == "__main__":
    main()
