"""What every fetch has in common: run a program, download a file, put a binary in its place."""

import os
import shutil
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

DOWNLOAD_SECONDS = 60
"""How long one read of a download may stall."""


class FetchError(Exception):
    """A tool could not be had; the message is one line and names what is missing."""


def run(*command: str | Path, env: Mapping[str, str] | None = None, cwd: Path | None = None) -> str:
    """Run a program and return what it wrote to stdout.

    `env` is added to the environment. Raises FetchError with the last line the
    program wrote to stderr where it fails, or where it is not installed.
    """
    name = Path(command[0]).name
    try:
        done = subprocess.run(
            command,
            env={**os.environ, **(env or {})},
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
    except OSError as error:
        raise FetchError(f"{name} can't be run: {error.strerror}") from error
    if done.returncode:
        last = (done.stderr.strip() or done.stdout.strip() or "no output").splitlines()[-1]
        raise FetchError(f"{name} failed ({done.returncode}): {last}")
    return done.stdout


def says(binary: Path, *question: str) -> str:
    """Return what a program answers; nothing where it is not there or fails."""
    try:
        return run(binary, *question)
    except FetchError:
        return ""


def where_possible(lacking: str, what: str, get: Callable[[], None]) -> None:
    """Get something, or name on stderr what this machine lacks for it."""
    if lacking:
        print(f"no {what}: {lacking}", file=sys.stderr)
    else:
        get()


def download(url: str, target: Path) -> Path:
    """Download `url` to `target`. Raises FetchError naming the address."""
    if urlsplit(url).scheme not in {"http", "https"}:
        raise FetchError(f"not a web address: {url}")
    try:
        with (
            urllib.request.urlopen(url, timeout=DOWNLOAD_SECONDS) as answer,  # noqa: S310 - checked above
            target.open("wb") as file,
        ):
            shutil.copyfileobj(answer, file)
    except (OSError, urllib.error.URLError) as error:
        raise FetchError(f"can't download {url}: {error}") from error
    return target


def place(binary: Path, target: Path) -> None:
    """Put a copy of `binary` at `target`, executable, whole or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}-")
    try:
        with os.fdopen(handle, "wb") as copy, binary.open("rb") as file:
            shutil.copyfileobj(file, copy)
        Path(name).chmod(0o755)
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def link(binary: Path, target: Path) -> None:
    """Make `target` a symbolic link to `binary`, replacing what is there in one step."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}-") as scratch:
        fresh = Path(scratch) / target.name
        fresh.symlink_to(binary.absolute())
        fresh.replace(target)


def exit_with(fetch: Callable[[], None]) -> None:
    """Run `fetch` and leave the process: 0, or 1 with one line on stderr."""
    try:
        fetch()
    except FetchError as error:
        sys.exit(str(error))
