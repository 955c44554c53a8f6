import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest

from visreason.data.world import generate_world
from visreason.data.world_contents import read_checksums, seal_split, sha256
from visreason.data.world_files import WorldFiles
from visreason.data.world_manifest import read_manifest
from visreason.data.world_split import WorldSplit
from visreason.errors import DataError

SPLIT = WorldSplit("val", 3, questions_per_scene=2, image_size=(48, 32), masks=True, refexps_per_scene=1)


def test_the_manifest_tells_counts_sizes_and_checksums(tmp_path: Path) -> None:
    generate_world(tmp_path, SPLIT, jobs=1)
    contents = read_manifest(tmp_path)["splits"]["val"]["contents"]
    counts = {
        kind: contents[kind] for kind in ("scenes", "questions", "refexps", "captions", "images", "masks")
    }
    assert counts == {"scenes": 3, "questions": 6, "refexps": 3, "captions": 0, "images": 3, "masks": 3}
    assert len(contents["files"]) == 3
    for name, facts in contents["files"].items():
        data = (tmp_path / name).read_bytes()
        assert facts == {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    pictures = [path for kind in ("images", "masks") for path in (tmp_path / kind / "val").iterdir()]
    assert contents["image_bytes"] == sum(path.stat().st_size for path in pictures)
    listed = read_checksums(tmp_path / "checksums" / "CLEVR_val.sha256")
    assert {tmp_path / name for name in listed} == {
        *pictures,
        *(tmp_path / name for name in contents["files"]),
    }
    assert contents["checksums"] == sha256(tmp_path / "checksums" / "CLEVR_val.sha256")


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="no sha256sum on this system")
def test_sha256sum_reads_the_list(tmp_path: Path) -> None:
    generate_world(tmp_path, SPLIT, jobs=1)
    command = ["sha256sum", "--check", "--strict", "--status", "checksums/CLEVR_val.sha256"]
    assert subprocess.run(command, cwd=tmp_path, check=False).returncode == 0
    (tmp_path / "images/val/CLEVR_val_000001.png").write_bytes(b"other")
    assert subprocess.run(command, cwd=tmp_path, check=False).returncode == 1


def test_an_edited_file_is_not_sealed_again(tmp_path: Path) -> None:
    generate_world(tmp_path, SPLIT, jobs=1)
    before = read_manifest(tmp_path)
    files = WorldFiles(tmp_path, "val", 3)
    files.questions_file.write_text("edited")
    seal_split(files, {"questions": 1})
    assert read_manifest(tmp_path) == before
    seal_split(files, {"questions": 1}, anew=True)
    assert read_manifest(tmp_path)["splits"]["val"]["contents"]["questions"] == 1


@pytest.mark.parametrize("text", ["abc  name\n", "0" * 64 + "\n", "\xff"])
def test_what_is_no_list_of_checksums_is_told_of(tmp_path: Path, text: str) -> None:
    path = tmp_path / "list"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(DataError, match="list"):
        read_checksums(path)
