"""A volume that was copied block by block and mounted as another device, as a snapshot of a storage system is.

Needs root and loop devices, and says so where it has not got them: this can't be shown otherwise.
"""

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.support.mounts import mounted
from tests.support.mover_process import Mover
from tests.support.restic_versions import both_restics

FOLDERS = 20
SKIPPING = {"SKIP_IF_UNCHANGED": "true"}
pytestmark = both_restics


@pytest.fixture
def content(tmp_path: Path) -> Path:
    """What the volume and its clone hold."""
    for number in range(FOLDERS):
        (tmp_path / "content" / f"folder {number}").mkdir(parents=True)
        (tmp_path / "content" / f"folder {number}" / "file").write_text(f"content {number}")
    return tmp_path / "content"


@contextmanager
def cloned(content: Path) -> Iterator[tuple[Path, Path]]:
    """Make a volume and its clone, both mounted, so that their device numbers differ."""
    original, clone = content.with_suffix(".original"), content.with_suffix(".clone")
    with original.open("wb") as file:
        file.truncate(16 * 1024 * 1024)
    made = subprocess.run(["mkfs.ext4", "-q", "-d", content, original], capture_output=True, text=True, check=False)  # noqa: S607
    assert made.returncode == 0, f"this needs mkfs.ext4 of e2fsprogs: {made.stderr}"
    shutil.copyfile(original, clone)
    first, second = content.with_name("first"), content.with_name("second")
    with mounted(first, "-o", "loop", str(original)), mounted(second, "-o", "loop", str(clone)):
        assert first.stat().st_dev != second.stat().st_dev, "these should be two devices"
        yield first, second


@pytest.fixture
def volumes(content: Path) -> Iterator[tuple[Path, Path]]:
    with cloned(content) as both:
        yield both


def backup(mover: Mover, volume: Path, **settings: str) -> dict[str, Any]:
    """Back a volume up as it stands at the place's own path."""
    with mounted(mover.data, "--bind", str(volume)):
        return mover.succeeds("backup", **settings).outcome


def test_an_unchanged_clone_adds_nothing(mover: Mover, volumes: tuple[Path, Path]) -> None:
    original, clone = volumes
    backup(mover, original)

    saved = backup(mover, clone)["snapshot"]

    assert (saved["new"], saved["changed"], saved["added"]) == (0, 0, 0)
    newest = json.loads(mover.restic("snapshots", "--json", "--latest=1"))[0]["summary"]
    assert newest["dirs_unmodified"] == FOLDERS
    assert newest.get("dirs_changed", 0) == newest.get("dirs_new", 0) == 0


def test_an_unchanged_clone_makes_no_snapshot_where_none_is_wanted(mover: Mover, volumes: tuple[Path, Path]) -> None:
    original, clone = volumes
    backup(mover, original)

    outcome = backup(mover, clone, **SKIPPING)

    assert outcome["snapshot"] is None, "the clone holds what the snapshot of the original holds"
    assert outcome["warnings"] == [], "the volume is not empty"
    assert mover.count() == 1


def test_a_clone_with_a_change_adds_that_alone(mover: Mover, volumes: tuple[Path, Path]) -> None:
    original, clone = volumes
    backup(mover, original)
    (clone / "folder 3" / "file").write_text("changed")

    saved = backup(mover, clone, **SKIPPING)["snapshot"]

    assert (saved["new"], saved["changed"]) == (0, 1)


def test_a_clone_adds_the_folders_that_hold_hard_links_and_no_more(mover: Mover, content: Path) -> None:
    """restic keeps the device of hard links, to distinguish them; so their folders look changed."""
    (content / "folder 1" / "hard link").hardlink_to(content / "folder 1" / "file")
    with cloned(content) as (original, clone):
        backup(mover, original)

        saved = backup(mover, clone)["snapshot"]

    newest = json.loads(mover.restic("snapshots", "--json", "--latest=1"))[0]["summary"]
    assert (saved["new"], saved["changed"]) == (0, 0)
    assert (newest["dirs_changed"], newest["dirs_unmodified"]) == (1, FOLDERS - 1)
