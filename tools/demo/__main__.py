"""The start of the demo: `make demo`. What it makes it clears away, also when it is interrupted."""

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

from tools.demo import story
from tools.demo.failure import DemoError, RequestError
from tools.demo.request import PLACE, Request, read
from tools.demo.screen import Screen

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupted(BaseException):
    """Somebody asked the demo to end."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


def main() -> int:
    """Run the demo; return the exit code."""
    for number in SIGNALS:
        signal.signal(number, _interrupt)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a file name may hold what the terminal's encoding can't write
            stream.reconfigure(errors="backslashreplace")
    try:
        # Not resolved: in a virtual environment python itself is a link to another folder.
        request = read(os.environ, Path(sys.executable).parent)
        with _stage() as to_clear_away:
            _tell(request, to_clear_away)
    except DemoError as error:
        print(f"demo: {error}", file=sys.stderr)
        return error.code
    except BrokenPipeError:  # as in `make demo | head`: nobody reads on
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + signal.SIGPIPE
    except OSError as error:
        print(f"demo: {error.strerror}: {error.filename or PLACE}", file=sys.stderr)
        return 1
    except Interrupted as interrupted:
        print("\ndemo: interrupted; what it made is cleared away", file=sys.stderr)
        return 128 + interrupted.number
    return 0


def _tell(request: Request, to_clear_away: set[Path]) -> None:
    screen = Screen(request.surroundings)
    if request.data:
        story.of_a_persons_own(screen, request, request.data, to_clear_away)
    else:
        story.of_a_sample(screen, request)


@contextlib.contextmanager
def _stage() -> Iterator[set[Path]]:
    """Hold the demo's folder for this demo alone; at the end, clear away what was made in it."""
    place = Path(PLACE)
    place.mkdir(exist_ok=True)
    folder = os.open(place, os.O_RDONLY | os.O_DIRECTORY)
    to_clear_away = {story.VOLUME, story.REPOSITORY, story.CACHE}
    try:
        _hold(folder)
        _clear_away(to_clear_away)  # what a demo that was killed has left
        try:
            yield to_clear_away
        finally:
            _clear_away(to_clear_away)
            with contextlib.suppress(OSError):
                place.rmdir()  # unless a restored copy is kept in it
    finally:
        os.close(folder)


def _hold(folder: int) -> None:
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise RequestError(f"another demo is running in {Path(PLACE).absolute()}") from None


def _clear_away(folders: Iterable[Path]) -> None:
    for folder in folders:
        for parent, _, _ in os.walk(folder):  # a restored folder may be read-only
            Path(parent).chmod(stat.S_IRWXU)
        if folder.exists():
            shutil.rmtree(folder)


def _interrupt(number: int, _: FrameType | None) -> None:
    """Stop at once, and only once: a second signal must not interrupt the clearing away."""
    for other in SIGNALS:
        signal.signal(other, signal.SIG_IGN)
    raise Interrupted(number)


if __name__ == "__main__":
    sys.exit(main())
