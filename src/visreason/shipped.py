"""Where the trained models lie that come with visreason."""

from importlib.resources import files
from pathlib import Path

SHIPPED = Path(str(files("visreason"))) / "zoo" / "shipped"
"""The folder of their files, `NAME.safetensors`, and of their cards, `NAME.json`."""
