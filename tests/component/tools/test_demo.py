"""The demo, with real restic, in a folder of the test's own."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tools.demo import tree

ROOT = Path(__file__).parents[3]
PATH = os.pathsep.join([str(ROOT / ".tools/bin"), os.environ["PATH"]])
ENVIRONMENT = {"PATH": PATH, "HOME": "/nonexistent", "PYTHONPATH": str(ROOT)}
DEMO = [sys.executable, "-m", "tools.demo"]
COMPARED = r"^(\d+) entries compared, (\d+) files "


def demo(place: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    place.mkdir(exist_ok=True)
    return subprocess.run(
        DEMO, cwd=place, env={**ENVIRONMENT, **variables}, capture_output=True, text=True, check=False
    )


def mover(*arguments: str, **variables: str) -> str:
    program = Path(sys.executable).with_name("mover")
    return subprocess.run(
        [program, *arguments], env={**ENVIRONMENT, **variables}, capture_output=True, text=True, check=True
    ).stdout


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "place"


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "my photos"
    (folder / "2026").mkdir(parents=True)
    (folder / "2026" / "beach.jpg").write_bytes(os.urandom(100_000))
    (folder / "2026" / "line\nbreak.jpg").write_bytes(b"odd")
    (folder / "newest").symlink_to("2026/beach.jpg")
    (folder / "nothing yet").mkdir(mode=0o700)
    return folder


@pytest.fixture
def own_repository(tmp_path: Path) -> dict[str, str]:
    return {"RESTIC_REPOSITORY": str(tmp_path / "backups"), "RESTIC_PASSWORD": "kept-from-the-screen"}


def state(folder: Path) -> dict[Path, tuple[int, ...]]:
    """Everything that shows whether an entry was written to, its time of change in the first place."""
    return {
        path: (status.st_ino, status.st_mode, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
        for path in (folder, *folder.rglob("*"))
        for status in [path.lstat()]
    }


def test_sample_is_backed_up_lost_restored_and_proven_equal(place: Path) -> None:
    process = demo(place)
    assert process.returncode == 0, process.stdout + process.stderr
    commands = re.findall(r"^\$ (?!export)(.*)$", process.stdout, re.MULTILINE)
    assert commands == [
        "mover backup",
        "RETAIN_LAST=1 mover backup prune",
        "rm -r .demo/volume && mkdir .demo/volume",
        "mover restore",
        "mover snapshots",
        "mover status",
    ]
    assert re.findall(r"^(\w+) +done ", process.stdout, re.MULTILINE) == [
        "backup",
        "backup",
        "forget",
        "prune",
        "restore",
    ]
    assert len(re.findall(r"^\w{8}  \S+Z  demo ", process.stdout, re.MULTILINE)) == 1, "one snapshot should be kept"
    compared = re.search(COMPARED, process.stdout, re.MULTILINE)
    assert compared, f"the comparison is missing: {process.stdout}"
    assert int(compared[1]) > int(compared[2]) > 200
    assert list(place.iterdir()) == [], "no file should be left"


def test_sample_is_not_put_into_a_repository_that_the_shell_happens_to_know(place: Path, tmp_path: Path) -> None:
    repository = tmp_path / "precious"
    process = demo(place, RESTIC_REPOSITORY=str(repository), RESTIC_PASSWORD="secret", RETAIN_LAST="nonsense")
    assert process.returncode == 0, process.stdout + process.stderr
    assert "RESTIC_REPOSITORY" in process.stdout.splitlines()[0]
    assert not repository.exists()


def test_own_folder_is_only_read(place: Path, photos: Path, own_repository: dict[str, str]) -> None:
    before, contents = state(photos), tree.read(photos)
    process = demo(place, DATA=str(photos), **own_repository)
    assert process.returncode == 0, process.stdout + process.stderr
    assert state(photos) == before, "no entry was created, changed or removed, not even for a moment"
    assert tree.read(photos) == contents
    assert re.findall(COMPARED, process.stdout, re.MULTILINE) == [("5", "2")]


def test_own_folder_is_restored_to_a_new_one_that_is_named_and_kept(place: Path, photos: Path) -> None:
    process = demo(place, DATA=str(photos))
    (restored,) = (place / ".demo").iterdir()
    assert str(restored.relative_to(place)) in process.stdout.splitlines()[-1], "it is named"
    assert list(tree.differences(tree.read(photos), tree.read(restored))) == []


def test_own_repository_keeps_every_snapshot_it_has(
    place: Path, photos: Path, own_repository: dict[str, str], tmp_path: Path
) -> None:
    others = {**own_repository, "DATA_DIR": str(photos), "RESTIC_CACHE_DIR": str(tmp_path / "cache")}
    mover("backup", **others)
    mover("backup", **others)
    process = demo(place, DATA=str(photos), RETAIN_LAST="1", PRUNE_INTERVAL_DAYS="0", **own_repository)
    assert process.returncode == 0, process.stdout + process.stderr
    listed = mover("snapshots", "--all", **others).splitlines()[1:]
    assert [line.split()[2] for line in listed] == ["demo", "volsync", "volsync"]


def test_own_secrets_are_not_shown(place: Path, photos: Path, own_repository: dict[str, str]) -> None:
    process = demo(place, DATA=str(photos), AWS_SECRET_ACCESS_KEY="kept-too", **own_repository)
    assert process.returncode == 0, process.stdout + process.stderr
    assert "kept-from-the-screen" not in process.stdout + process.stderr
    assert "kept-too" not in process.stdout + process.stderr


@pytest.mark.parametrize(
    ("variables", "named"),
    [
        ({"DATA": "/no/such/folder"}, "DATA: "),
        ({"DATA": "/etc/hostname"}, "DATA: "),
        ({"DATA": "/"}, "DATA: "),
        ({"DATA": "/etc", "RESTIC_REPOSITORY": "/x"}, "RESTIC_PASSWORD"),
        ({"DATA": "/etc", "RESTIC_REPOSITORY": ".demo/x", "RESTIC_PASSWORD": "x"}, "RESTIC_REPOSITORY"),
    ],
)
def test_invalid_request_is_refused_in_one_line_that_names_the_variable(
    place: Path, variables: dict[str, str], named: str
) -> None:
    process = demo(place, **variables)
    assert process.returncode == 2
    assert named in process.stderr
    assert (len(process.stderr.splitlines()), process.stdout) == (1, "")
    assert list(place.iterdir()) == []


def test_empty_folder_is_refused(place: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    process = demo(place, DATA=str(tmp_path / "empty"))
    assert (process.returncode, process.stdout) == (2, "")
    assert str(tmp_path / "empty") in process.stderr


def test_folder_that_does_not_fit_a_second_time_is_refused_before_it_is_read(place: Path, tmp_path: Path) -> None:
    (tmp_path / "huge").mkdir()
    with (tmp_path / "huge" / "disk.img").open("wb") as file:
        file.truncate(8 * 1024**4)  # sparse: reading it would take hours
    process = demo(place, DATA=str(tmp_path / "huge"))
    assert (process.returncode, process.stdout) == (2, "")
    assert re.search(r"16\.\d+ TiB", process.stderr), process.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_demo_cleans_up(
    number: signal.Signals, place: Path, photos: Path, own_repository: dict[str, str]
) -> None:
    place.mkdir()
    environment = {**ENVIRONMENT, **own_repository, "DATA": str(photos)}
    with subprocess.Popen(
        DEMO, cwd=place, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout
        for line in process.stdout:
            if line.startswith("restoring "):
                break
        process.send_signal(number)
        rest = process.stdout.read()
    assert process.returncode == 128 + number, rest
    assert rest.splitlines()[-1].startswith("demo: "), rest
    assert list(place.iterdir()) == []
    assert list(Path(own_repository["RESTIC_REPOSITORY"], "locks").iterdir()) == [], "restic was ended properly"


def test_second_demo_in_the_same_place_waits_for_nothing_and_touches_nothing(place: Path) -> None:
    place.mkdir()
    with subprocess.Popen(
        DEMO, cwd=place, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as first:
        assert first.stdout
        for line in first.stdout:
            if line.startswith("$ "):
                break
        second = demo(place)
        rest = first.stdout.read()
    assert second.returncode == 2
    assert str(place) in second.stderr
    assert first.returncode == 0, rest


def edit(root: Path) -> None:
    path = root / "2026/beach.jpg"
    status = path.stat()
    path.write_bytes(b"x" * status.st_size)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def remove(root: Path) -> None:
    status = (root / "2026").stat()
    (root / "2026/beach.jpg").unlink()
    os.utime(root / "2026", ns=(status.st_atime_ns, status.st_mtime_ns))


def relink(root: Path) -> None:
    status = (root / "newest").lstat()
    (root / "newest").unlink()
    (root / "newest").symlink_to("elsewhere")
    os.utime(root / "newest", ns=(status.st_atime_ns, status.st_mtime_ns), follow_symlinks=False)


@pytest.mark.parametrize(
    ("damage", "difference"),
    [
        (edit, "'2026/beach.jpg' has another content"),
        (remove, "'2026/beach.jpg' is missing"),
        (relink, "'newest' has another content"),
        (lambda root: (root / "surplus").touch(), "'surplus' should not be there"),
        (lambda root: (root / "nothing yet").chmod(0o755), "'nothing yet' has another mode"),
        (lambda root: os.utime(root / "2026/beach.jpg", (1, 1)), "'2026/beach.jpg' has another modification time"),
    ],
)
def test_comparison_notices_damage(photos: Path, damage: Callable[[Path], None], difference: str) -> None:
    original = tree.read(photos)
    damage(photos)
    assert list(tree.differences(original, tree.read(photos))) == [difference]


def test_comparison_notices_that_a_hard_link_became_a_file_of_its_own(photos: Path) -> None:
    link = photos / "also the beach"
    link.hardlink_to(photos / "2026/beach.jpg")
    original = tree.read(photos)
    content, status = link.read_bytes(), link.stat()
    link.unlink()
    link.write_bytes(content)
    link.chmod(status.st_mode)
    os.utime(link, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert list(tree.differences(original, tree.read(photos))) == ["'also the beach' has another hard link"]


def make(*arguments: str) -> subprocess.CompletedProcess[str]:
    # Without what a make that runs the tests sets for its children.
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    return subprocess.run(
        ["make", *arguments],  # noqa: S607  as anyone types it
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_make_alone_shows_what_can_be_made() -> None:
    process = make()
    assert process.returncode == 0
    assert re.search(r"^ +make demo +\S", process.stdout, re.MULTILINE)


@pytest.mark.parametrize("data", ["/with space", "/with $HOME and $(shell id)", "/with \"quotes' and #"])
def test_make_passes_a_folder_on_as_it_is(data: str) -> None:
    process = make("demo", f"DATA={data}")
    assert process.stderr.splitlines()[0].startswith("demo: DATA: "), process.stderr
    assert repr(data) in process.stderr
