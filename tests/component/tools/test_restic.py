"""Fetching restic, from a release page on loopback; apt is out of reach here."""

import bz2
import functools
import hashlib
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tools.restic import PINNED, release

ROOT = Path(__file__).parents[3]
NOWHERE = "http://127.0.0.1:1/nowhere"


def fake_restic(version: str) -> bytes:
    return f"#!/bin/sh\necho restic {version} compiled with go on here\n".encode()


def install(path: Path, version: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(fake_restic(version))
    path.chmod(0o755)
    return path


class ReleasePage:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.address = ""

    def publish(self, version: str, packed: bytes | None = None, checksum: str | None = None) -> None:
        packed = bz2.compress(fake_restic(PINNED[version])) if packed is None else packed
        page = self.folder / f"v{PINNED[version]}"
        page.mkdir(parents=True)
        (page / release(version).file).write_bytes(packed)
        line = f"{checksum or hashlib.sha256(packed).hexdigest()}  {release(version).file}\n"
        (page / "SHA256SUMS").write_text(f"{'0' * 64}  restic_other.bz2\n{line}")


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name it overrides
        pass


@pytest.fixture
def page(tmp_path: Path) -> Iterator[ReleasePage]:
    releases = ReleasePage(tmp_path / "releases")
    releases.folder.mkdir()
    handler = functools.partial(QuietHandler, directory=str(releases.folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.05])
        thread.start()
        releases.address = f"http://127.0.0.1:{server.server_port}"
        yield releases
        server.shutdown()
        thread.join()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    folder = tmp_path / "path"
    folder.mkdir()
    return folder


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "tools" / "bin" / "restic"


def fetch(path: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tools.restic", *arguments],
        cwd=ROOT,
        env={"PATH": str(path)},
        capture_output=True,
        text=True,
        check=False,
    )


def assert_fails(process: subprocess.CompletedProcess[str], reason: str) -> None:
    assert process.returncode == 1, process
    assert reason in process.stderr
    assert len(process.stderr.splitlines()) == 1, f"one line is enough: {process.stderr}"


def version(binary: Path) -> str:
    return subprocess.run([binary, "version"], capture_output=True, text=True, check=True).stdout.split()[1]


@pytest.mark.parametrize("wanted", ["0.19", "0.18"])
def test_restic_comes_from_the_release_page_where_there_is_no_apt(
    wanted: str, page: ReleasePage, path: Path, target: Path
) -> None:
    page.publish(wanted)
    process = fetch(path, wanted, target, "--releases", page.address)
    assert process.returncode == 0, process.stderr
    assert version(target) == PINNED[wanted]
    assert list(target.parent.iterdir()) == [target], "no other file should be left"


def test_a_download_with_another_checksum_is_refused(page: ReleasePage, path: Path, target: Path) -> None:
    page.publish("0.19", checksum="ab" * 32)
    assert_fails(fetch(path, "0.19", target, "--releases", page.address), "SHA256SUMS")
    assert not target.exists()


def test_a_download_that_is_not_bzip2_is_refused(page: ReleasePage, path: Path, target: Path) -> None:
    page.publish("0.19", packed=b"<html>Not found</html>")
    assert_fails(fetch(path, "0.19", target, "--releases", page.address), release("0.19").file)
    assert not target.exists()


def test_a_download_of_another_version_is_refused(page: ReleasePage, path: Path, target: Path) -> None:
    page.publish("0.19", packed=bz2.compress(fake_restic("0.17.3")))
    assert_fails(fetch(path, "0.19", target, "--releases", page.address), "restic 0.19 ")
    assert not target.exists()


def test_a_failed_download_names_the_address_and_why_debian_was_not_used(
    page: ReleasePage, path: Path, target: Path
) -> None:
    process = fetch(path, "0.19", target, "--releases", page.address)
    assert_fails(process, f"{page.address}/v{PINNED['0.19']}/{release('0.19').file}")
    assert "apt-get" in process.stderr or "Debian" in process.stderr


def test_an_installed_restic_of_the_right_version_is_left_alone(path: Path, target: Path) -> None:
    before = install(target, "0.19.7").stat()
    assert fetch(path, "0.19", target, "--releases", NOWHERE).returncode == 0
    after = target.stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_an_installed_restic_of_another_version_is_replaced(page: ReleasePage, path: Path, target: Path) -> None:
    install(target, "0.18.0")
    page.publish("0.19")
    assert fetch(path, "0.19", target, "--releases", page.address).returncode == 0
    assert version(target) == PINNED["0.19"]


def test_a_link_is_replaced_without_a_change_to_its_target(page: ReleasePage, path: Path, target: Path) -> None:
    installed = install(path / "restic", "0.18.0")
    assert fetch(path, "--usable", target, "--releases", NOWHERE).returncode == 0
    page.publish("0.19")
    assert fetch(path, "0.19", target, "--releases", page.address).returncode == 0
    assert (version(target), version(installed)) == ("0.19.1", "0.18.0")


@pytest.mark.parametrize("new_enough", ["0.18.0", "0.19.1", "0.20.0", "1.0.0"])
def test_a_usable_restic_on_the_path_is_linked(new_enough: str, path: Path, target: Path) -> None:
    installed = install(path / "restic", new_enough)
    process = fetch(path, "--usable", target, "--releases", NOWHERE)
    assert process.returncode == 0, process.stderr
    assert target.readlink() == installed


@pytest.mark.parametrize("too_old", ["0.14.0", "0.17.3", "0.9.6"])
def test_a_release_is_fetched_where_the_restic_on_the_path_is_too_old(
    too_old: str, page: ReleasePage, path: Path, target: Path
) -> None:
    install(path / "restic", too_old)
    page.publish("0.19")
    assert fetch(path, "--usable", target, "--releases", page.address).returncode == 0
    assert version(target) == PINNED["0.19"]
