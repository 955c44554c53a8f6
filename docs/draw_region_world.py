"""Draws docs/images/region_world.png: `python docs/draw_region_world.py`."""

from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from visreason.data.region_world import RegionSplit, region_scene
from visreason.region_world.drawing import draw_region_scene

COLORS = {"appearance": "#4a4a4a", "local": "#0a5fd0", "graph": "#c02080", "both": "#c04a00"}
SIDE, SCALE, BAND = 128, 5, 36
SCENES = (21, 23)


def panel(index: int) -> Image.Image:
    """One image, enlarged, with its boxes and names in the colours of what they need."""
    scene = region_scene(RegionSplit("val", 100), index)
    drawn = draw_region_scene(scene, SIDE)
    image = Image.fromarray(drawn.image).resize((SIDE * SCALE,) * 2, Image.Resampling.NEAREST)
    pen, font = ImageDraw.Draw(image), ImageFont.load_default(14)
    for place, region in enumerate(scene.regions):
        x, y, width, height = (SCALE * side for side in drawn.box(place))
        color = COLORS[region.needs]
        pen.rectangle((x, y, x + width - 1, y + height - 1), outline=color, width=2)
        left = min(x, image.width - 6 - pen.textlength(region.name, font))
        top = y + height + 1 if region.name == "rail" else y - 18
        pen.rectangle((left, top, left + pen.textlength(region.name, font) + 5, top + 16), fill=color)
        pen.text((left + 3, top), region.name, "white", font)
    return image


def main() -> None:
    """Draw the panels side by side over a legend."""
    panels = [panel(index) for index in SCENES]
    width = sum(one.width for one in panels) + 8
    sheet = Image.new("RGB", (width, panels[0].height + BAND), "white")
    for place, one in enumerate(panels):
        sheet.paste(one, (place * (one.width + 8), 0))
    pen, font, x = ImageDraw.Draw(sheet), ImageFont.load_default(16), 8.0
    words = {
        "appearance": "named at sight",
        "local": "needs its neighbours",
        "graph": "needs the graph",
        "both": "needs both",
    }
    for need, text in words.items():
        pen.rectangle((x, sheet.height - 24, x + 14, sheet.height - 10), fill=COLORS[need])
        pen.text((x + 22, sheet.height - 28), text, "black", font)
        x += 60 + pen.textlength(text, font)
    target = Path(__file__).parent / "images" / "region_world.png"
    sheet.save(target, optimize=True)


if __name__ == "__main__":
    main()
