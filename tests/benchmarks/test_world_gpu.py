import torch

from visreason.benchmarks.world_gpu import SIDE, run


def test_every_number_at_once_has_a_row() -> None:
    rows = run(at_once=[1, 3], seconds=0.0, scenes=2)
    assert [row.name for row in rows if "at-once" in row.name] == [
        "world-gpu.1-at-once",
        "world-gpu.3-at-once",
    ]
    assert any(row.name == "world-gpu.memory" for row in rows) == torch.cuda.is_available()
    for row in rows:
        assert row.value is not None
        assert row.value > 0
        assert row.unit is not None
        assert f"{SIDE}x{SIDE}" in row.unit or "memory" in row.name
