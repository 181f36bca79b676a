"""OpenStack Swift, all of it on loopback: proxy, account, container and object server, and memcached for sessions."""

import os
import pwd
import secrets
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import urllib3

from integration.servers.backend import WRONG, Backend
from integration.servers.process import running
from integration.servers.s3 import TOOLS
from tests.support.ports import LOOPBACK, PROBE_SECONDS, listening, reserved
from tools.install import run

PROGRAMS = TOOLS.parent / "swift" / "bin"
UNPACKED = TOOLS.parent / "memcached"
USER = "backups:mover"
"""Account and user, as Swift's own authentication has them."""

SWIFT = """\
[swift-hash]
swift_hash_path_suffix = tests
[storage-policy:0]
name = only
default = yes
"""
STORE = """\
[DEFAULT]
bind_ip = {loopback}
bind_port = {port}
swift_dir = {folder}
devices = {folder}/devices
mount_check = false
user = {user}
workers = 0
[pipeline:main]
pipeline = {kind}-server
[app:{kind}-server]
use = egg:swift#{kind}
"""
PROXY = """\
[DEFAULT]
bind_ip = {loopback}
bind_port = {port}
swift_dir = {folder}
user = {user}
workers = 0
[pipeline:main]
pipeline = catch_errors cache tempauth proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
[filter:tempauth]
use = egg:swift#tempauth
user_backups_mover = {key} .admin
[filter:cache]
use = egg:swift#memcache
memcache_servers = {loopback}:{memcached}
[filter:catch_errors]
use = egg:swift#catch_errors
"""
STORES = ("account", "container", "object")


@dataclass(frozen=True)
class SwiftServer:
    """A running Swift, and the key of its one user."""

    endpoint: str
    key: str = field(repr=False)

    def backend(self, container: str) -> Backend:
        """Return a repository in a container of this name."""
        return Backend(f"swift:{container}:/prefix", self.variables, (self.key,), {"ST_KEY": WRONG})

    @property
    def variables(self) -> dict[str, str]:
        """What restic wants in its environment."""
        return {"ST_AUTH": f"{self.endpoint}/auth/v1.0", "ST_USER": USER, "ST_KEY": self.key}

    def responds(self) -> bool:
        """Say whether it lets its user in, and finds the user's account, by now."""
        with urllib3.PoolManager(timeout=PROBE_SECONDS, retries=False) as connections:
            try:
                who = {"X-Auth-User": USER, "X-Auth-Key": self.key}
                session = connections.request("GET", f"{self.endpoint}/auth/v1.0", headers=who).headers
                token = {"X-Auth-Token": session.get("X-Auth-Token", "")}
                account = session.get("X-Storage-Url", self.endpoint)
                return connections.request("HEAD", account, headers=token).status in {200, 204}
            except urllib3.exceptions.HTTPError:
                return False


def is_there() -> bool:
    """Say whether Swift could be run here."""
    return PROGRAMS.exists() and bool(_memcached_program())


@contextmanager
def swift_server(folder: Path) -> Iterator[SwiftServer]:
    """Run a Swift that keeps one copy of everything in `folder`."""
    (folder / "devices" / "one").mkdir(parents=True)
    (folder / "swift.conf").write_text(SWIFT)
    with ExitStack() as stack:
        ports = {name: stack.enter_context(reserved()) for name in ("memcached", "proxy", *STORES)}
        server = SwiftServer(f"http://{LOOPBACK}:{ports['proxy']}", secrets.token_hex(16))
        stack.enter_context(_memcached(folder, ports["memcached"]))
        common = {"loopback": LOOPBACK, "folder": folder, "user": pwd.getpwuid(os.geteuid()).pw_name}
        for kind in STORES:
            _make_ring(folder, kind, ports[kind])
            configuration = STORE.format(**common, port=ports[kind], kind=kind)
            stack.enter_context(_part(folder, kind, configuration, partial(listening, ports[kind])))
        proxy = PROXY.format(**common, port=ports["proxy"], memcached=ports["memcached"], key=server.key)
        stack.enter_context(_part(folder, "proxy", proxy, server.responds))
        yield server


def _part(
    folder: Path, kind: str, configuration: str, ready: Callable[[], bool]
) -> AbstractContextManager[subprocess.Popen[bytes]]:
    """Run one of Swift's servers."""
    file = folder / f"{kind}.conf"
    file.write_text(configuration)
    return running(
        [PROGRAMS / f"swift-{kind}-server", file, "--verbose"],
        ready=ready,
        log=folder / f"{kind}.log",
        stopped_by=signal.SIGINT,  # without further processes (workers = 0) it does not go at SIGTERM
    )


def _memcached(folder: Path, port: int) -> AbstractContextManager[subprocess.Popen[bytes]]:
    libraries = {str(library.parent) for library in UNPACKED.rglob("*.so.*")}
    return running(
        [_memcached_program(), "--listen", LOOPBACK, "--port", str(port), "--user", "root"],
        ready=lambda: listening(port),
        log=folder / "memcached.log",
        environment={"LD_LIBRARY_PATH": os.pathsep.join(sorted(libraries))},
    )


def _memcached_program() -> str:
    """Return where memcached is: unpacked, or installed on this machine; empty if it is neither."""
    return shutil.which("memcached", path=os.pathsep.join([f"{UNPACKED}/usr/bin", os.defpath])) or ""


def _make_ring(folder: Path, kind: str, port: int) -> None:
    """Say where things of a kind are kept: on one device, once."""
    builder = (PROGRAMS / "swift-ring-builder", folder / f"{kind}.builder")
    place = ("--region", "1", "--zone", "1", "--ip", LOOPBACK, "--port", str(port), "--device", "one", "--weight", "1")
    run(*builder, "create", "2", "1", "1")
    run(*builder, "add", *place)
    run(*builder, "rebalance")
