"""Programs from release pages: which checksum counts, what is unpacked, and hosts out of reach."""

import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from tools.install import FetchError, UnavailableError
from tools.releases import Release, checksum_in, unpack, unreachable

NOWHERE = "http://127.0.0.1:1/"


@pytest.mark.parametrize(
    "listed",
    [
        "00 other\nab12  etcd.tar.gz\n",
        "AB12 *etcd.tar.gz\r\n00 *other\r\n",
        "ab12\n",
        "ab12",
    ],
    ids=["sha256sum", "binary mode", "alone", "alone, without a line's end"],
)
def test_a_checksum_is_found_in_every_format_of_publishers(listed: str) -> None:
    assert checksum_in(listed, "etcd.tar.gz") == "ab12"


@pytest.mark.parametrize("listed", ["", "ab12  other\n", "<html>not found</html>\n"])
def test_the_checksum_of_another_file_is_not_used(listed: str) -> None:
    assert checksum_in(listed, "etcd.tar.gz") == ""


def tar(path: Path, name: str) -> None:
    with tarfile.open(path, "w:gz") as archive:
        directory = tarfile.TarInfo("etcd")
        directory.type = tarfile.DIRTYPE
        archive.addfile(directory)
        entry = tarfile.TarInfo(name)
        entry.size = 4
        archive.addfile(entry, io.BytesIO(b"text"))


@pytest.fixture(params=[".tar.gz", ".zip"])
def packed(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """An archive with the program in a folder."""
    path = tmp_path / f"release{request.param}"
    if request.param == ".zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("etcd-v3/etcd", "text")
    else:
        tar(path, "etcd-v3/etcd")
    return path


def test_the_program_is_extracted_from_the_archive_and_made_executable(packed: Path) -> None:
    binary = unpack(packed, "etcd", packed.parent)

    assert binary.read_text() == "text"
    assert binary.stat().st_mode & 0o777 == 0o755


def test_an_archive_without_the_program_is_rejected(packed: Path) -> None:
    with pytest.raises(FetchError, match="etcdctl"):
        unpack(packed, "etcdctl", packed.parent)


def test_an_incomplete_archive_is_rejected(packed: Path) -> None:
    packed.write_bytes(packed.read_bytes()[:40])
    with pytest.raises(FetchError, match=packed.name):
        unpack(packed, "etcd", packed.parent)


def test_an_unreachable_host_is_no_failure_of_its_release_and_is_tried_once(tmp_path: Path) -> None:
    unreachable.cache_clear()
    for _ in range(2):
        with pytest.raises(UnavailableError, match=r"127\.0\.0\.1:1"):
            Release(NOWHERE.rstrip("/"), "etcd.zip", "SHA256SUMS").install("etcd", tmp_path / "etcd")

    assert unreachable.cache_info().misses == 1
    assert list(tmp_path.iterdir()) == []
