"""Photoreal images of the same scenes, path-traced by Mitsuba 3 (extra `mitsuba`)."""

from visreason.render.mitsuba.renderer import MitsubaRenderer

__all__ = ["MitsubaRenderer"]
