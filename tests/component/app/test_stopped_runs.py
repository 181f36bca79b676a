"""SIGTERM and SIGINT to runs in each of their phases; those while restic runs are integration tests."""

import os
import signal
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from tests.support.fake_restic import fake_restic
from tests.support.killed_runs import holder
from tests.support.mover_process import Mover, unreadable, wait_until
from tests.support.running_mover import RunningMover, running_mover

each_signal = pytest.mark.parametrize(
    "number",
    [
        pytest.param(
            signal.SIGTERM, marks=pytest.mark.fault("SIGTERM before or between restic commands"), id="SIGTERM"
        ),
        pytest.param(signal.SIGINT, marks=pytest.mark.fault("SIGINT before or between restic commands"), id="SIGINT"),
    ],
)
AS_PID_1 = ("unshare", "--pid", "--fork", "--mount-proc", "--kill-child")


def waits_for(path: Path) -> str:
    """Return shell that waits until a file is there."""
    return f"until [ -e {path} ]; do sleep 0.02; done"


def counting(mover: Mover) -> Mover:
    """Return the mover with a restic that writes each signal into `signals`, and ends once `go` is there."""
    traps = "; ".join(f"trap 'echo {name} >> signals' {name}" for name in ("TERM", "INT"))
    line = f"cd {mover.folder}; {traps}; touch ready; {waits_for(Path('go'))}; exit 130"
    return mover.with_restic(fake_restic(mover.folder, backup=line))


def feed(fifo: Path, repository: Path) -> bool:
    """Give whoever reads the file an address; never enough, since it may be read again."""
    with suppress(OSError):  # nobody reads it now
        handle = os.open(fifo, os.O_WRONLY | os.O_NONBLOCK)
        with os.fdopen(handle, "w") as file:
            file.write(str(repository))
    return False


def received_signals(mover: Mover) -> list[str]:
    path = mover.folder / "signals"
    return path.read_text().split() if path.exists() else []


def in_the_middle(mover: Mover) -> None:
    """Wait until the counting restic is running."""
    wait_until((mover.folder / "ready").exists, "restic is running")


def to_all_of_the_terminal(run: RunningMover, number: signal.Signals) -> None:
    """Send a signal as Ctrl-C does: to the whole process group."""
    os.killpg(run.process.pid, number)


def to_the_mover(run: RunningMover, number: signal.Signals) -> None:
    run.signal(number)


@each_signal
@pytest.mark.parametrize("send", [to_the_mover, to_all_of_the_terminal])
def test_a_signal_reaches_restic_once_whatever_signals_follow(
    fresh: Mover, number: signal.Signals, exit_code: int, send: Callable[[RunningMover, signal.Signals], None]
) -> None:
    mover = counting(fresh)
    with running_mover(mover, "backup") as run:
        in_the_middle(mover)
        send(run, number)
        wait_until(lambda: bool(received_signals(mover)), "restic gets the signal")
        for later in (signal.SIGINT, signal.SIGTERM, number):
            run.signal(later)
        (mover.folder / "go").touch()
        result = run.ends_with(exit_code)
        assert run.leaves_nothing() == []
    assert received_signals(mover) == [number.name.removeprefix("SIG")]
    assert number.name in result.message


@each_signal
def test_a_signal_before_the_settings_are_read_stops_the_run(
    fresh: Mover, number: signal.Signals, exit_code: int
) -> None:
    fifo = fresh.folder / "repository-file"
    os.mkfifo(fifo)
    with running_mover(fresh, "backup", RESTIC_REPOSITORY="", RESTIC_REPOSITORY_FILE=str(fifo)) as run:
        run.handles_signals()
        run.signal(number)
        wait_until(lambda: feed(fifo, fresh.repository) or run.process.poll() is not None, "it ends")
        result = run.ends_with(exit_code)
    assert result.outcome["restic"]["processes"] == 0
    assert not fresh.repository.exists()


@each_signal
def test_a_signal_during_restic_version_is_not_a_usage_error(
    fresh: Mover, number: signal.Signals, exit_code: int
) -> None:
    ready = fresh.folder / "ready"
    slow = fresh.with_restic(fake_restic(fresh.folder, version=f"; touch {ready}; exec sleep 300 #"))
    with running_mover(slow, "backup") as run:
        in_the_middle(slow)
        run.signal(number)
        assert number.name in run.ends_with(exit_code).message


@each_signal
def test_a_signal_during_the_wait_for_a_lock_ends_the_wait(
    mover: Mover, number: signal.Signals, exit_code: int
) -> None:
    with holder(mover), running_mover(mover, "check") as run:
        run.says("LOCK_TIMEOUT")
        run.signal(number)
        assert run.ends_with(exit_code).operations == [
            ("check", "terminated" if number is signal.SIGTERM else "interrupted")
        ]


@each_signal
def test_a_signal_after_a_partial_snapshot_was_saved_leaves_the_run_partial(
    mover: Mover, number: signal.Signals
) -> None:
    (mover.data / "closed").touch()
    unreadable(mover.data / "closed")
    folder, real = mover.folder, mover.search_path / "restic"
    line = f"trap '' TERM INT; {real} \"$@\"; code=$?; touch {folder}/ready; {waits_for(folder / 'go')}; exit $code"
    lingering = mover.powerless().with_restic(fake_restic(folder, backup=line))
    with running_mover(lingering, "backup") as run:
        in_the_middle(mover)
        run.signal(number)
        (folder / "go").touch()
        result = run.ends_with(3)
    assert result.operations == [("backup", "partial")]
    assert [result.outcome["snapshot"]["id"]] == mover.ids()


@each_signal
def test_a_signal_during_a_backoff_ends_the_wait(fresh: Mover, number: signal.Signals, exit_code: int) -> None:
    away = fresh.with_restic(fake_restic(fresh.folder, backup="echo connection refused >&2; exit 1"))
    with running_mover(away, "backup") as run:
        run.says("RETRY_TIMEOUT")
        run.signal(number)
        run.ends_with(exit_code)


@pytest.mark.needs("root")
@each_signal
def test_pid_1_passes_a_signal_on_once(fresh: Mover, number: signal.Signals, exit_code: int) -> None:
    mover = counting(fresh)
    with running_mover(mover, "backup", launcher=AS_PID_1) as run:
        in_the_middle(mover)
        first = the_mover(run)
        for _ in range(2):
            first.send_signal(number)
            wait_until(lambda: bool(received_signals(mover)), "restic gets the signal")
        (mover.folder / "go").touch()
        run.ends_with(exit_code)
    assert received_signals(mover) == [number.name.removeprefix("SIG")]


@pytest.mark.needs("root")
def test_orphans_are_reaped_and_restics_exit_code_is_kept(mover: Mover) -> None:
    (mover.data / "closed").touch()
    unreadable(mover.data / "closed")
    folder, real = mover.folder, mover.search_path / "restic"
    orphan = f"( sh -c 'touch {folder}/ready; {waits_for(folder / 'die')}' & )"
    line = f'{orphan}; {waits_for(folder / "go")}; exec {real} "$@"'
    orphaning = mover.powerless().with_restic(fake_restic(folder, backup=line))
    with running_mover(orphaning, "backup", launcher=AS_PID_1) as run:
        in_the_middle(mover)
        first = the_mover(run)
        wait_until(lambda: len(first.children()) == 2, "the orphan is PID 1's")
        (folder / "die").touch()
        wait_until(lambda: len(first.children()) == 1, "it leaves no zombie")
        (folder / "go").touch()
        result = run.ends_with(3)
    assert result.operations == [("backup", "partial")]
    assert mover.count() == 1


def the_mover(run: RunningMover) -> psutil.Process:
    """Return the mover that `unshare` has started."""
    (first,) = psutil.Process(run.process.pid).children()
    return first
