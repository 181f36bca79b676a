"""The controller as its users run it: a process with a kubeconfig, a log, health and signals."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import urllib3

from integration.servers.process import running
from tests.support.ports import LOOPBACK, reserved

IMAGE = "registry.example/mover:test"
READY_SECONDS = 120.0
STOP_SECONDS = 90


@dataclass(frozen=True)
class ControllerProcess:
    """A controller that runs."""

    process: subprocess.Popen[bytes]
    log: Path
    port: int

    @property
    def records(self) -> list[dict[str, Any]]:
        """Its log so far; the line that is being written is left out."""
        whole = self.log.read_text().rpartition("\n")[0]
        return [json.loads(line) for line in whole.splitlines()]

    def messages_about(self, name: str) -> list[str]:
        """Return the messages of its log about the object of this name."""
        return [str(r["message"]) for r in self.records if (r.get("object") or {}).get("name") == name]

    def probe(self, path: str) -> tuple[int, str]:
        """Return status and text of /healthz or /readyz; 0 if nothing listens."""
        try:
            with urllib3.PoolManager(timeout=30, retries=False) as client:
                response = client.request("GET", f"http://{LOOPBACK}:{self.port}{path}")
                return response.status, response.data.decode()
        except urllib3.exceptions.HTTPError:
            return 0, ""

    def kill(self) -> None:
        """Kill it in the middle of whatever it does."""
        self.process.kill()
        self.process.wait(STOP_SECONDS)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to end, and return its exit code."""
        self.process.send_signal(number)
        return self.process.wait(STOP_SECONDS)


@contextmanager
def controller(
    kubeconfig: Path, folder: Path, *options: str, image: str = IMAGE, ready: bool = True
) -> Iterator[ControllerProcess]:
    """Run a controller, from when it is ready until the block ends, unless it has ended by then.

    Where it need not be `ready`, from when it responds at all.
    """
    with reserved() as port:
        number = len(list(folder.glob("controller-*.log")))
        log = folder / f"controller-{number}.log"
        health = f"--health={LOOPBACK}:{port}"
        command = [sys.executable, "-m", "mover", "controller", f"--kubeconfig={kubeconfig}", f"--image={image}"]

        def up() -> bool:
            status, _ = ControllerProcess(process=None, log=log, port=port).probe("/readyz")  # type: ignore[arg-type]
            return status == 200 if ready else status != 0

        with running(
            [*command, health, "--log-format=json", *options], ready=up, log=log, within=READY_SECONDS
        ) as process:
            yield ControllerProcess(process, log, port)
