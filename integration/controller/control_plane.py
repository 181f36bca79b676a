"""A real Kubernetes control plane on loopback: etcd, an API server with RBAC, and if asked for the controllers.

There are no nodes: Pods are objects whose status the tests write themselves.
"""

import json
import os
import secrets
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import urllib3

from integration.controller.api import Api, Resource
from integration.controller.audit import POLICY, AuditLog
from integration.servers.certificates import Certificate, issue
from integration.servers.process import running
from mover.controller.api.crds import manifest
from tests.support.mover_process import wait_until
from tests.support.ports import LOOPBACK, reserved

TOOLS = Path(__file__).parents[2] / ".tools"
BINARIES = TOOLS / "bin"
SNAPSHOT_CRDS = TOOLS / "crds"
PROGRAMS = ("etcd", "kubectl", "kube-apiserver", "kube-controller-manager")

ADMIN = "admin"
START_SECONDS = 120.0
COMMAND_SECONDS = 60

CONTROLLERS = (
    "job-controller",
    "garbage-collector-controller",
    "namespace-controller",
    "serviceaccount-controller",
    "persistentvolume-binder-controller",
    "persistentvolumeclaim-protection-controller",
    "root-ca-certificate-publisher-controller",
)
"""The ones that have to do with what the controller under test makes."""


def is_there() -> bool:
    """Say whether this machine has all that a control plane takes."""
    return SNAPSHOT_CRDS.is_dir() and all((BINARIES / name).exists() for name in PROGRAMS)


@dataclass(frozen=True)
class ControlPlane:
    """A running API server, and what its administrator can do."""

    folder: Path
    server: str
    """Its address: https://127.0.0.1:PORT."""
    authority: Path
    """PEM file of the authority that signed its certificate."""
    admin_token: str = field(repr=False)
    api: Api
    """As the administrator."""
    audit: AuditLog
    restart: Callable[[], None]
    """Kills the API server and starts it again; all else goes on."""

    @property
    def kubeconfig(self) -> Path:
        """The administrator's kubeconfig."""
        return self.folder / "admin.kubeconfig"

    def write_kubeconfig(self, file: Path, token: str, namespace: str = "default") -> Path:
        """Write the kubeconfig of whoever `token` belongs to."""
        return _write_kubeconfig(file, self.server, self.authority, token, namespace)

    def token_of(self, namespace: str, service_account: str) -> str:
        """Return a token of a service account; its user is system:serviceaccount:NAMESPACE:NAME."""
        path = f"/api/v1/namespaces/{namespace}/serviceaccounts/{service_account}/token"
        request = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}}
        return str(self.api.request("POST", path, request)["status"]["token"])

    @contextmanager
    def api_as(self, token: str) -> Iterator[Api]:
        """Yield the API as whoever `token` belongs to sees it."""
        api = Api(self.write_kubeconfig(self.folder / f"{secrets.token_hex(4)}.kubeconfig", token))
        try:
            yield api
        finally:
            api.close()

    def kubectl(self, *arguments: str | Path, given: str = "", fails: bool = False) -> str:
        """Run kubectl as administrator with `given` on its stdin, and return what it says.

        Where it `fails`, that is what it says on stderr; anything else than expected is an AssertionError.
        """
        done = self._run_kubectl(*arguments, given=given)
        assert bool(done.returncode) == fails, f"kubectl {arguments} ended with {done.returncode}: {done.stderr}"
        return done.stderr if fails else done.stdout

    def _run_kubectl(self, *arguments: str | Path, given: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [BINARIES / "kubectl", "--kubeconfig", self.kubeconfig, *arguments],
            env={**os.environ, "HOME": str(self.folder)},  # its cache of what the API server offers
            input=given,
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
            check=False,
        )

    def install(self, crds: str) -> None:
        """Install CRDs, in YAML, and wait until they are served."""
        applied = self.kubectl("apply", "--server-side", "-o", "name", "-f", "-", given=crds).splitlines()
        resources = ",".join(name.partition("/")[2] for name in applied)
        # Not kubectl wait: it fails on a CRD so new that its conditions are null, and discovery comes later still.
        wait_until(lambda: self._run_kubectl("get", resources).returncode == 0, f"{resources} are served")

    def create_namespace(self, labels: dict[str, str] | None = None, annotations: dict[str, str] | None = None) -> str:
        """Make a namespace with a name of its own, and return that."""
        metadata = {"name": f"test-{secrets.token_hex(4)}", "labels": labels or {}, "annotations": annotations or {}}
        made: Resource = self.api.create({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})
        return str(made["metadata"]["name"])


@contextmanager
def control_plane(folder: Path, *, controllers: bool = False) -> Iterator[ControlPlane]:
    """Run a control plane that keeps everything in `folder`, with the controller's CRDs and those of volume snapshots.

    Without `controllers` nothing happens by itself: no Pod is made for a Job, no volume
    is bound, nothing is collected as garbage, and what is deleted is gone at once.
    """
    with ExitStack() as stack:
        certificate = issue(folder / "certificates")
        etcd = stack.enter_context(_etcd(folder))
        plane = stack.enter_context(_api_server(folder, etcd, certificate, protected=controllers))
        plane.install("---\n".join(file.read_text() for file in sorted(SNAPSHOT_CRDS.iterdir())))
        plane.install(manifest())
        if controllers:
            stack.enter_context(_controllers(plane, certificate))
        yield plane


@contextmanager
def _etcd(folder: Path) -> Iterator[str]:
    with reserved() as port, reserved() as peers:
        address, peer_address = f"http://{LOOPBACK}:{port}", f"http://{LOOPBACK}:{peers}"
        command: list[str | Path] = [
            BINARIES / "etcd",
            "--data-dir",
            folder / "etcd",
            "--unsafe-no-fsync",
            "--listen-client-urls",
            address,
            "--advertise-client-urls",
            address,
            "--listen-peer-urls",
            peer_address,
            "--initial-advertise-peer-urls",
            peer_address,
            "--initial-cluster",
            f"default={peer_address}",
        ]
        with running(command, ready=lambda: _healthy(address), log=folder / "etcd.log", within=START_SECONDS):
            yield address


def _healthy(address: str) -> bool:
    with urllib3.PoolManager(timeout=5, retries=False) as client:
        try:
            return b'"true"' in client.request("GET", f"{address}/health").data
        except urllib3.exceptions.HTTPError:
            return False


def _write_kubeconfig(file: Path, server: str, authority: Path, token: str, namespace: str = "default") -> Path:
    cluster = {"server": server, "certificate-authority": str(authority)}
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "test", "cluster": cluster}],
        "users": [{"name": "test", "user": {"token": token}}],
        "contexts": [{"name": "test", "context": {"cluster": "test", "user": "test", "namespace": namespace}}],
        "current-context": "test",
    }
    file.write_text(json.dumps(config))
    return file


@contextmanager
def _api_server(folder: Path, etcd: str, certificate: Certificate, *, protected: bool) -> Iterator[ControlPlane]:
    token = secrets.token_hex(16)
    (folder / "tokens.csv").write_text(f"{token},{ADMIN},{ADMIN},system:masters\n")
    (folder / "audit.yaml").write_text(POLICY)
    with reserved() as port:
        server = f"https://{LOOPBACK}:{port}"
        api = Api(_write_kubeconfig(folder / "admin.kubeconfig", server, certificate.authority, token))
        command = _api_server_command(folder, etcd, certificate, port, protected=protected)
        with ExitStack() as life:

            def start() -> subprocess.Popen[bytes]:
                log = folder / "kube-apiserver.log"
                return life.enter_context(running(command, ready=api.is_ready, log=log, within=START_SECONDS))

            def restart() -> None:
                processes.pop().kill()
                life.close()
                processes.append(start())

            processes = [start()]
            log = AuditLog(folder / "audit.log")
            plane = ControlPlane(folder, server, certificate.authority, token, api, log, restart)
            try:
                yield plane
            finally:
                api.close()


def _api_server_command(
    folder: Path, etcd: str, certificate: Certificate, port: int, *, protected: bool
) -> list[str | Path]:
    # Volumes in use are protected by a finalizer, which only the controllers take off again.
    unprotected = [] if protected else ["--disable-admission-plugins", "StorageObjectInUseProtection"]
    return [
        BINARIES / "kube-apiserver",
        "--etcd-servers",
        etcd,
        "--bind-address",
        LOOPBACK,
        "--advertise-address",
        LOOPBACK,
        "--secure-port",
        str(port),
        "--tls-cert-file",
        certificate.chain,
        "--tls-private-key-file",
        certificate.key,
        "--cert-dir",
        folder / "apiserver",
        "--endpoint-reconciler-type",
        "none",
        "--service-cluster-ip-range",
        "10.96.0.0/16",
        "--authorization-mode",
        "RBAC",
        "--token-auth-file",
        folder / "tokens.csv",
        "--service-account-issuer",
        "https://kubernetes.default.svc",
        "--service-account-key-file",
        certificate.key,
        "--service-account-signing-key-file",
        certificate.key,
        "--audit-log-path",
        folder / "audit.log",
        "--audit-policy-file",
        folder / "audit.yaml",
        "--audit-log-maxsize",
        "1000",
        *unprotected,
    ]


@contextmanager
def _controllers(plane: ControlPlane, certificate: Certificate) -> Iterator[None]:
    with reserved() as port:
        command: list[str | Path] = [
            BINARIES / "kube-controller-manager",
            "--kubeconfig",
            plane.kubeconfig,
            "--leader-elect=false",
            "--use-service-account-credentials=true",
            "--service-account-private-key-file",
            certificate.key,
            "--root-ca-file",
            certificate.authority,
            "--bind-address",
            LOOPBACK,
            "--secure-port",
            str(port),
            "--cert-dir",
            plane.folder / "controllers",
            "--controllers",
            ",".join(CONTROLLERS),
            "--concurrent-gc-syncs",
            "5",
            "--pvclaimbinder-sync-period",
            "1s",
        ]
        log = plane.folder / "kube-controller-manager.log"
        with running(command, ready=lambda: _has_service_account(plane), log=log, within=START_SECONDS):
            yield


def _has_service_account(plane: ControlPlane) -> bool:
    """Say whether the controllers work by now: every namespace gets a service account from one of them."""
    metadata = {"namespace": "default", "name": "default"}
    return plane.api.find({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata}) is not None
