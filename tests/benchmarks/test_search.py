from visreason.benchmarks.search import run


def test_rows() -> None:
    rows = {row.name: row for row in run(vectors=300, many=400)}
    assert all(row.value is not None and row.unit for row in rows.values())
    assert rows["search.query"].equal is True
    assert (rows["search.query"].ratio or 0) > 0
    assert rows["search.faiss-recall"].value == 100  # few vectors lie in one cell
    assert (rows["search.memory-of-a-million"].value or 0) > 1
