"""Keep a dockerd for as long as whoever started this process holds its stdin open; then leave nothing of it behind.

dockerd and its containers live in a mount and a pid namespace and end with this process in any case. Bridges and
control groups would stay: they are the kernel's, and removed here.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

from tools.install import FetchError, output
from tools.offline.engine.programs import Programs

STOP_SECONDS = 20.0
KEPT = "168h"
"""How long layers without a name are kept, for the next build to begin with."""
LOG = "dockerd.log"
HELPERS = ("unshare", "setpriv", "ip")

NAMESPACES = ("unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc")
DYING_WITH_PARENT = ("setpriv", "--pdeathsig", "KILL")
HIDDEN = ("/run/containerd", "/run/docker", "/etc/docker")
"""A containerd that runs already would be used, and would run containers outside of these namespaces; the settings of
another engine would contradict the options given here."""
HIDING = ("sh", "-c", f'for at in {" ".join(HIDDEN)}; do mkdir -p $at; mount -t tmpfs tmpfs $at; done; exec "$@"', "sh")
OWN_NETWORKS_ONLY = (
    # No address or firewall rule of this machine's is touched: containers meet on bridges of their own.
    "--bridge=none",
    "--iptables=false",
    "--ip6tables=false",
    "--ip-masq=false",
    "--ip-forward=false",
    "--ip=127.0.0.1",  # where the ports are that they publish
)


def address(scratch: Path) -> str:
    """Return the address of the engine whose sockets are in `scratch`."""
    return f"unix://{scratch}/docker.sock"


def keep(folder: Path, scratch: Path) -> None:
    """Run dockerd until stdin is closed or it ends, and clean up after it."""
    programs, in_use = Programs(folder), folder / "in-use"
    if in_use.exists():  # by a keeper that was killed: whoever starts another one holds the folder's lock
        _clean_up(folder, Path(in_use.read_text()))
    in_use.write_text(str(scratch))
    with (folder / LOG).open("wb") as log:
        process = subprocess.Popen(
            [*DYING_WITH_PARENT, *NAMESPACES, *HIDING, *_dockerd(programs, folder, scratch)],
            env={**os.environ, **programs.environment()},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    threading.Thread(target=_stop_at_end_of_input, args=[programs, scratch, process], daemon=True).start()
    process.wait()
    _clean_up(folder, scratch)
    in_use.unlink()


def _dockerd(programs: Programs, folder: Path, scratch: Path) -> list[str]:
    places = ("--data-root", f"{folder}/data", "--exec-root", f"{scratch}/exec", "--pidfile", f"{scratch}/pid")
    groups = ("--exec-opt", "native.cgroupdriver=cgroupfs", "--cgroup-parent", f"/{scratch.name}")
    return [programs.path("dockerd"), "--host", address(scratch), *places, *groups, *OWN_NETWORKS_ONLY]


def responds(programs: Programs, host: str) -> bool:
    """Say whether an engine responds at `host`."""
    try:
        programs.run("docker", "version", host=host)
    except FetchError:
        return False
    return True


def clear(programs: Programs, host: str) -> None:
    """Remove containers, networks, volumes, and what builds left long ago: images are kept for the next time."""
    containers = programs.run("docker", "ps", "--all", "--quiet", host=host).split()
    if containers:
        programs.run("docker", "rm", "--force", "--volumes", *containers, host=host)
    programs.run("docker", "network", "prune", "--force", host=host)
    volumes = programs.run("docker", "volume", "ls", "--quiet", host=host).split()
    if volumes:
        programs.run("docker", "volume", "rm", *volumes, host=host)
    programs.run("docker", "image", "prune", "--force", "--filter", f"until={KEPT}", host=host)


def _stop_at_end_of_input(programs: Programs, scratch: Path, process: subprocess.Popen[bytes]) -> None:
    sys.stdin.read()
    try:
        clear(programs, address(scratch))
    except FetchError as error:
        print(f"cannot remove what is left in the engine: {error}", file=sys.stderr)
    for child in _children(process.pid):
        os.kill(child, signal.SIGTERM)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()


def _children(process: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{process}/task/{process}/children").read_text().split()]
    except FileNotFoundError:
        return []


def _clean_up(folder: Path, scratch: Path) -> None:
    _remove_bridges(folder / "data/network/files/local-kv.db")
    _remove_control_groups(scratch.name)
    shutil.rmtree(scratch, ignore_errors=True)


def _remove_bridges(database: Path) -> None:
    """Remove the bridges of networks in this engine's own database: another engine's have other names."""
    known = database.read_bytes() if database.exists() else b""
    for bridge in Path("/sys/class/net").glob("br-*"):
        if bridge.name.removeprefix("br-").encode() in known:
            output(Path("ip"), "link", "delete", bridge.name)


def _remove_control_groups(name: str) -> None:
    """Remove the control groups made under `name`, in a hierarchy for each controller or in the unified one."""
    hierarchies = Path("/sys/fs/cgroup")
    for group in (hierarchies / name, *hierarchies.glob(f"*/{name}")):
        for parent, _, _ in os.walk(group, topdown=False):
            with contextlib.suppress(OSError):
                Path(parent).rmdir()
