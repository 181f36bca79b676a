"""The mover as its callers meet it: a process with arguments, an environment, a log and an exit code."""

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import psutil

from mover.config.repository_location import RepositoryLocation
from mover.config.secrets import Secret
from mover.state.marker_file import MarkerFile

TOOLS = Path(__file__).parents[2] / ".tools" / "bin"
SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin"
PASSWORD = "correct horse battery staple"
LARGEST_OUTCOME = 4096
SECONDS = 200
"""Until a mover that hangs is killed."""

POWERLESS = ("setpriv", "--bounding-set=-all", "--inh-caps=-all", "--")
"""Root without capabilities, as in a pod that says nothing of its user: permissions hold for it."""

NON_ROOT = 1000
AS_NON_ROOT = (
    "setpriv",
    f"--reuid={NON_ROOT}",
    f"--regid={NON_ROOT}",
    "--clear-groups",
    # So that it finds interpreter and restic wherever this checkout is.
    "--inh-caps=-all,+dac_read_search",
    "--ambient-caps=-all,+dac_read_search",
    "--",
)


@dataclass(frozen=True)
class Result:
    """A run that has ended."""

    exit_code: int
    text: str
    """What it wrote to stdout, which is its log."""
    errors: str
    """What it wrote to stderr."""
    outcome: dict[str, Any]
    """The object in its termination log; empty where it wrote none."""

    @property
    def records(self) -> list[dict[str, Any]]:
        """The log's records, of a log in JSON."""
        return [json.loads(line) for line in self.text.splitlines()]

    @property
    def operations(self) -> list[tuple[str, str]]:
        """What was done, and what became of it."""
        return [(operation["operation"], operation["outcome"]) for operation in self.outcome["operations"]]

    @property
    def message(self) -> str:
        """The message of the outcome."""
        return str(self.outcome["message"])

    @property
    def warnings(self) -> str:
        """The warnings of the outcome, one a line."""
        return "\n".join(self.outcome["warnings"])

    @property
    def reasons(self) -> list[str]:
        """The reasons of the warnings in the log, which is in JSON."""
        return [record["reason"] for record in self.records if "reason" in record]

    @property
    def messages(self) -> str:
        """The messages of the log, one a line."""
        return "\n".join(record["message"] for record in self.records)


@dataclass(frozen=True)
class Mover:
    """A mover with a volume, a cache and a repository of its own in a folder, and a restic to run."""

    folder: Path
    data: Path
    """The volume."""
    search_path: Path
    """The folder with the `restic` that it finds."""
    settings: Mapping[str, str] = field(default_factory=dict)
    launcher: Sequence[str] = ()
    """What starts it, such as a command that takes its rights away."""

    @property
    def cache(self) -> Path:
        """The cache volume."""
        return self.folder / "cache"

    @property
    def repository(self) -> Path:
        """The repository."""
        return self.folder / "repository"

    @property
    def termination_log(self) -> Path:
        """Where the outcome object is written."""
        return self.folder / "termination-log"

    @property
    def marker(self) -> Path:
        """The marker file."""
        return MarkerFile(self.cache, RepositoryLocation(Secret(self.environment()["RESTIC_REPOSITORY"]), "").id).path

    def read_marker(self) -> dict[str, Any]:
        """Return what the marker file holds."""
        return dict(json.loads(self.marker.read_text()))

    def scratch(self) -> list[str]:
        """Name what is left of scratch space and of restic's temporary caches."""
        return [str(path) for pattern in ("scratch-*", "restic-check-cache-*") for path in self.cache.rglob(pattern)]

    def environment(self, **settings: str) -> dict[str, str]:
        """Return the whole environment of a run; nothing of the caller's own is in it."""
        return {
            "PATH": f"{self.search_path}:{SYSTEM_PATH}",
            "HOME": str(self.folder),
            "DATA_DIR": str(self.data),
            "RESTIC_CACHE_DIR": str(self.cache),
            "RESTIC_REPOSITORY": str(self.repository),
            "RESTIC_PASSWORD": PASSWORD,
            "TERMINATION_LOG": str(self.termination_log),
            "PYTHONDONTWRITEBYTECODE": "1",
            **self.settings,
            **settings,
        }

    def command(self, *arguments: str) -> list[str]:
        """Return the command line of a run."""
        return [*self.launcher, sys.executable, "-m", "mover", *arguments]

    def start(self, *arguments: str, **settings: str) -> subprocess.Popen[bytes]:
        """Start it; `ended` waits for its end."""
        self.termination_log.write_bytes(b"")
        return subprocess.Popen(
            self.command(*arguments),
            env=self.environment(**settings),
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def ended(self, process: subprocess.Popen[bytes]) -> Result:
        """Wait for its end, and say what it showed and wrote."""
        try:
            text, errors = process.communicate(timeout=SECONDS)
        finally:
            leave_nothing_of(process)
        written = self.termination_log.read_bytes()
        assert PASSWORD.encode() not in text + errors + written, "the password was shown"
        assert len(written) <= LARGEST_OUTCOME, "the outcome does not fit into a termination message"
        return Result(process.returncode, text.decode(), errors.decode(), json.loads(written) if written else {})

    def run(self, *arguments: str, **settings: str) -> Result:
        """Run it to its end, and check what holds for every run: one outcome, and no secret anywhere."""
        result = self.ended(self.start(*arguments, **settings))
        environment = self.environment(**settings)
        secret_key = environment.get("AWS_SECRET_ACCESS_KEY")
        assert not secret_key or secret_key not in result.text + result.errors, "the secret key was shown"
        if result.outcome and "LOG_FORMAT" not in environment and "PRIVILEGED_MOVER" not in environment:
            assert result.records[-1] == result.outcome, "the last log record should be the outcome"
            assert result.errors == "", "a run writes to stdout alone"
        return result

    def succeeds(self, *arguments: str, **settings: str) -> Result:
        """Run it where all should go well."""
        result = self.run(*arguments, **settings)
        assert result.exit_code == 0, f"mover {' '.join(arguments)} ended with {result.exit_code}: {result.text}"
        return result

    def fails(self, exit_code: int, *arguments: str, **settings: str) -> Result:
        """Run it where it should end with an exit code of its own."""
        result = self.run(*arguments, **settings)
        assert result.exit_code == exit_code, f"it ended with {result.exit_code}, not {exit_code}: {result.text}"
        return result

    def restic(self, *arguments: str) -> str:
        """Ask restic itself about the repository, and return what it writes to stdout."""
        done = subprocess.run(
            [self.search_path / "restic", "--no-cache", *arguments],
            env={
                "RESTIC_REPOSITORY": str(self.repository),
                "RESTIC_PASSWORD": PASSWORD,
                "HOME": str(self.folder),
                "RESTIC_FEATURES": "device-id-for-hardlinks=true",
            },
            cwd=self.data,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        assert done.returncode == 0, f"restic {' '.join(arguments)}: {done.stderr}"
        return done.stdout

    def snapshots(self) -> list[dict[str, Any]]:
        """List the snapshots in the repository as restic does, the oldest first."""
        found = json.loads(self.restic("snapshots", "--json", "--no-lock"))
        return sorted(found, key=lambda snapshot: str(snapshot["time"]))

    def ids(self) -> list[str]:
        """List the ids of the snapshots, the oldest first."""
        return [snapshot["id"] for snapshot in self.snapshots()]

    def count(self) -> int:
        """Count the snapshots, without the half second that restic takes to open a repository."""
        return len(list((self.repository / "snapshots").iterdir()))

    def paths_in_snapshot(self, snapshot: str = "latest") -> set[str]:
        """Return the paths in a snapshot."""
        lines = self.restic("ls", "--json", snapshot).splitlines()
        return {entry["path"] for entry in map(json.loads, lines) if "path" in entry}

    def copy(self, folder: Path) -> "Mover":
        """Return a mover in another folder with copies of this one's repository and cache, and its very volume."""
        copied = replace(self, folder=folder)
        for original, copy in ((self.repository, copied.repository), (self.cache, copied.cache)):
            if original.exists():
                shutil.copytree(original, copy)
        if self.marker.exists():
            (copied.cache / self.marker.name).rename(copied.marker)
        return copied

    def with_volume(self, volume: Path) -> "Mover":
        """Return the same mover with another volume."""
        return replace(self, data=volume)

    def into(self, volume: Path) -> "Mover":
        """Return the same mover with another volume, into which it restores the snapshots of this one's."""
        volume.mkdir(exist_ok=True)
        return self.with_volume(volume).with_settings(RESTORE_PATH=str(self.data))

    def powerless(self) -> "Mover":
        """Return the same mover bound by permissions, also where the tests run as root."""
        return replace(self, launcher=POWERLESS) if os.geteuid() == 0 else self

    def with_restic(self, search_path: Path) -> "Mover":
        """Return the same mover with the `restic` in a folder."""
        return replace(self, search_path=search_path)

    def with_settings(self, **settings: str) -> "Mover":
        """Return the same mover with further settings."""
        return replace(self, settings={**self.settings, **settings})


def leave_nothing_of(process: subprocess.Popen[bytes]) -> None:
    """Kill a process that did not end, and what it started."""
    if process.poll() is None:
        children = psutil.Process(process.pid).children(recursive=True)
        process.kill()
        process.communicate()
        for child in children:
            child.kill()


@contextmanager
def somebody_using(mover: Mover) -> Iterator[subprocess.Popen[bytes]]:
    """Have another process back up into the repository: it holds a lock as long as its stdin is open."""
    backup = subprocess.Popen(
        [mover.search_path / "restic", "backup", "--quiet", "--no-cache", "--host=somebody", "--stdin"],
        env={"RESTIC_REPOSITORY": str(mover.repository), "RESTIC_PASSWORD": PASSWORD, "HOME": str(mover.folder)},
        stdin=subprocess.PIPE,
    )
    try:
        # Until it is whole, a lock has a longer name.
        wait_until(lambda: any((mover.repository / "locks").glob("?" * 64)), "the lock of another restic is there")
        yield backup
    finally:
        backup.terminate()
        backup.communicate(timeout=SECONDS)


def killed_while_using(mover: Mover) -> None:
    """Have another process be killed while it holds a lock on the repository, which is stale from then on."""
    with somebody_using(mover) as backup:
        backup.kill()
        backup.wait(SECONDS)


def wait_until(happens: Callable[[], bool], what: str) -> None:
    """Wait for something that another process does."""
    deadline = time.monotonic() + SECONDS
    pause = threading.Event()
    while not happens():
        assert time.monotonic() < deadline, f"it never came to pass that {what}"
        pause.wait(0.01)


def unreadable(path: Path) -> None:
    """Take a file or folder away from a mover that is `powerless`."""
    if os.geteuid() == 0:
        os.chown(path, NON_ROOT, NON_ROOT)
    path.chmod(0)
