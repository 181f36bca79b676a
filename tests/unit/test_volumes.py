"""The comparison of volumes that other tests rely on finds what differs."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support import volumes


@pytest.fixture
def original(tmp_path: Path) -> Path:
    return volumes.varied(tmp_path / "original")


@pytest.fixture
def clone(original: Path, tmp_path: Path) -> Path:
    """A faithful copy, hard links included."""
    clone = tmp_path / "clone"
    shutil.copytree(original, clone, symlinks=True, ignore=shutil.ignore_patterns("fifo", "owners", "hard"))
    (clone / "links" / "hard").hardlink_to(clone / "links" / "file")
    os.mkfifo(clone / "kinds" / "fifo", 0o640)
    shutil.rmtree(original / "owners", ignore_errors=True)
    for name in ("links", "kinds", "kinds/fifo", "."):
        times = (original / name).lstat()
        os.utime(clone / name, ns=(times.st_atime_ns, times.st_mtime_ns))
    return clone


def test_a_faithful_copy_has_no_differences(original: Path, clone: Path) -> None:
    assert volumes.differences(original, clone) == []


def remove(path: Path) -> None:
    path.unlink()


def link_elsewhere(path: Path) -> None:
    path.unlink()
    path.symlink_to("elsewhere")


def unlink_from_the_other(path: Path) -> None:
    content = path.read_bytes()
    path.unlink()
    path.write_bytes(content)


def date_back(path: Path) -> None:
    os.utime(path, ns=(0, 0))


def rewrite(path: Path) -> None:
    path.write_text("content ?")


def colour(path: Path) -> None:
    os.setxattr(path, "user.colour", b"red")


DAMAGES: list[tuple[str, str, Callable[[Path], None]]] = [
    ("'kinds/empty file' is missing", "kinds/empty file", remove),
    ("'links/new' should not be there", "links/new", Path.touch),
    ("mode should be '-r--------'", "metadata/400", lambda path: path.chmod(0o600)),
    ("modified should be", "metadata/old", date_back),
    ("content should be", "names/-rf", rewrite),
    ("target should be", "links/relative", link_elsewhere),
    ("xattr user.colour should be", "metadata/xattr", colour),
    ("['links/file', 'links/hard'] should be one file", "links/hard", unlink_from_the_other),
]


@pytest.mark.parametrize(("difference", "name", "damage"), DAMAGES)
def test_each_difference_is_reported(
    original: Path, clone: Path, difference: str, name: str, damage: Callable[[Path], None]
) -> None:
    damage(clone / name)
    found = volumes.differences(original, clone)
    assert any(difference in line for line in found), f"{difference!r} is not among {found}"


@pytest.mark.needs("root")
def test_another_owner_is_a_difference(original: Path, clone: Path) -> None:
    os.chown(clone / "links" / "file", 1, 2)
    assert "'links/file': group should be 0, is 2" in volumes.differences(original, clone)
    assert not any("group" in line for line in volumes.differences(original, clone, owners=False))
