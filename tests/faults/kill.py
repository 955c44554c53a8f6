"""Kill commands at random moments, go on with them, and look at what is left.

    python -m tests.faults.kill --kills 100 --seed 0 [--only training …] [--json]

A life of a command begins in an empty folder, is killed up to four times (SIGKILL: no handler runs, nothing is tidied
up), and is gone on with until it is done. After every kill each file must open; what was done must stay; and the end
must be what one uninterrupted command makes, file by file, number by number. Half of the kills take the workers along,
as a machine that fails does, the other half leave them, as the kernel does for want of memory. Once a command is
frozen at work and a second one started beside it, which must be refused.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tests.faults.jobs import Job, jobs, make_material
from tests.faults.opening import contents, left, unreadable

MOST = 4
"""Kills of one life at most."""

_PATIENCE = 600
"""Seconds after which a command counts as hanging."""


@dataclass(slots=True)
class Tally:
    """What was seen of one command.

    Attributes:
        job: its name.
        kills: how often it was killed, and how often before it had kept anything, in the middle, with all but the
            end done.
        lives: how often it was gone on with to its end.
        opened: files that were opened after a kill.
        refused: whether a second process was refused; None where none need be.
        faults: everything that should not be.
    """

    job: str
    kills: int = 0
    early: int = 0
    amid: int = 0
    late: int = 0
    lives: int = 0
    opened: int = 0
    refused: bool | None = None
    faults: list[str] = field(default_factory=list)


class Lives:
    """The lives of one command.

    Args:
        job: the command.
        place: a folder for its lives' folders.
    """

    def __init__(self, job: Job, place: Path) -> None:
        self.job = job
        self.place = place
        self.tally = Tally(job.name)
        whole = self._fresh("whole")
        begun = time.monotonic()
        with _running(job.start, whole) as process:
            while process.poll() is None and not job.kept(whole):
                time.sleep(0.05)
            self.first = time.monotonic() - begun
            self._finish(process, "uninterrupted")
        self.length = time.monotonic() - begun
        self.wanted = contents(whole)
        self.all_kept = len(job.kept(whole))

    def live(self, name: str, moments: random.Random, most: int) -> None:
        """One life, killed `most` times or less: it may be done sooner."""
        at = self._fresh(name)
        kept = self.job.kept(at)
        for turn in range(most):
            early = moments.random() < 0.2
            moment = moments.uniform(0, self.first) if early else moments.uniform(self.first, self.length)
            begun = time.monotonic()
            with _running(self.job.resume(at) if turn else self.job.start, at) as process:
                with suppress(subprocess.TimeoutExpired):
                    process.wait(moment)
                if process.poll() is not None:
                    self._finish(process, name)
                    if not turn:  # the machine is less busy than when it was timed: kill sooner
                        self.length = min(self.length, time.monotonic() - begun)
                        self.first = min(self.first, self.length / 2)
                    break
                _kill(process, workers=moments.random() < 0.5)
            kept = self._after_kill(at, kept, f"{name}, kill {turn + 1}")
        with _running(self.job.resume(at), at) as process:
            self._finish(process, name)
        if lost := kept - self.job.kept(at):
            self.tally.faults.append(f"{name}: lost {sorted(map(str, lost))[:3]}")
        self.tally.lives += 1
        self._compare(at, name)

    def disturb(self) -> None:
        """Freeze the command at work, start a second one beside it, and let the first go on."""
        if self.job.locked is None:
            return
        at = self._fresh("disturbed")
        with _running(self.job.start, at) as process:
            while process.poll() is None and not _holds(process.pid, at / self.job.locked):
                time.sleep(0.002)
            os.kill(process.pid, signal.SIGSTOP)
            again = self.job.resume(at) if self.job.locked == "run" else self.job.start
            second = subprocess.run(_words(again), cwd=at, capture_output=True, text=True, timeout=_PATIENCE)
            os.kill(process.pid, signal.SIGCONT)
            self._finish(process, "disturbed")
        self.tally.refused = second.returncode == 1 and "another process is at work in" in second.stderr
        if not self.tally.refused:
            self.tally.faults.append(f"a second process was not refused: {second.stderr[-300:]}")
        self._compare(at, "disturbed")

    def _fresh(self, name: str) -> Path:
        at = self.place / name.replace(" ", "-")
        at.mkdir(parents=True)
        return at

    def _after_kill(self, at: Path, before: set[tuple[str, object]], when: str) -> set[tuple[str, object]]:
        """Look at what a kill left; return what is done."""
        self.tally.kills += 1
        self.tally.faults += [f"{when}: {fault}" for fault in unreadable(at)]
        self.tally.opened += sum(1 for _ in left(at))
        kept = self.job.kept(at)
        if lost := before - kept:
            self.tally.faults.append(f"{when}: lost {sorted(map(str, lost))[:3]}")
        share = len(kept) / max(1, self.all_kept)
        self.tally.early += not kept
        self.tally.amid += 0 < share < 1
        self.tally.late += bool(kept) and share >= 1
        return kept

    def _finish(self, process: "subprocess.Popen[str]", name: str) -> None:
        """Wait for the end, which must be a good one."""
        try:
            _, told = process.communicate(timeout=_PATIENCE)
        except subprocess.TimeoutExpired:
            self.tally.faults.append(f"{name}: hangs")
            return
        if process.returncode:
            self.tally.faults.append(f"{name}: ended with {process.returncode}: {told[-400:]}")

    def _compare(self, at: Path, name: str) -> None:
        """Hold the end against the uninterrupted one."""
        found = contents(at)
        differ = [
            file for file in sorted(found.keys() | self.wanted) if found.get(file) != self.wanted.get(file)
        ]
        differ += sorted(found.keys() ^ self.wanted.keys())
        if differ:
            self.tally.faults.append(f"{name}: differ from the uninterrupted: {', '.join(differ[:5])}")


def _words(arguments: list[str]) -> list[str]:
    return [sys.executable, "-m", "visreason.cli.main", *arguments]


@contextmanager
def _running(arguments: list[str], at: Path) -> Iterator["subprocess.Popen[str]"]:
    """A command at work in a folder, with its workers in a process group of its own, all gone afterwards."""
    process = subprocess.Popen(
        _words(arguments),
        cwd=at,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        assert process.stderr is not None
        process.stderr.close()


def _kill(process: "subprocess.Popen[str]", *, workers: bool) -> None:
    """SIGKILL to a command, and to its workers or a moment later to those that have not gone by themselves."""
    if workers:
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
        process.wait()
        time.sleep(0.3)
    process.wait()


def _holds(pid: int, folder: Path) -> bool:
    """Whether a process holds a folder's lock, as Linux tells; asking by locking would disturb it."""
    if not folder.exists():
        return False
    number = folder.stat().st_ino
    locks = [line.split() for line in Path("/proc/locks").read_text().splitlines()]
    return any("FLOCK" in lock and lock[4] == str(pid) and lock[5].endswith(f":{number}") for lock in locks)


def run(kills: int, seed: int, only: list[str] | None = None) -> list[Tally]:
    """Kill every command so many times in all, evenly.

    Args:
        kills: of all commands together.
        seed: of the moments, which are not the same again where the machine is slower or faster.
        only: names of commands; None takes all.
    """
    moments, tallies = random.Random(seed), []
    with tempfile.TemporaryDirectory(prefix="faults-") as folder:
        os.environ["VISREASON_CACHE"] = str(Path(folder) / "cache")
        make_material(Path(folder))
        chosen = [job for job in jobs(Path(folder)) if only is None or job.name in only]
        for number, job in enumerate(chosen):
            lives = Lives(job, Path(folder) / job.name.replace(" ", "-"))
            lives.disturb()
            share, life = kills // len(chosen) + (number < kills % len(chosen)), 0
            while lives.tally.kills < share and life < 3 * share:
                life += 1
                lives.live(f"life {life}", moments, min(moments.randint(1, MOST), share - lives.tally.kills))
            tallies.append(lives.tally)
            print(_line(lives.tally), file=sys.stderr, flush=True)
    return tallies


def _line(tally: Tally) -> str:
    """A row of the report."""
    refused = {True: "refused", False: "NOT REFUSED", None: "-"}[tally.refused]
    counts = (tally.kills, tally.early, tally.amid, tally.late, tally.lives, tally.opened)
    return (
        f"{tally.job:14}"
        + "".join(f"{count:9,}" for count in counts)
        + f"  {refused:11}  {len(tally.faults)}"
    )


def main() -> int:
    """Run, and report; 1 where anything was lost."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=100, help="of all commands together")
    parser.add_argument("--seed", type=int, default=0, help="of the moments")
    parser.add_argument("--only", nargs="*", help="names of commands")
    parser.add_argument("--json", action="store_true", help="print a list of objects")
    given = parser.parse_args()
    tallies = run(given.kills, given.seed, given.only)
    if given.json:
        print(json.dumps([asdict(tally) for tally in tallies], indent=1))
        return int(any(tally.faults for tally in tallies))
    names = ("kills", "nothing", "amid", "all done", "lives", "opened")
    print(f"{'command':14}" + "".join(f"{name:>9}" for name in names) + "  second one   faults")
    for tally in tallies:
        print(_line(tally))
        for fault in tally.faults:
            print(f"    {fault}")
    kills, lives, opened = (
        sum(getattr(tally, name) for tally in tallies) for name in ("kills", "lives", "opened")
    )
    faults = sum(len(tally.faults) for tally in tallies)
    print(f"{kills} kills, {lives} lives, {opened:,} files opened, {faults} faults")
    return int(any(tally.faults for tally in tallies))


if __name__ == "__main__":
    sys.exit(main())
