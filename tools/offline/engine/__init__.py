"""A Docker engine of our own, out of Debian's packages, for machines that run none.

It touches nothing of the machine's: it has a folder, a mount and a pid namespace and control groups of its own,
changes no firewall rule and no address, and its containers meet on bridges that go with it.
"""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tools.offline.engine import daemon, stand_ins
from tools.offline.engine.programs import Programs

TOOLS = Path(__file__).parents[3] / ".tools"


@contextmanager
def running() -> Iterator[Mapping[str, str]]:
    """Run one, with the public images that the tests need, and yield the variables to use it with.

    Raises FetchError if this machine lacks the means, before anything is fetched.
    """
    folder = (TOOLS / "engine").resolve()
    binaries = stand_ins.Binaries((TOOLS / "bin/minio").resolve(), (TOOLS / "complete/restic").resolve())
    daemon.require_means()
    stand_ins.require_means(binaries)
    print("no Docker engine is running: starting one from Debian's packages", file=sys.stderr)
    folder.mkdir(parents=True, exist_ok=True)
    programs = Programs(folder)
    programs.fetch()
    with daemon.running(programs, folder) as host:
        stand_ins.build(programs, host, folder, binaries)
        yield {
            **programs.environment(),
            "DOCKER_HOST": host,
            "DOCKER_BUILDKIT": "0",
            # Without a bridge, only the machine's network brings a build to the package archives.
            "BUILD_OPTIONS": "--network host",
        }
    print(f"the engine has ended; its images are kept in {folder}, and in no other engine", file=sys.stderr)
