"""`visreason models`: what can be built, and what is there ready to use."""

from dataclasses import asdict


def models(*, json: bool = False) -> None:
    """List the models: their parameters, published and own scores, and the size of the files of those that ship.

    Args:
        json: print a list of objects with the keys name, family, recipe, parameters, published, own, shipped and size.

    Example:
        visreason models
    """
    from visreason.cli.tables import print_json, print_table
    from visreason.zoo.model_list import list_models

    rows = list_models()
    if json:
        print_json([asdict(row) for row in rows])
        return
    cells = [
        [
            row.name,
            row.family,
            f"{row.parameters:,}",
            row.published or "-",
            row.own or "-",
            "" if row.size is None else f"{row.size / 1e6:.1f} MB",
        ]
        for row in rows
    ]
    print_table(["model", "family", "parameters", "published", "own", "shipped"], cells, right=["parameters"])
