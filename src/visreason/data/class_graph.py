"""Builds the knowledge graph of a list of classes from all that is there: names, WordNet, annotations, vectors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from visreason.data.class_vectors import SIZE, file_vectors, hashed_vectors, retrofit
from visreason.data.cooccurrence import annotated_relations
from visreason.data.knowledge import KnowledgeGraph, Pairs, make_graph
from visreason.data.regions.region_set import RegionSet
from visreason.data.wordnet import WordNet
from visreason.data.wordnet_relations import find_places, name_relations, wordnet_relations


@dataclass(frozen=True, slots=True)
class GraphReport:
    """Where a graph comes from, and what it lacks.

    Attributes:
        sources: each relation's source: "names", "WordNet", "annotations", "told" or "statements".
        unknown: classes that WordNet does not know; None: it was not asked.
        by_last_words: classes of which it knows the last words alone.
        vectors: where the vectors come from, in words.
        without_vector: classes that the file of word vectors does not have; they got hashed ones.
    """

    sources: dict[str, str]
    unknown: tuple[str, ...] | None
    by_last_words: tuple[str, ...]
    vectors: str
    without_vector: tuple[str, ...]


def build_graph(
    classes: Sequence[str],
    *,
    wordnet: WordNet | None = None,
    annotations: RegionSet | None = None,
    told: Mapping[str, Pairs] | None = None,
    stated: Mapping[str, Pairs] | None = None,
    vectors: Path | None = None,
    size: int = SIZE,
) -> tuple[KnowledgeGraph, GraphReport]:
    """The graph of a list of classes; relations without an edge are left out.

    Args:
        classes: names, the background first.
        wordnet: asked for kinds, parts and likeness, if given.
        annotations: of training, counted if given: what is seen with what, and as part of what.
        told: the relations of a knowledge file, which stand in place of those of names and WordNet.
        stated: what annotators have stated of pairs of objects (`visreason.data.relationships`), if given.
        vectors: a file of word vectors; None: hashed names, drawn together along the edges.
        size: D of the latter.

    Raises:
        DataError: the file of vectors cannot be used, or a told edge names an unknown class.

    Example:
        >>> graph, report = build_graph(["__background__", "book", "books", "left arm", "right arm"])
        >>> graph.relations, graph.vectors.shape
        (('plural of', 'singular of', 'left to right', 'right to left'), (5, 300))
    """
    relations: dict[str, Pairs] = {}
    sources: dict[str, str] = {}
    unknown: tuple[str, ...] | None = None
    by_last_words: tuple[str, ...] = ()

    def take(some: Mapping[str, Pairs], source: str) -> None:
        some = {name: pairs for name, pairs in some.items() if pairs}
        relations.update(some)
        sources.update(dict.fromkeys(some, source))

    if told is not None:
        take(told, "told")
    else:
        if wordnet is not None:
            places = find_places(classes, wordnet)
            take(wordnet_relations(places, wordnet), "WordNet")
            unknown = tuple(name for name in classes[1:] if name not in places)
            by_last_words = tuple(name for name, place in places.items() if not place.exact)
        take(name_relations(classes, wordnet.irregular if wordnet else None), "names")
    if annotations is not None:
        take(annotated_relations(annotations), "annotations")
    if stated is not None:
        take(stated, "statements")
    if vectors is not None:
        table, without = file_vectors(vectors, classes)
        origin = str(vectors)
    else:
        graph = make_graph(classes, relations, hashed_vectors(classes, size))  # also checks the edges
        table, without = retrofit(graph.vectors, classes, relations), ()
        origin = "letters of the names, drawn together along the edges"
    return make_graph(classes, relations, table), GraphReport(
        sources, unknown, by_last_words, origin, without
    )
