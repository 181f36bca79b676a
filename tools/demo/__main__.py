"""The entry point of the demo: `make demo`. What it makes it removes, also when it is interrupted."""

import contextlib
import fcntl
import io
import os
import shutil
import signal
import stat
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import FrameType

from tools.demo import script
from tools.demo.failure import DemoError, RequestError
from tools.demo.request import PLACE, Request, read
from tools.demo.screen import Screen

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupted(BaseException):
    """A signal asked the demo to end."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


def main() -> int:
    """Run the demo; return the exit code."""
    for number in SIGNALS:
        signal.signal(number, _interrupt)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a file name may have characters that the terminal's encoding lacks
            stream.reconfigure(errors="backslashreplace")
    try:
        # Not resolved: in a virtual environment python itself is a link to another folder.
        request = read(os.environ, Path(sys.executable).parent)
        with _folder() as temporary:
            _run(request, temporary)
    except DemoError as error:
        print(f"demo: {error}", file=sys.stderr)
        return error.code
    except BrokenPipeError:  # as in `make demo | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + signal.SIGPIPE
    except OSError as error:
        print(f"demo: {error.strerror}: {error.filename or PLACE}", file=sys.stderr)
        return 1
    except Interrupted as interrupted:
        print("\ndemo: interrupted; its files are removed", file=sys.stderr)
        return 128 + interrupted.number
    return 0


def _run(request: Request, temporary: set[Path]) -> None:
    screen = Screen(request.environment)
    if request.data:
        script.run_own_folder(screen, request, request.data, temporary)
    else:
        script.run_sample(screen, request)


@contextlib.contextmanager
def _folder() -> Iterator[set[Path]]:
    """Lock the demo's folder, and yield what in it is temporary: removed at the end."""
    place = Path(PLACE)
    place.mkdir(exist_ok=True)
    folder = os.open(place, os.O_RDONLY | os.O_DIRECTORY)
    temporary = {script.VOLUME, script.REPOSITORY, script.CACHE}
    try:
        _lock(folder)
        _remove(temporary)  # what a killed demo has left
        try:
            yield temporary
        finally:
            _remove(temporary)
            with contextlib.suppress(OSError):
                place.rmdir()  # unless a restored copy is kept in it
    finally:
        os.close(folder)


def _lock(folder: int) -> None:
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise RequestError(f"another demo is running in {Path(PLACE).absolute()}") from None


def _remove(folders: Iterable[Path]) -> None:
    for folder in folders:
        for parent, _, _ in os.walk(folder):  # a restored folder may be read-only
            Path(parent).chmod(stat.S_IRWXU)
        if folder.exists():
            shutil.rmtree(folder)


def _interrupt(number: int, _: FrameType | None) -> None:
    """Stop at once, and only once: a second signal must not interrupt the removal."""
    for other in SIGNALS:
        signal.signal(other, signal.SIG_IGN)
    raise Interrupted(number)


if __name__ == "__main__":
    sys.exit(main())
