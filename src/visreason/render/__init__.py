"""Scene to image: the ray-caster."""

from visreason.render.renderer import Rendered, Renderer, render

__all__ = ["Rendered", "Renderer", "render"]
