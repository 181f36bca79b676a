"""OpenSSH's sshd with a host key, a configuration and an account of its own, and SFTP as its only service.

sshd and ssh take accounts from /etc/passwd, and ssh looks for its files in the home
that is named there, whatever HOME says. So both run where a test's own file covers it.
"""

import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from integration.servers.backend import Backend
from integration.servers.covered import covering
from integration.servers.process import running
from integration.servers.s3 import TOOLS
from tests.support.ports import LOOPBACK, PROBE_SECONDS, reserved

UNPACKED = TOOLS.parent / "openssh"
SYSTEM_SSHD = Path("/usr/sbin/sshd")
NOBODY = 65534
CONFIGURATION = """\
ListenAddress {address}
Port {port}
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/authorized_keys
PidFile none
UsePAM no
StrictModes no
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
Subsystem sftp internal-sftp
"""


@dataclass(frozen=True)
class SftpServer:
    """A running sshd, and the home of the user who can log in."""

    folder: Path
    port: int
    home: Path

    def backend(self, name: str) -> Backend:
        """Return a repository of this name, for a mover whose account has the key in its home."""
        repository = f"sftp://root@{LOOPBACK}:{self.port}/{self.folder}/repositories/{name}"
        path = os.pathsep.join([str(TOOLS), str(_ssh().parent), os.defpath])
        return Backend(
            repository,
            {"PATH": path},
            launcher=self.as_account(self.home),
            wrong_launcher=self.as_account(self.another_home(key=False, known_host=True)),
        )

    def as_account(self, home: Path | None) -> tuple[str, ...]:
        """Return what starts a mover whose user has this home, or no entry in /etc/passwd at all."""
        passwd = self.folder / f"passwd-of-{home.name if home else 'others'}"
        passwd.write_text(_accounts(home) if home else "")
        return covering({"/etc/passwd": passwd})

    def another_home(self, *, key: bool, known_host: bool) -> Path:
        """Make a home with a stranger's key in place of the right one, or without the server's host key."""
        home = self.folder / f"home-{'with' if key else 'without'}-key-{'knows' if known_host else 'not'}"
        shutil.copytree(self.home, home, dirs_exist_ok=True)
        if not key:
            _write_key(home / ".ssh" / "id_ed25519")
        if not known_host:
            (home / ".ssh" / "known_hosts").unlink()
        return home

    def responds(self) -> bool:
        """Say whether sshd greets by now."""
        try:
            with socket.create_connection((LOOPBACK, self.port), PROBE_SECONDS) as connection:
                connection.settimeout(PROBE_SECONDS)
                return connection.recv(4) == b"SSH-"
        except OSError:
            return False


def is_there() -> bool:
    """Say whether this machine has an sshd that could be run."""
    return _sshd().exists() and _ssh().exists()


@contextmanager
def sftp_server(folder: Path) -> Iterator[SftpServer]:
    """Run an sshd that keeps everything in `folder`; needs root."""
    home = folder / "home"
    (home / ".ssh").mkdir(parents=True, mode=0o700)
    (folder / "run" / "sshd").mkdir(parents=True)
    host_key = _write_key(folder / "host_key")
    (folder / "authorized_keys").write_text(_write_key(home / ".ssh" / "id_ed25519") + "\n")
    (folder / "passwd").write_text(_accounts(home))
    with reserved() as port:
        (home / ".ssh" / "known_hosts").write_text(f"[{LOOPBACK}]:{port} {host_key}\n")
        (folder / "sshd_config").write_text(_configuration(folder, port))
        server = SftpServer(folder, port, home)
        # sshd wants /run/sshd, which a machine whose own sshd never ran has not.
        launcher = covering({"/etc/passwd": folder / "passwd", "/run": folder / "run"})
        command = [*launcher, str(_sshd()), "-D", "-e", "-f", str(folder / "sshd_config")]
        with running(command, ready=server.responds, log=folder / "sshd.log", environment=_libraries()):
            yield server


def _configuration(folder: Path, port: int) -> str:
    text = CONFIGURATION.format(folder=folder, address=LOOPBACK, port=port)
    parts = {"SshdSessionPath": "sshd-session", "SshdAuthPath": "sshd-auth"}  # since OpenSSH 9.8 and 10.0
    for option, name in parts.items():
        part = UNPACKED / "usr/lib/openssh" / name
        if _sshd() != SYSTEM_SSHD and part.exists():
            text += f"{option} {part}\n"
    return text


def _sshd() -> Path:
    return SYSTEM_SSHD if SYSTEM_SSHD.exists() else UNPACKED / "usr/sbin/sshd"


def _ssh() -> Path:
    return Path(shutil.which("ssh", path=os.defpath) or UNPACKED / "usr/bin/ssh")


def _libraries() -> dict[str, str]:
    folders = {str(library.parent) for library in UNPACKED.rglob("*.so.*")}
    return {} if _sshd() == SYSTEM_SSHD else {"LD_LIBRARY_PATH": os.pathsep.join(sorted(folders))}


def _accounts(home: Path) -> str:
    """Return an /etc/passwd with root, who logs in, and the user that sshd wants for itself."""
    return f"root:x:0:0::{home}:/bin/sh\nsshd:x:{NOBODY}:{NOBODY}::/run/sshd:/bin/false\n"


def _write_key(path: Path) -> str:
    """Write a new private key, and return the public one as ssh writes it."""
    key = Ed25519PrivateKey.generate()
    path.touch(0o600)
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()))
    return key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
