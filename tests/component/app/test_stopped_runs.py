"""SIGTERM and SIGINT to whole runs, wherever they are; those in the middle of restic's work are integration tests."""

import os
import signal
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from tests.fake_restic import fake_restic
from tests.left_behind import holder
from tests.mover_process import Mover, unreadable, wait_until
from tests.started import Started, started

each_signal = pytest.mark.parametrize(
    "number",
    [
        pytest.param(signal.SIGTERM, marks=pytest.mark.fault("SIGTERM before or between restic's work"), id="SIGTERM"),
        pytest.param(signal.SIGINT, marks=pytest.mark.fault("SIGINT before or between restic's work"), id="SIGINT"),
    ],
)
AS_PID_1 = ("unshare", "--pid", "--fork", "--mount-proc", "--kill-child")


def waits_for(path: Path) -> str:
    """Return shell that waits until a file is there."""
    return f"until [ -e {path} ]; do sleep 0.02; done"


def counting(mover: Mover) -> Mover:
    """Return the mover with a restic that writes each signal into `heard`, and ends once `go` is there."""
    traps = "; ".join(f"trap 'echo {name} >> heard' {name}" for name in ("TERM", "INT"))
    line = f"cd {mover.folder}; {traps}; touch ready; {waits_for(Path('go'))}; exit 130"
    return mover.with_restic(fake_restic(mover.folder, backup=line))


def feed(fifo: Path, repository: Path) -> bool:
    """Give whoever reads the file an address; never enough, since it may be read again."""
    with suppress(OSError):  # nobody reads it now
        handle = os.open(fifo, os.O_WRONLY | os.O_NONBLOCK)
        with os.fdopen(handle, "w") as file:
            file.write(str(repository))
    return False


def heard(mover: Mover) -> list[str]:
    path = mover.folder / "heard"
    return path.read_text().split() if path.exists() else []


def in_the_middle(mover: Mover) -> None:
    """Wait until the counting restic is at work."""
    wait_until((mover.folder / "ready").exists, "restic is at work")


def to_all_of_the_terminal(run: Started, number: signal.Signals) -> None:
    """Send a signal as Ctrl-C does: to the whole process group."""
    os.killpg(run.process.pid, number)


def to_the_mover(run: Started, number: signal.Signals) -> None:
    run.signal(number)


@each_signal
class TestASignal:
    @pytest.mark.parametrize("send", [to_the_mover, to_all_of_the_terminal])
    def test_reaches_restic_once_whatever_comes_later(
        self, fresh: Mover, number: signal.Signals, verdict: int, send: Callable[[Started, signal.Signals], None]
    ) -> None:
        mover = counting(fresh)
        with started(mover, "backup") as run:
            in_the_middle(mover)
            send(run, number)
            wait_until(lambda: bool(heard(mover)), "restic is told")
            for later in (signal.SIGINT, signal.SIGTERM, number):
                run.signal(later)
            (mover.folder / "go").touch()
            result = run.ends_with(verdict)
            assert run.leaves_nothing() == []
        assert heard(mover) == [number.name.removeprefix("SIG")]
        assert result.message == f"Stopped by {number.name}; run it again to go on."

    def test_before_the_settings_are_read_is_heard(self, fresh: Mover, number: signal.Signals, verdict: int) -> None:
        fifo = fresh.folder / "repository-file"
        os.mkfifo(fifo)
        with started(fresh, "backup", RESTIC_REPOSITORY="", RESTIC_REPOSITORY_FILE=str(fifo)) as run:
            run.hears_signals()
            run.signal(number)
            wait_until(lambda: feed(fifo, fresh.repository) or run.process.poll() is not None, "it ends")
            result = run.ends_with(verdict)
        assert result.outcome["restic"]["processes"] == 0
        assert not fresh.repository.exists()

    def test_while_restic_is_asked_for_its_version_is_no_wrong_restic(
        self, fresh: Mover, number: signal.Signals, verdict: int
    ) -> None:
        ready = fresh.folder / "ready"
        slow = fresh.with_restic(fake_restic(fresh.folder, version=f"; touch {ready}; exec sleep 300 #"))
        with started(slow, "backup") as run:
            in_the_middle(slow)
            run.signal(number)
            assert "Stopped by" in run.ends_with(verdict).message

    def test_while_it_waits_for_a_lock_ends_the_wait(self, mover: Mover, number: signal.Signals, verdict: int) -> None:
        with holder(mover), started(mover, "check") as run:
            run.says("The repository is locked by")
            run.signal(number)
            assert run.ends_with(verdict).operations == [
                ("check", "terminated" if number is signal.SIGTERM else "interrupted")
            ]

    def test_after_a_partial_snapshot_was_saved_does_not_deny_it(self, mover: Mover, number: signal.Signals) -> None:
        (mover.data / "closed").touch()
        unreadable(mover.data / "closed")
        folder, real = mover.folder, mover.search_path / "restic"
        line = f"trap '' TERM INT; {real} \"$@\"; code=$?; touch {folder}/ready; {waits_for(folder / 'go')}; exit $code"
        lingering = mover.powerless().with_restic(fake_restic(folder, backup=line))
        with started(lingering, "backup") as run:
            in_the_middle(mover)
            run.signal(number)
            (folder / "go").touch()
            result = run.ends_with(3)
        assert result.operations == [("backup", "partial")]
        assert [result.outcome["snapshot"]["id"]] == mover.ids()

    def test_while_it_backs_off_ends_the_wait(self, fresh: Mover, number: signal.Signals, verdict: int) -> None:
        away = fresh.with_restic(fake_restic(fresh.folder, backup="echo connection refused >&2; exit 1"))
        with started(away, "backup") as run:
            run.says("Trying again for up to")
            run.signal(number)
            run.ends_with(verdict)


@pytest.mark.needs("root")
class TestPID1:
    @each_signal
    def test_passes_a_signal_on_once(self, fresh: Mover, number: signal.Signals, verdict: int) -> None:
        mover = counting(fresh)
        with started(mover, "backup", launcher=AS_PID_1) as run:
            in_the_middle(mover)
            first = the_mover(run)
            for _ in range(2):
                first.send_signal(number)
                wait_until(lambda: bool(heard(mover)), "restic is told")
            (mover.folder / "go").touch()
            run.ends_with(verdict)
        assert heard(mover) == [number.name.removeprefix("SIG")]

    def test_buries_what_restic_s_children_left_and_keeps_restic_s_own_exit_code(self, mover: Mover) -> None:
        (mover.data / "closed").touch()
        unreadable(mover.data / "closed")
        folder, real = mover.folder, mover.search_path / "restic"
        orphan = f"( sh -c 'touch {folder}/ready; {waits_for(folder / 'die')}' & )"
        line = f'{orphan}; {waits_for(folder / "go")}; exec {real} "$@"'
        orphaning = mover.powerless().with_restic(fake_restic(folder, backup=line))
        with started(orphaning, "backup", launcher=AS_PID_1) as run:
            in_the_middle(mover)
            first = the_mover(run)
            wait_until(lambda: len(first.children()) == 2, "the orphan is PID 1's")
            (folder / "die").touch()
            wait_until(lambda: len(first.children()) == 1, "no zombie is left of it")
            (folder / "go").touch()
            result = run.ends_with(3)
        assert result.operations == [("backup", "partial")]
        assert mover.count() == 1


def the_mover(run: Started) -> psutil.Process:
    """Return the mover that `unshare` has started."""
    (first,) = psutil.Process(run.process.pid).children()
    return first
