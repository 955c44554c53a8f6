"""`visreason evaluate-retrieval`: how well an index ranks images by their relations."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from visreason.metrics.intervals import Interval
    from visreason.metrics.retrieval import RetrievalScores

FILES = ("metrics.json",)
"""What the verb may write."""


def evaluate_retrieval(
    index: Path,
    *,
    data: Path,
    split: str = "val",
    ground_truth: list[str] | None = None,
    queries: int = 500,
    k: str = "1,5,10",
    jobs: int | None = None,
    sheet: Path | None = None,
    output: Path | None = None,
    overwrite: bool = False,
    json: bool = False,
    seed: int = 0,
) -> None:
    """Score an index against the graph edit distances of the true scenes, beside baselines that see no image.

    Every query ranks all other images. Ground truth that was computed before is taken from the cache.

    Args:
        index: a folder that `visreason index` made.
        data: the data folder in CLEVR v1.0 layout that has the scenes of the indexed images.
        split: whose scenes.
        ground_truth: symmetric (ours, the default), published-soft, published-hard (Messina et al. 2018), or all.
        queries: how many images to search by, at most; drawn with the seed from all of the index.
        k: the depths of nDCG and recall, separated by commas.
        jobs: processes; by default one a core.
        sheet: draw the first query's true and found neighbours into this .png file.
        output: write metrics.json to this folder.
        overwrite: write into an --output that holds something else.
        json: print what metrics.json holds.
        seed: draws the queries and the random baseline.

    Example:
        visreason evaluate-retrieval ir-index --data CLEVR_v1.0 --split val --ground-truth all
    """
    from visreason.clevr.folder import ClevrFolder
    from visreason.cli.tables import messages, print_json
    from visreason.data.cache import cache_folder
    from visreason.data.parallel import resolve_jobs
    from visreason.data.progress import shown_progress
    from visreason.files import claim_output, write_json
    from visreason.retrieval.evaluation import evaluate, indexed_scenes
    from visreason.retrieval.index_folder import RetrievalIndex
    from visreason.retrieval.sheet import check_sheet
    from visreason.retrieval.truth_sheet import draw_truth

    kinds = _kinds(ground_truth or ["symmetric"])
    depths = _depths(k)
    if sheet is not None:
        check_sheet(sheet)
    if output is not None:
        claim_output(output, FILES, overwrite=overwrite)
    opened = RetrievalIndex.open(index)
    scenes = indexed_scenes(opened, ClevrFolder(data), split)
    console = messages()
    with shown_progress(console) as progress:
        found = evaluate(
            opened,
            scenes,
            kinds,
            depths,
            queries=queries,
            seed=seed,
            jobs=resolve_jobs(jobs),
            cache=cache_folder() / "graph-distances",
            progress=progress,
        )
    settings = opened.settings.to_dict()
    document = {
        "task": "retrieval",
        "index": str(index),
        "images": len(opened),
        "data": str(data),
        "split": split,
    }
    document |= {key: settings[key] for key in ("model", "layer", "aggregation", "normalise")}
    document |= {"seed": seed, **found.to_dict()}
    if json:
        print_json(document)
    else:
        for kind in kinds:
            _print(kind, found.scores[kind])
    if output is not None:
        write_json(output / FILES[0], document, indent=True)
        console.print(f"wrote {output / FILES[0]}", soft_wrap=True)
    if sheet is not None:
        draw_truth(sheet, opened, found)
        console.print(f"wrote {sheet}", soft_wrap=True)


def _kinds(given: Sequence[str]) -> list[str]:
    """The kinds of `--ground-truth`.

    Raises:
        UsageError: one of them is none.
    """
    from visreason.errors import UsageError
    from visreason.retrieval.graph_distance import KINDS

    if unknown := [kind for kind in given if kind not in (*KINDS, "all")]:
        raise UsageError(f"there is no ground truth {unknown[0]!r}; there are {', '.join(KINDS)}, and all.")
    return [kind for kind in KINDS if kind in given or "all" in given]


def _depths(text: str) -> list[int]:
    """The numbers of `--k`.

    Raises:
        UsageError: it is no list of whole numbers from 1 on.
    """
    from visreason.errors import UsageError

    try:
        depths = sorted({int(word) for word in text.split(",")})
    except ValueError:
        depths = []
    if not depths or depths[0] < 1:
        raise UsageError(f"--k should be whole numbers from 1 on, such as 1,5,10; got {text!r}.")
    return depths


def _print(kind: str, rankings: "Mapping[str, RetrievalScores]") -> None:
    """One ground truth's table, a column for each ranking."""
    from visreason.cli.tables import print_table

    columns = ["", *(name.replace("_", " ") for name in rankings)]
    cells = [
        [
            ("Spearman", one.spearman),
            *((f"nDCG@{k}", interval) for k, interval in one.ndcg.items()),
            *((f"recall@{k}", interval) for k, interval in one.recall.items()),
        ]
        for one in rankings.values()
    ]
    rows = [[row[0][0], *(_cell(interval) for _, interval in row)] for row in zip(*cells, strict=True)]
    count = cells[0][0][1].count
    print_table(columns, rows, right=columns[1:], title=f"ground truth: {kind}, {count:,} queries")


def _cell(one: "Interval") -> str:
    """A mean and its interval, as numbers and not as percentages: a correlation is no share."""
    return f"{one.value:.3f} ({one.low:.3f}–{one.high:.3f})".replace("-", "−")
