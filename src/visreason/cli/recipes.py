"""`visreason recipes`: what can be trained."""

from dataclasses import asdict


def recipes(*, json: bool = False) -> None:
    """List the recipes that can be trained: task, data, cost and score.

    Args:
        json: print a list of objects with the keys name, task, summary, data, cost, published and score.

    Example:
        visreason recipes
    """
    from visreason.cli.tables import print_json, print_table
    from visreason.zoo.catalogue import list_recipes

    rows = list_recipes()
    if json:
        print_json([asdict(row) for row in rows])
        return
    cells = [[row.name, row.summary, row.data, row.cost, row.score or row.published or "-"] for row in rows]
    print_table(["recipe", "trains", "data", "cost", "score"], cells)
