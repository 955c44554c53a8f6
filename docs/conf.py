"""Sphinx configuration: `make docs`."""

from visreason import __version__

project = "visreason"
author = "the visreason authors"
release = __version__
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 3
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = f"visreason {release}"
