"""Shared layers, with no knowledge of tasks."""

from visreason.nn.answer_head import AnswerHead
from visreason.nn.batch import Batch
from visreason.nn.convolution import PixelCnn
from visreason.nn.coordinates import cell_anchors, cells_as_objects, coordinate_channels
from visreason.nn.pairwise import PairwiseRelations, pair_states, pairwise_relations, pairwise_relations_plain
from visreason.nn.text import BagEncoder, TextEncoder

__all__ = [
    "AnswerHead",
    "BagEncoder",
    "Batch",
    "PairwiseRelations",
    "PixelCnn",
    "TextEncoder",
    "cell_anchors",
    "cells_as_objects",
    "coordinate_channels",
    "pair_states",
    "pairwise_relations",
    "pairwise_relations_plain",
]
