import torch

from visreason.benchmarks.region_memory import Case, read_literally, run, write_literally


def test_both_forms_do_the_same():
    case = Case(regions=9, channels=3, cells=(6, 8), seed=3)
    tables = case.tables()
    read = tables.read(case.memory_rows).view(9, 7, 7, 3).permute(0, 3, 1, 2)
    torch.testing.assert_close(read, read_literally(case.memory, case.boxes), rtol=1e-4, atol=1e-5)
    written = tables.write(case.patch_rows).view(6, 8, 3).permute(2, 0, 1)
    expected = write_literally(case.patches, case.boxes, case.cells)
    torch.testing.assert_close(written, expected, rtol=1e-4, atol=1e-5)


def test_rows_say_what_was_measured():
    rows = run(rounds=1, regions=4, channels=3, cells=(5, 6), measure=False)
    names = [f"region-memory.{what}{how}" for what in ("read", "write") for how in ("", ".with-gradient")]
    assert [row.name for row in rows if not row.name.endswith(".gpu")] == [*names, "region-memory.tables"]
    assert all(row.equal and row.ratio > 0 for row in rows if row.ratio is not None)
