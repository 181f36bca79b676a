"""What every fetch has in common: run a program, try one way after another, put a binary in its place."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path


class FetchError(Exception):
    """A program could not be fetched; the message is one line and names what is missing."""


class UnavailableError(FetchError):
    """This machine lacks the means for it: a host that responds, Go, Debian's packages."""


def run(*command: str | Path, env: Mapping[str, str] | None = None, cwd: Path | None = None) -> str:
    """Run a program and return what it wrote to stdout.

    `env` is added to the environment. Raises FetchError with the last line the
    program wrote to stderr if it fails, or if it is not installed.
    """
    name = Path(command[0]).name
    try:
        process = subprocess.run(
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
        raise FetchError(f"cannot run {name}: {error.strerror}") from error
    if process.returncode:
        last = (process.stderr.strip() or process.stdout.strip() or "no output").splitlines()[-1]
        raise FetchError(f"{name} failed with exit code {process.returncode}: {last}")
    return process.stdout


def output(binary: Path, *arguments: str) -> str:
    """Return what a program writes to stdout; nothing if it is not there or fails."""
    try:
        return run(binary, *arguments)
    except FetchError:
        return ""


def first_of(what: str, *ways: Callable[[], None]) -> None:
    """Fetch something in the first way that succeeds; one that failed before it is reported on stderr.

    Raises UnavailableError if this machine lacks the means for all of them, FetchError if one failed; either
    names the reason of each.
    """
    errors: list[FetchError] = []
    for way in ways:
        try:
            way()
        except FetchError as error:
            errors.append(error)
        else:
            for failed in errors:
                if not isinstance(failed, UnavailableError):
                    print(f"{what}: {failed}; fetched another way", file=sys.stderr)
            return
    kind = UnavailableError if all(isinstance(error, UnavailableError) for error in errors) else FetchError
    raise kind(f"{what}: {'; '.join(map(str, errors))}")


def where_possible(fetch: Callable[[], None]) -> None:
    """Fetch something, or name on stderr what this machine lacks for it."""
    try:
        fetch()
    except UnavailableError as error:
        print(error, file=sys.stderr)


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


def fill(target: Path, write: Callable[[Path], None]) -> None:
    """Make the folder `target` by writing into another one: it is there whole or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}-") as scratch:
        fresh = Path(scratch) / target.name
        fresh.mkdir()
        write(fresh)
        shutil.rmtree(target, ignore_errors=True)
        fresh.rename(target)


def exit_with(fetch: Callable[[], None]) -> None:
    """Run `fetch` and leave the process: 0, or 1 with one line on stderr."""
    try:
        fetch()
    except FetchError as error:
        sys.exit(str(error))
