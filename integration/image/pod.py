"""The mover in its container, as hardened as the pods that the controller makes."""

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from tests.support.mover_process import PASSWORD, Result

IMAGE = os.environ.get("IMAGE", "restic-mover")
COMPLETE = f"{IMAGE}-complete"
"""The same with rclone."""
PACKAGED = f"{IMAGE}-packaged"
"""The same with Debian's restic."""
UNPACKED_ENGINE = Path(__file__).parents[2] / ".tools" / "engine" / "root"
"""The programs of the engine that `make` starts on a machine without one."""
SECONDS = 240
BUILD_SECONDS = 900
"""A build from the beginning downloads, on a machine that is busy with the other tests."""
HARDENED = (
    "--read-only",
    "--tmpfs=/tmp:size=16m",
    "--cap-drop=ALL",
    "--security-opt=no-new-privileges",
    "--stop-timeout=90",
)


def docker(
    *arguments: str, check: bool = True, environment: Mapping[str, str] | None = None, seconds: float = SECONDS
) -> subprocess.CompletedProcess[str]:
    """Run docker's own command."""
    process = subprocess.run(
        ["docker", *arguments],  # noqa: S607
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    assert not check or process.returncode == 0, f"docker {' '.join(arguments)}: {process.stdout}{process.stderr}"
    return process


@dataclass(frozen=True)
class Pod:
    """A container to be run with a volume, a cache volume, and a Secret in its environment."""

    folder: Path
    """Where its volume lies, and its termination log."""
    network: str
    secret: Mapping[str, str]
    cache: str
    """A named volume, or a folder."""
    user: int = 0
    options: Sequence[str] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    image: str = IMAGE

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def termination_log(self) -> Path:
        return self.folder / "termination-log"

    def as_user(self, user: int) -> "Pod":
        """Return the same pod run by another user."""
        return replace(self, user=user)

    def with_options(self, *options: str) -> "Pod":
        """Return the same pod with more options of docker run."""
        return replace(self, options=[*self.options, *options])

    def with_settings(self, **settings: str) -> "Pod":
        """Return the same pod with further settings."""
        return replace(self, settings={**self.settings, **settings})

    def options_of(self, mounts: Sequence[str] | None = None) -> list[str]:
        """Return the arguments of docker run, with the image, without the values of variables."""
        variables = [part for name in self.environment() for part in ("--env", name)]
        if mounts is None:
            mounts = (f"{self.data}:/data", f"{self.cache}:/cache", f"{self.termination_log}:/dev/termination-log")
        volumes = [part for mount in mounts for part in ("--volume", mount)]
        placement = ["--network", self.network, "--user", f"{self.user}:{self.user}", *volumes, *variables]
        return [*HARDENED, *placement, *self.options, self.image]

    def environment(self) -> dict[str, str]:
        """Return the Secret and what the controller would set beside it."""
        return {**self.secret, **self.settings}

    def run(self, *operations: str, mounts: Sequence[str] | None = None) -> Result:
        """Run it to its end, as a controller does; no secret may be shown."""
        self.termination_log.touch()
        self.termination_log.chmod(0o666)
        self.termination_log.write_bytes(b"")
        command = ["run", "--rm", *self.options_of(mounts), *operations]
        process = docker(*command, check=False, environment=self.environment())
        assert PASSWORD not in process.stdout + process.stderr
        written = self.termination_log.read_text()
        return Result(process.returncode, process.stdout, process.stderr, json.loads(written) if written else {})

    def succeeds(self, *operations: str) -> Result:
        """Run it, which should succeed."""
        result = self.run(*operations)
        assert result.exit_code == 0, f"{operations} ended with {result.exit_code}: {result.text}{result.errors}"
        return result

    def fails(self, exit_code: int, *operations: str, mounts: Sequence[str] | None = None) -> Result:
        """Run it, which should fail with this exit code."""
        result = self.run(*operations, mounts=mounts)
        assert result.exit_code == exit_code, f"it ended with {result.exit_code}: {result.text}{result.errors}"
        return result

    def restored(self) -> Path:
        """Restore into a new volume, and return that."""
        target = self.folder / "restored"
        target.mkdir()
        target.chmod(0o777)
        mounts = (f"{target}:/data", f"{self.cache}:/cache", f"{self.termination_log}:/dev/termination-log")
        result = self.run("restore", mounts=mounts)
        assert result.exit_code == 0, result.text
        return target

    def start(self, *operations: str) -> str:
        """Start it, and return the container's id."""
        self.termination_log.touch()
        self.termination_log.chmod(0o666)
        command = ["run", "--detach", *self.options_of(), *operations]
        return docker(*command, environment=self.environment()).stdout.strip()

    def ended(self, container: str) -> Result:
        """Wait for the end of what was started, and remove it."""
        code = int(docker("wait", container).stdout)
        logs = docker("logs", container)
        docker("rm", "--force", container)
        written = self.termination_log.read_text()
        return Result(code, logs.stdout, logs.stderr, json.loads(written) if written else {})
