import json

import pytest

from visreason.cli.main import main
from visreason.zoo.catalogue import recipe_names


def test_every_recipe_is_listed_as_table_and_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["recipes"]) == 0
    table = capsys.readouterr().out
    assert all(name in table for name in recipe_names())
    assert main(["recipes", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["name"] for row in rows] == recipe_names()
    assert all(set(row) == {"name", "task", "summary", "data", "cost", "published", "score"} for row in rows)
