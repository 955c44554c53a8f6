"""`visreason knowledge`: what is known of a list of classes, as a table and as a picture."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from visreason.data.class_graph import GraphReport
    from visreason.data.knowledge import KnowledgeGraph


def knowledge(
    source: Path,
    *,
    split: str = "train",
    minimum: int | None = None,
    wordnet: Path | None = None,
    vectors: Path | None = None,
    of: str | None = None,
    picture: Path | None = None,
    most: int = 40,
    output: Path | None = None,
    json: bool = False,
) -> None:
    """Build the knowledge graph of classes: kinds, parts, likeness, plurals, left and right, what is seen with what.

    The first come from WordNet's plain files and from the names; the last, and what Visual Genome's relationships.json
    states, from annotations where there are any.

    Args:
        source: a list of classes (.txt, one a line), a knowledge file (.json), or data with regions in any layout
            that is known (see docs/regions.md); its own knowledge.json stands in place of names and WordNet.
        split: of the data, whose annotations are counted.
        minimum: leave out classes that occur less often: in the list's counts, or in the data.
        wordnet: a folder with WordNet's data.noun and index.noun; without it, Debian's wordnet-base if it is installed.
        vectors: a text file of word vectors (fastText's .vec, word2vec, GloVe); without it, vectors are made of the
            names and the graph.
        of: show this class's edges.
        picture: draw the graph to this PNG; with --of, that class and its neighbours.
        most: classes at most in the picture.
        output: write the graph to this JSON file, which `knowledge` reads again.
        json: print the graph and where it comes from.

    Example:
        visreason knowledge ade_split/objectnames.txt --of car --picture car.png
    """
    from visreason.cli.tables import messages, print_json
    from visreason.data.knowledge import write_knowledge
    from visreason.errors import UsageError

    console = messages()
    if most < 2:
        raise UsageError(f"a picture shows two classes or more; got --most {most}.")
    graph, report = _build(source, split, minimum, wordnet, vectors, console)
    if of is not None and of not in graph.classes[1:]:
        raise UsageError(_no_class(of, graph.classes))
    if json:
        print_json(_document(graph, report))
    else:
        _print(source, graph, report)
        if of is not None:
            _print_edges(graph, of)
    if picture is not None:
        from visreason.metrics.knowledge_plot import plot_knowledge

        around = None if of is None else graph.classes.index(of)
        title = of or source.name
        plot_knowledge(
            graph.classes, graph.relations, graph.edges, picture, of=around, most=most, title=title
        )
        console.print(f"wrote {picture}", soft_wrap=True)
    if output is not None:
        write_knowledge(output, graph)
        console.print(f"wrote {output}", soft_wrap=True)


def _build(
    source: Path, split: str, minimum: int | None, wordnet: Path | None, vectors: Path | None, console: Any
) -> "tuple[KnowledgeGraph, GraphReport]":
    """The graph of whatever the source is."""
    from visreason.data.class_graph import build_graph
    from visreason.data.knowledge import read_knowledge
    from visreason.data.regions.class_list import read_class_list
    from visreason.data.regions.folder import read_regions
    from visreason.data.relationships import stated_relations
    from visreason.data.wordnet import DEBIAN, open_wordnet
    from visreason.errors import DataError, UsageError
    from visreason.files import read_json

    if not source.exists():
        raise DataError(
            f"{source} does not exist. Give a list of classes, a knowledge file or data with regions."
        )
    told, annotations, stated = None, None, None
    document = read_json(source) if source.suffix == ".json" else None
    if isinstance(document, dict) and "edges" in document:
        classes, told = read_knowledge(source)
    elif source.is_file() and source.suffix != ".json":
        classes = read_class_list(source, minimum)
    else:
        annotations = read_regions(source, split, minimum=minimum or 1)
        console.print(annotations.report.text(), soft_wrap=True)
        classes, stated = annotations.classes, stated_relations(source, annotations)
        if (source / "knowledge.json").is_file():
            classes, told = read_knowledge(source / "knowledge.json")
            missing = [name for name in annotations.classes if name not in classes]
            if missing:
                raise DataError(
                    f"{source / 'knowledge.json'} does not list the class {missing[0]!r} of the data."
                )
    if told is not None and wordnet is not None:
        raise UsageError(
            f"{source} has its own knowledge file, which stands in place of WordNet; leave out --wordnet."
        )
    nouns = open_wordnet(wordnet) if told is None else None
    if nouns is None and told is None:
        console.print(
            f"no WordNet at {DEBIAN}: kinds, parts and likeness are left out. Install it (Debian: apt-get install "
            "wordnet-base) or give its folder with --wordnet.",
            soft_wrap=True,
        )
    return build_graph(
        classes, wordnet=nouns, annotations=annotations, told=told, stated=stated, vectors=vectors
    )


def _no_class(name: str, classes: tuple[str, ...]) -> str:
    """What to say when there is no such class."""
    import difflib

    near = difflib.get_close_matches(name, classes[1:], n=3)
    hint = (
        f"Did you mean {' or '.join(map(repr, near))}?" if near else f"There are {len(classes) - 1} classes."
    )
    return f"--of {name!r} is none of the classes. {hint}"


def _document(graph: "KnowledgeGraph", report: "GraphReport") -> dict[str, Any]:
    """What --json prints."""
    names = graph.classes
    return {
        "classes": list(names),
        "relations": [
            {
                "name": relation,
                "source": report.sources[relation],
                "edges": [
                    [names[start], names[end], weight] for (_, start, end), weight in _edges_of(graph, number)
                ],
            }
            for number, relation in enumerate(graph.relations)
        ],
        "vectors": {
            "source": report.vectors,
            "size": graph.vectors.shape[1],
            "without": report.without_vector,
        },
        "wordnet": None
        if report.unknown is None
        else {"unknown": report.unknown, "by_last_words": report.by_last_words},
    }


def _edges_of(graph: "KnowledgeGraph", relation: int) -> list[tuple[list[int], float]]:
    """The edges of a relation with their weights."""
    rows = graph.edges[:, 0] == relation
    return list(zip(graph.edges[rows].tolist(), graph.weights[rows].tolist(), strict=True))


def _print(source: Path, graph: "KnowledgeGraph", report: "GraphReport") -> None:
    """One row a relation, then what is missing."""
    from visreason.cli.tables import print_table

    rows = []
    for number, relation in enumerate(graph.relations):
        edges = _edges_of(graph, number)
        step = max(1, len(edges) // 3)
        examples = [
            f"{graph.classes[one]} → {graph.classes[other]}" for (_, one, other), _ in edges[::step][:3]
        ]
        starts = len({one for (_, one, _), _ in edges})
        rows.append(
            [
                relation,
                report.sources[relation],
                f"{len(edges):,}",
                f"{starts:,}",
                "; ".join(examples),
            ]
        )
    title = f"{source}: {len(graph.classes) - 1:,} classes, {len(graph.edges):,} edges"
    columns = ["relation", "source", "edges", "classes", "examples"]
    print_table(columns, rows, right=["edges", "classes"], title=title)
    bare = len(graph.classes) - 1 - len({*graph.edges[:, 1].tolist()})
    print(f"{bare:,} classes without an edge. Vectors of {graph.vectors.shape[1]} numbers: {report.vectors}.")
    for text, names in (
        ("not in WordNet", report.unknown or ()),
        ("placed in WordNet by their last words", report.by_last_words),
        ("not in the file of vectors", report.without_vector),
    ):
        if names:
            print(f"{len(names):,} {text}: {', '.join(names[:8])}{', …' if len(names) > 8 else ''}")


def _print_edges(graph: "KnowledgeGraph", name: str) -> None:
    """All edges of one class."""
    from visreason.cli.tables import print_table

    number = graph.classes.index(name)
    own = graph.edges[:, 1] == number
    rows = [
        [graph.relations[relation], graph.classes[end], f"{weight:.3f}"]
        for (relation, _, end), weight in zip(
            graph.edges[own].tolist(), graph.weights[own].tolist(), strict=True
        )
    ]
    print_table(["relation", "class", "weight"], rows, right=["weight"], title=f"from {name}")
