"""What people see where repository, restic or a signal stands in the way."""

import json
import signal
from pathlib import Path

from tests.support import damage
from tests.support.fake_restic import as_lines, fake_restic
from tests.support.golden import GoldenFiles, Page
from tests.support.golden_runs import add_result, add_run
from tests.support.killed_runs import holder
from tests.support.mover_process import Mover, unreadable, wait_until
from tests.support.running_mover import running_mover

UNREACHABLE = "rest:http://127.0.0.1:1/volume"
"""The address of a server that does not exist: nothing listens on port 1."""


def test_repositories_that_can_not_be_opened(golden: GoldenFiles, mover: Mover) -> None:
    page = Page("Repositories that can't be opened", "What the mover shows where it can't get at its repository.")
    add_run(page, "The password is wrong", mover, "backup", RESTIC_PASSWORD="another one")
    away = mover.with_settings(RESTIC_REPOSITORY=UNREACHABLE, RETRY_TIMEOUT="1s")
    add_run(page, "The server does not answer", away, "check")
    folder = mover.powerless()
    mover.succeeds("backup")
    (mover.repository / "config").chmod(0)
    unreadable(mover.repository / "config")
    add_run(page, "The folder can't be read", folder, "backup")
    mover.repository.rename(mover.folder / "elsewhere")
    add_run(page, "It was there before, and is gone", mover, "backup")
    golden.check("unopened-repositories", page)


def test_damaged_repositories(golden: GoldenFiles, mover: Mover) -> None:
    page = Page("Damaged repositories", "What the mover shows of damage, operation by operation.")
    mover.succeeds("backup")
    parts = {
        "The config is garbled": ("config", damage.garbled),
        "The config is gone": ("config", damage.gone),
        "The key is garbled": ("keys", damage.garbled),
        "The keys are gone": ("keys", damage.gone),
        "The index is garbled": ("index", damage.garbled),
        "A snapshot is garbled": ("snapshots", damage.garbled),
    }
    for heading, (name, harm) in parts.items():
        broken = mover.copy(mover.folder / heading.replace(" ", "-"))
        part = broken.repository / name
        harm(part if part.is_file() else damage.newest(part))
        add_run(page, heading, broken, "backup")
    for heading, pack in {"content": damage.largest_pack, "folders": damage.smallest_pack}.items():
        broken = mover.copy(mover.folder / heading)
        pack(broken.repository).unlink()
        for operation in ("backup", "check", "prune"):
            add_run(page, f"A pack of {heading} is gone: {operation}", broken, operation)
    golden.check("damaged-repositories", page)


def test_restics_that_fail(golden: GoldenFiles, fresh: Mover) -> None:
    page = Page("restic itself", "What the mover shows where there is no usable restic, or restic fails.")
    add_run(page, "There is none", fresh, "backup", PATH="/nowhere")

    def add(heading: str, version: str = "0.19.1", **commands: str) -> None:
        folder = fresh.folder / heading.replace(" ", "-")
        folder.mkdir()
        add_run(page, heading, fresh.with_restic(fake_restic(folder, version, **commands)), "backup", RETRY_TIMEOUT="0")

    add("It is too old", version="0.14.0")
    add("It is another program", version="; echo rustic 1.0 #")
    add("It ends without a word", backup="true")
    add("It is killed", backup="kill -9 $$")
    add("It fails with an unknown error", backup="echo 'Fatal: not today' >&2; exit 1")
    add("The backend is full", backup="echo 'write /repository/data/tmp: no space left on device' >&2; exit 1")
    status = {"message_type": "status", "percent_done": 0.5, "total_files": 2, "files_done": 1}
    add("The backend goes away", backup=f"{as_lines(status)}; echo 'connect: connection refused' >&2; exit 1")
    golden.check("restic", page)


def test_signals(golden: GoldenFiles, fresh: Mover) -> None:
    page = Page("Signals", "What the mover shows where it is asked to end.")
    for number in (signal.SIGTERM, signal.SIGINT):
        folder = fresh.folder / number.name
        folder.mkdir()
        ready = folder / "ready"
        stopped = fresh.with_restic(fake_restic(folder, backup=f"touch {ready}; exec sleep 300"))
        with running_mover(stopped, "backup") as run:
            wait_until(ready.exists, "restic runs")
            run.signal(number)
            add_result(page, number.name, stopped, run.ends(), "backup")
    golden.check("signals", page)


def test_invalid_locations(golden: GoldenFiles, mover: Mover, tmp_path: Path) -> None:
    page = Page("Cache and termination log", "What the mover shows where the folders of its pod can't be used.")
    add_run(page, "No cache volume", mover, "backup", RESTIC_CACHE_DIR="/proc/nowhere")
    mover.succeeds("backup")
    for path in mover.cache.rglob("index"):
        for file in path.rglob("*"):
            if file.is_file():
                damage.garbled(file)
    (mover.cache / "CACHEDIR.TAG").unlink(missing_ok=True)
    add_run(page, "A damaged cache", mover, "backup")
    mover.marker.write_text("no JSON")
    add_run(page, "An unreadable marker file", mover, "backup")
    mover.marker.unlink()
    mover.marker.mkdir()
    add_run(page, "A marker file that can't be written", mover, "backup")
    mover.marker.rmdir()
    add_run(page, "No termination log", mover, "backup", TERMINATION_LOG="/nowhere/log")
    (tmp_path / "log").touch()
    unreadable(tmp_path / "log")
    closed = mover.powerless().with_settings(TERMINATION_LOG=str(tmp_path / "log"))
    add_run(page, "A termination log that can't be written", closed, "backup")
    mover.succeeds("backup")
    mover.marker.write_text(json.dumps(mover.read_marker() | {"uploading": True}))
    with holder(mover):
        add_run(page, "What a cut-off backup uploaded can't be looked for", mover, "backup", LOCK_TIMEOUT="1s")
    golden.check("places", page)
