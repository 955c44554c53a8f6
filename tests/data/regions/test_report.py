import pytest

from visreason.data.regions.report import MEANINGS, RegionReport, Tally


def test_oddities_come_in_one_order_with_few_examples() -> None:
    tally = Tally()
    for number in range(7):
        tally.note("no regions", f"{number}.jpg")
    tally.note("image missing", "gone.jpg")
    missing, empty = tally.oddities()
    assert (missing.kind, empty.kind, empty.count) == ("image missing", "no regions", 7)
    assert empty.examples == ("0.jpg", "1.jpg", "2.jpg", "3.jpg", "4.jpg")
    assert str(empty).endswith("4.jpg, …)")
    assert str(missing).endswith("(gone.jpg)")


def test_a_kind_without_a_meaning_is_a_fault_of_ours() -> None:
    tally = Tally()
    with pytest.raises(KeyError):
        tally.note("unheard of", "somewhere")


def test_the_report_in_words_and_as_json() -> None:
    report = RegionReport(2, 9, 3, 4, ())
    assert report.lines() == ["2 images, 9 regions of 3 classes (4 in the list)"]
    assert report.text("train") == "train: 2 images, 9 regions of 3 classes (4 in the list)"
    tally = Tally()
    tally.note("image missing", "gone.jpg")
    lines = RegionReport(2, 9, 3, 4, tally.oddities()).text().splitlines()
    assert lines == [report.text(), f"  {tally.oddities()[0]}"]
    assert report.to_dict() == {"images": 2, "regions": 9, "classes": 3, "classes_listed": 4, "oddities": {}}
    assert [report.count(kind) for kind in MEANINGS] == [0] * len(MEANINGS)
