"""A volume with a real repository on disk, and the mover run on it as a process of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from integration.servers.s3 import TOOLS

NEWEST, OLDEST = "restic", "restic-0.18"
"""Names in `.tools/bin`."""
PASSWORD = "correct horse battery staple"
SECONDS = 100


@dataclass(frozen=True)
class Ran:
    """A mover that has ended."""

    exit_code: int
    outcome: dict[str, Any]
    log: str

    @property
    def message(self) -> str:
        """The outcome's sentence."""
        return str(self.outcome["message"])

    @property
    def operations(self) -> list[tuple[str, str]]:
        """What was done, and what became of it."""
        return [(operation["operation"], operation["outcome"]) for operation in self.outcome["operations"]]


@dataclass(frozen=True)
class Place:
    """A folder with a volume, a cache and a repository."""

    folder: Path
    restic_name: str = NEWEST

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def cache(self) -> Path:
        return self.folder / "cache"

    @property
    def repository(self) -> Path:
        return self.folder / "repository"

    def environment(self, **settings: str) -> dict[str, str]:
        """Return the whole environment of a run."""
        programs = self.folder / "bin"
        programs.mkdir(exist_ok=True)
        if not (programs / "restic").exists():
            (programs / "restic").symlink_to(TOOLS / self.restic_name)
        return {
            "PATH": f"{programs}:{os.defpath}",
            "HOME": str(self.folder),
            "DATA_DIR": str(self.data),
            "RESTIC_CACHE_DIR": str(self.cache),
            "RESTIC_REPOSITORY": str(self.repository),
            "RESTIC_PASSWORD": PASSWORD,
            "TERMINATION_LOG": str(self.folder / "outcome"),
            **settings,
        }

    def start(self, *operations: str, **settings: str) -> subprocess.Popen[str]:
        """Start the mover."""
        return subprocess.Popen(
            [sys.executable, "-m", "mover", *operations],
            env=self.environment(**settings),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def end(self, process: subprocess.Popen[str]) -> Ran:
        """Wait for its end."""
        try:
            log, _ = process.communicate(timeout=SECONDS)
        finally:
            leave_nothing_of(process)
        written = (self.folder / "outcome").read_text() if (self.folder / "outcome").exists() else ""
        return Ran(process.returncode, json.loads(written) if written else {}, log)

    def run(self, *operations: str, expected: int = 0, settings: Mapping[str, str] | None = None, **more: str) -> Ran:
        """Run the mover to its end, which should have this exit code."""
        (self.folder / "outcome").unlink(missing_ok=True)
        ran = self.end(self.start(*operations, **(settings or {}), **more))
        assert ran.exit_code == expected, f"mover {' '.join(operations)} ended with {ran.exit_code}: {ran.log}"
        return ran

    def restic(self, *arguments: str) -> str:
        """Run restic itself on the repository, where it should succeed."""
        command = [str(TOOLS / self.restic_name), "--no-cache", *arguments]
        done = subprocess.run(command, env=self.environment(), capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"restic {' '.join(arguments)}: {done.stderr}"
        return done.stdout

    def marker(self) -> dict[str, Any]:
        """Return what the marker file holds."""
        (path,) = self.cache.glob("mover-*.json")
        return dict(json.loads(path.read_text()))

    def largest_pack(self) -> Path:
        """Return a pack that holds content of files."""
        return max(self.repository.glob("data/*/*"), key=lambda pack: pack.stat().st_size)

    def scratch(self) -> list[str]:
        """Name what is left of scratch space and of restic's temporary caches."""
        return [str(path) for pattern in ("scratch-*", "restic-check-cache-*") for path in self.cache.rglob(pattern)]


def leave_nothing_of(process: subprocess.Popen[str]) -> None:
    """Kill a process that did not end, and what it started."""
    if process.poll() is None:
        children = psutil.Process(process.pid).children(recursive=True)
        process.kill()
        process.communicate()
        for child in children:
            child.kill()


def garble(path: Path, at: int = 0) -> None:
    """Change a byte in the middle of a file of the repository."""
    path.chmod(0o600)
    content = bytearray(path.read_bytes())
    content[at] ^= 0xFF
    path.write_bytes(content)


@contextmanager
def mounted(folder: Path, *options: str) -> Iterator[None]:
    """Mount something for the length of a block; needs root."""
    folder.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(["mount", *options, folder], capture_output=True, text=True, check=False)  # noqa: S607
    assert done.returncode == 0, f"this needs root and a kernel that mounts {options}: {done.stderr}"
    try:
        yield
    finally:
        subprocess.run(["umount", folder], check=True)  # noqa: S607
