import json
import re
import tracemalloc
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from visreason.clevr import records
from visreason.clevr.records import iter_records, write_records
from visreason.errors import DataError

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def small_window(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the reader see a few bytes at a time, so that every value is cut somewhere."""
    monkeypatch.setattr(records, "_CHUNK", 3)


@settings(max_examples=60)
@given(items=st.lists(VALUES, max_size=5), chunk=st.integers(1, 40), indent=st.sampled_from([None, 2]))
def test_every_list_comes_back_whatever_the_window(
    tmp_path_factory: pytest.TempPathFactory, items: list[Any], chunk: int, indent: int | None
) -> None:
    path = tmp_path_factory.mktemp("records") / "file.json"
    write(
        path, json.dumps({"info": {"a": [1]}, "items": items, "more": 12}, indent=indent, ensure_ascii=False)
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(records, "_CHUNK", chunk)
        assert list(iter_records(path, "items")) == items


def test_what_is_written_any_json_reader_reads(tmp_path: Path) -> None:
    items = [{"n": 1, "word": "é"}, {"n": 2}]
    assert write_records(tmp_path / "a.json", "items", iter(items), {"split": "val"}) == 2
    assert orjson.loads((tmp_path / "a.json").read_bytes()) == {"info": {"split": "val"}, "items": items}
    assert write_records(tmp_path / "b.json", "items", [], {}) == 0
    assert list(iter_records(tmp_path / "b.json", "items")) == []


def test_a_big_file_is_read_in_little_memory(tmp_path: Path) -> None:
    item = {"text": "x" * 1000}
    write_records(tmp_path / "big.json", "items", (item for _ in range(20_000)), {})
    assert (tmp_path / "big.json").stat().st_size > 20_000_000
    tracemalloc.start()
    assert sum(1 for _ in iter_records(tmp_path / "big.json", "items")) == 20_000
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8_000_000


WHOLE = '{"info": {"split": "val"}, "items": [{"a": 1}, {"a": [2, "x"]}], "n": 5}'


@pytest.mark.usefixtures("small_window")
@pytest.mark.parametrize("length", range(len(WHOLE)))
def test_a_file_cut_anywhere_is_noticed(tmp_path: Path, length: int) -> None:
    path = write(tmp_path / "cut.json", WHOLE[:length])
    with pytest.raises(DataError, match=r"cut\.json is not valid JSON: .* near character \d+.*truncated"):
        list(iter_records(path, "items"))


@pytest.mark.usefixtures("small_window")
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[1, 2]", "expected '{', found '['"),
        ('{"items": [1 2]}', "expected ',', found '2' near character 13"),
        ('{"items" [1]}', "expected ':', found '['"),
        ('{"items": [1], "a": nope}', "Expecting value near character 20"),
        ('{"items": [1]} {}', "there is more text after the end"),
        ('{"items": [1,]}', "Expecting value"),
    ],
)
def test_what_is_no_json_is_refused_with_its_place(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(DataError, match=re.escape(message)):
        list(iter_records(write(tmp_path / "bad.json", text), "items"))


@pytest.mark.parametrize("text", ['{"info": {}, "questions": []}', "{}", '{"items": {"a": 1}, "info": 1}'])
def test_a_file_of_another_kind_says_what_it_holds(tmp_path: Path, text: str) -> None:
    with pytest.raises(DataError, match=r"has no list 'items'; its keys are: "):
        list(iter_records(write(tmp_path / "other.json", text), "items"))


def test_missing_files_folders_and_binaries_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="does not exist"):
        list(iter_records(tmp_path / "none.json", "items"))
    with pytest.raises(DataError, match="cannot be read"):
        list(iter_records(tmp_path, "items"))
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n\xff\xfe")
    with pytest.raises(DataError, match="is not UTF-8 text"):
        list(iter_records(tmp_path / "picture.png", "items"))


def test_a_writer_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "kept.json"
    write_records(path, "items", [1], {})

    def breaking() -> Any:
        yield 2
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_records(path, "items", breaking(), {})
    assert list(iter_records(path, "items")) == [1]
    assert [file.name for file in tmp_path.iterdir()] == ["kept.json"]
