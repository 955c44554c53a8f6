"""Draw real CLEVR images beside ours, rendered again from their scenes.

    python docs/compare_renders.py comparison.png --root ../shared/data/clevr_real --images 6

The left of each pair is real, the right ours; the number is the peak signal-to-noise ratio. The cameras are
recovered from the scenes, the lamps stand where they do without jitter, as their places in the real images
are not known. The picture holds CLEVR images (CC BY 4.0), so it is made on demand and not kept here.
"""

import argparse
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from visreason.benchmarks.fidelity import psnr
from visreason.clevr.folder import ClevrFolder
from visreason.clevr.scenes_file import read_scenes
from visreason.data.images import load_image
from visreason.errors import VisreasonError
from visreason.render import Renderer


def compare(root: Path, split: str, images: int) -> Image.Image:
    """Pairs of real and rendered images, two pairs a row."""
    folder = ClevrFolder(root)
    scenes = read_scenes(folder.scenes_file(split))
    chosen = scenes[:: max(1, len(scenes) // images)][:images]
    renderer = Renderer()
    pairs = []
    for scene in chosen:
        real = load_image(folder.image_path(split, scene.image_filename))
        ours = renderer.render([scene]).rgb[0].numpy()
        pair = Image.fromarray(np.concatenate((real, ours), axis=1))
        label = f"{scene.image_filename}   {psnr(real, ours):.1f} dB"
        ImageDraw.Draw(pair).text((8, 4), label, fill="white", font_size=14)
        pairs.append(pair)
    width, height = pairs[0].size
    sheet = Image.new("RGB", (2 * width, -(-len(pairs) // 2) * height))
    for place, pair in enumerate(pairs):
        sheet.paste(pair, (place % 2 * width, place // 2 * height))
    return sheet


def main() -> None:
    """Read the arguments and write the picture."""
    parser = argparse.ArgumentParser(description=compare.__doc__)
    parser.add_argument("out", type=Path, help="the picture to write")
    parser.add_argument("--root", type=Path, default=Path("../shared/data/clevr_real"), help="a CLEVR folder")
    parser.add_argument("--split", default="train", help="which split of it")
    parser.add_argument("--images", type=int, default=6, help="how many pairs")
    arguments = parser.parse_args()
    try:
        compare(arguments.root, arguments.split, max(1, arguments.images)).save(arguments.out)
    except VisreasonError as error:
        raise SystemExit(str(error)) from error
    print(arguments.out)


if __name__ == "__main__":
    main()
