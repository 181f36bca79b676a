"""The demo's two scripts: a sample volume that is lost, and the user's own folder."""

import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from mover.config.repository_location import without_credentials
from mover.exit_codes import ExitCode
from mover.platform.units import count, size
from tools.demo import sample, tree
from tools.demo.failure import DemoError, RequestError
from tools.demo.request import PLACE, Request
from tools.demo.screen import Screen

VOLUME = Path(PLACE) / "volume"
REPOSITORY = Path(PLACE) / "repository"
CACHE = Path(PLACE) / "cache"
HOST = "demo"
EXAMPLE_PASSWORD = "an-example-only"  # noqa: S105  of a repository that exists for half a minute

MAX_DIFFERENCES_SHOWN = 5


def run_sample(screen: Screen, request: Request) -> None:
    """Back up a sample volume, change it, lose it, restore it, and prove that nothing is missing."""
    if request.ignored:
        screen.say(f"{request.ignored[0]} is ignored: without DATA the demo uses a repository of its own.")
    screen.step("Make a volume", "A sample, with everything in it that is hard to back up.")
    sample.make(VOLUME)
    screen.say(_counted(f"{VOLUME} has", tree.read(VOLUME)))

    _export_settings(screen, VOLUME, request)

    screen.step("Back it up", "The first backup creates the repository.")
    screen.must("backup")

    screen.step("A week passes", "The volume changes, as volumes do.")
    screen.say(f"{VOLUME}: {sample.change(VOLUME)}")

    screen.step(
        "Back it up again, and prune",
        "Only what is new is stored. Retention keeps the newest snapshot; prune frees what no snapshot needs.",
    )
    screen.must("backup", "prune", RETAIN_LAST="1")
    original = tree.read(VOLUME)

    screen.step("Lose the volume", "Everything in it is deleted.")
    screen.typed(f"rm -r {VOLUME} && mkdir {VOLUME}")
    shutil.rmtree(VOLUME)
    VOLUME.mkdir()

    screen.step("Restore it", "The latest snapshot of this volume is put back.")
    screen.must("restore")
    _compare(screen, original, VOLUME)

    _show_snapshots_and_status(screen)
    screen.say("")
    screen.say("Done: backed up, lost, restored, nothing missing. The sample is removed again.")
    screen.say("Now with a folder of your own, which is only read: make demo DATA=~/photos")


def run_own_folder(screen: Screen, request: Request, data: Path, temporary: set[Path]) -> None:
    """Back up the user's folder, restore it elsewhere, and compare; the folder itself is only read.

    The restored copy is ``temporary`` until it is whole.
    """
    _check_space(data, copies=1 if request.repository else 2)
    screen.step("Look at your folder", "It is read once, to have something to compare the restored copy with.")
    original = tree.read(data)
    screen.say(_counted(f"{data} has", original))
    if original.unreadable:
        screen.say(f"{_entries(len(original.unreadable))} cannot be read as this user, and are left out.")
    copy = Path(PLACE) / f"restored-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"

    _export_settings(screen, data, request)

    screen.step("Back it up", "Nothing is forgotten or pruned, whatever else the repository holds.")
    code = screen.mover("backup")
    if code not in {ExitCode.DONE, ExitCode.PARTIAL}:
        raise DemoError(f"mover ended with exit code {code}; see docs/exit-codes.md", code)

    screen.step("Restore it somewhere else", f"Into a new folder, {copy}; your own stays as it is.")
    temporary.add(copy)
    copy.mkdir()
    screen.must("restore", DATA_DIR=str(copy), RESTORE_PATH=str(data))
    temporary.discard(copy)
    _compare(screen, original, copy)

    _show_snapshots_and_status(screen)
    screen.say("")
    screen.say(f"Done. The restored copy is in {copy}; nothing else is left of the demo.")
    if request.repository:
        screen.say(f"The snapshot stays in your repository, under the host name {HOST!r}.")


def _export_settings(screen: Screen, volume: Path, request: Request) -> None:
    screen.step(
        "Set repository and volume",
        "The mover (.venv/bin/mover) takes its settings from the environment, as restic does.",
    )
    screen.export({"DATA_DIR": str(volume), "RESTIC_CACHE_DIR": str(CACHE), "RESTIC_HOST": HOST})
    # Off a terminal the log would be JSON.
    screen.export({"LOG_FORMAT": "text"})
    if request.repository:
        screen.export(request.repository, shown=_masked(request.repository))
    else:
        screen.export({"RESTIC_REPOSITORY": str(REPOSITORY), "RESTIC_PASSWORD": EXAMPLE_PASSWORD})


def _masked(variables: Mapping[str, str]) -> dict[str, str]:
    return {
        name: without_credentials(value) if name == "RESTIC_REPOSITORY" else "***" for name, value in variables.items()
    }


def _compare(screen: Screen, original: tree.Tree, copy: Path) -> None:
    screen.step("Compare", "Every entry with what was there before: contents, modes, times, links.")
    restored = tree.read(copy)
    found = tree.differences(original, restored)
    shown = list(islice(found, MAX_DIFFERENCES_SHOWN))
    for difference in shown:
        screen.say(difference)
    if shown:
        number = len(shown) + sum(1 for _ in found)
        raise DemoError(f"{_entries(number)} of {copy} differ from the original, unless it was changed meanwhile")
    screen.say(f"{_entries(len(restored.entries))} compared, {count(restored.files, 'file')} read: all the same.")


def _show_snapshots_and_status(screen: Screen) -> None:
    screen.step("Show snapshots and status", "The snapshots of this volume, and the state that the mover keeps for it.")
    screen.must("snapshots")
    screen.must("status")


def _check_space(data: Path, copies: int) -> None:
    needed = copies * tree.space(data)
    free = shutil.disk_usage(PLACE).free
    if needed > free:
        raise RequestError(f"{Path(PLACE).absolute()}: {size(free)} free, but the demo needs {size(needed)}")


def _counted(subject: str, found: tree.Tree) -> str:
    return f"{subject} {_entries(len(found.entries))}, {found.files} of them files, {size(found.size)}."


def _entries(number: int) -> str:
    return count(number, "entry", "entries")
