"""Reasoning traces: one record of how any model came to its answer, and its drawing."""

from visreason.trace.schema import Candidate, Step, Trace

__all__ = ["Candidate", "Step", "Trace"]
