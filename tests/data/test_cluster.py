import socket
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from visreason.clevr.rules import Rules
from visreason.cli.main import main
from visreason.data.cluster import Cluster, current_cluster, ray_cluster
from visreason.data.parallel import resolve_jobs, run_tasks
from visreason.data.world import generate_world
from visreason.data.world_split import WorldSplit
from visreason.errors import UsageError

SPLIT = WorldSplit("val", 251, questions_per_scene=1, images=False, only=Rules.parse(["objects=3-4"]))


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Two workers on this machine; where Ray was started once, tests share it."""
    pytest.importorskip("ray")
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("RAY_ADDRESS", raising=False)
        with ray_cluster(tmp_path_factory.mktemp("cluster"), 2) as found:
            yield found


def test_without_a_cluster_there_is_none() -> None:
    assert current_cluster() is None


def test_a_cluster_that_cannot_be_reached_is_told_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("ray")
    with socket.socket() as silent:  # has a port, but does not listen
        silent.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        monkeypatch.setenv("RAY_ADDRESS", address)
        assert main(["generate", str(tmp_path / "world"), "--scenes", "2", "--cluster", "ray"]) == 1
    error = capsys.readouterr().err
    assert f"no Ray cluster could be reached at RAY_ADDRESS={address}" in error
    assert current_cluster() is None


@pytest.mark.slow
def test_two_workers_make_the_same_bytes(cluster: Cluster, tmp_path: Path) -> None:
    assert resolve_jobs(None) == cluster.jobs == 2
    generate_world(cluster.folder / "world", SPLIT)
    generate_world(tmp_path, SPLIT, jobs=1)
    made, whole = (
        {path.relative_to(root): path.read_bytes() for path in root.rglob("*") if path.is_file()}
        for root in (cluster.folder / "world", tmp_path)
    )
    assert made == whole


@pytest.mark.slow
def test_results_come_back_and_an_error_is_one_message(cluster: Cluster) -> None:
    assert sorted(run_tasks((partial(pow, 2, power) for power in range(40)), jobs=2)) == [
        2**i for i in range(40)
    ]
    with pytest.raises(UsageError, match=r"^--jobs must be at least 1; got 0\.$"):
        list(run_tasks([partial(resolve_jobs, 0)], jobs=2))


@pytest.mark.slow
def test_a_folder_that_a_machine_does_not_see_is_told_of(cluster: Cluster, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"does not see .*nowhere\. Give a folder on a file system"):
        list(Cluster(tmp_path / "nowhere", 2).run([partial(abs, 1)]))
