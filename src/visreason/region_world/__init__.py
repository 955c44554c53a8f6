"""The region world: boxes that cannot be named by what they show, but by what surrounds them or by what is known.

A generated set for reasoning over regions (Chen et al., "Iterative Visual Reasoning Beyond Convolutions", CVPR 2018,
https://arxiv.org/abs/1803.11189): what appearance, neighbours and a graph of classes can each tell is known exactly
(`visreason.region_world.ceilings`), so that the part of each in a model's score can be told.
"""
