"""The servers other tests stand on behave as their names say."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from http import HTTPStatus
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit

import minio
import pytest
import urllib3

from integration.servers import faulty, rclone
from integration.servers.available import s3_server
from integration.servers.counting import counting, kind_of
from integration.servers.minio import minio_server
from integration.servers.process import ServerError, running
from integration.servers.relay import relay
from integration.servers.s3 import TOOLS, S3Server
from tests.support.ports import bound, port_of, reserved

MEBI = 1024 * 1024
PATIENCE = 0.5
"""Seconds after which a server that has not responded is believed never to respond."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    with s3_server(tmp_path_factory.mktemp("s3")) as started:
        started.make_bucket("bucket")
        yield started


def put(server: S3Server, name: str, data: bytes) -> None:
    with server.client() as client:
        client.put_object("bucket", name, BytesIO(data), len(data))


def get(server: S3Server, name: str) -> bytes:
    with server.client() as client:
        response = client.get_object("bucket", name)
        try:
            return response.read()
        finally:
            response.close()


def restic(server: S3Server, repository: str, *arguments: str | Path) -> str:
    environment = {
        **os.environ,
        **server.environment(),
        "RESTIC_REPOSITORY": repository,
        "RESTIC_PASSWORD": "secret",
        "RESTIC_CACERT": str(server.authority or ""),
    }
    command = [TOOLS / "restic", "--no-cache", *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"restic {arguments}: {done.stderr}"
    return done.stdout


def status_of(address: str) -> int:
    with urllib3.PoolManager(retries=False, timeout=PATIENCE, cert_reqs="CERT_REQUIRED") as client:
        return client.request("GET", f"{address}/bucket/?location").status


def test_an_s3_server_keeps_a_restic_repository(server: S3Server, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"content")
    repository = server.repository("bucket", "kept")
    restic(server, repository, "init")
    restic(server, repository, "backup", tmp_path)
    assert "kept/config" in server.objects("bucket", "kept/")
    assert "1 snapshots" in restic(server, repository, "snapshots")


def test_an_s3_server_with_tls_is_trusted_by_its_authority_alone(tmp_path: Path) -> None:
    with s3_server(tmp_path, tls=True) as server:
        server.make_bucket("bucket")
        restic(server, server.repository("bucket"), "init")
        with pytest.raises(urllib3.exceptions.SSLError):
            status_of(server.endpoint)


def test_an_s3_server_refuses_a_wrong_secret_key(server: S3Server) -> None:
    stranger = S3Server(server.endpoint, server.access_key, "wrong")
    with pytest.raises(minio.error.MinioException, match="SignatureDoesNotMatch"):
        put(stranger, "object", b"data")


def test_an_s3_server_is_gone_after_its_block(tmp_path: Path) -> None:
    with s3_server(tmp_path) as server:
        assert server.responds()
    with pytest.raises(urllib3.exceptions.HTTPError):
        status_of(server.endpoint)


def test_rclone_can_take_the_place_of_minio(tmp_path: Path) -> None:
    with rclone.rclone_server(tmp_path) as server:
        server.make_bucket("bucket")
        put(server, "folder/object", b"data")
        assert get(server, "folder/object") == b"data"
        assert server.objects("bucket") == ["folder/object"]


@pytest.mark.needs("minio")
def test_minio_allows_a_user_the_named_actions_only(tmp_path: Path) -> None:
    with minio_server(tmp_path) as server:
        server.make_bucket("bucket")
        put(server, "object", b"data")
        reader = server.user("bucket", ["s3:GetObject"])
        assert get(reader, "object") == b"data"
        with pytest.raises(minio.S3Error) as refusal:
            put(reader, "object", b"other")
        assert refusal.value.code == "AccessDenied"


@pytest.mark.needs("minio")
def test_minio_denies_everything_to_a_user_without_actions(tmp_path: Path) -> None:
    with minio_server(tmp_path) as server:
        server.make_bucket("bucket")
        with pytest.raises(minio.S3Error) as refusal:
            server.user("bucket", []).objects("bucket")
        assert refusal.value.code == "AccessDenied"


@pytest.mark.needs("minio")
def test_minio_refuses_an_object_beyond_the_quota_of_its_bucket(tmp_path: Path) -> None:
    with minio_server(tmp_path) as server:
        server.make_bucket("bucket")
        server.limit("bucket", MEBI)
        with pytest.raises(minio.S3Error) as refusal:
            put(server, "large", b"x" * 2 * MEBI)
        assert refusal.value.code == "XMinioAdminBucketQuotaExceeded"


def test_a_counting_proxy_counts_requests_and_bytes_by_kind(server: S3Server) -> None:
    with counting(server.endpoint) as traffic:
        through = server.at(traffic.endpoint)
        put(through, "counted", b"x" * MEBI)
        assert get(through, "counted") == b"x" * MEBI
        through.objects("bucket")
        assert traffic.kinds == {"PUT": 1, "GET": 1, "LIST": 1}
        assert traffic.sent >= MEBI
        assert traffic.received >= MEBI
        traffic.forget()
        assert not traffic.requests


def test_a_counting_proxy_carries_a_whole_backup_and_restore(server: S3Server, tmp_path: Path) -> None:
    data = os.urandom(24 * MEBI)
    (tmp_path / "file").write_bytes(data)
    with counting(server.endpoint) as traffic:
        through = server.at(traffic.endpoint)
        repository = through.repository("bucket", "proxied")
        restic(through, repository, "init")
        restic(through, repository, "backup", tmp_path)
        restic(through, repository, "restore", f"latest:{tmp_path}", "--target", tmp_path / "back")
    assert (tmp_path / "back" / "file").read_bytes() == data
    assert traffic.sent >= len(data)
    assert traffic.received >= len(data)
    assert traffic.kinds["PUT"] >= 3
    assert traffic.kinds["LIST"] >= 1


@pytest.mark.parametrize(
    ("method", "target", "kind"),
    [
        ("GET", "/bucket/?location=", "LOCATION"),
        ("GET", "/bucket/?list-type=2&prefix=keys%2F", "LIST"),
        ("GET", "/", "LIST_BUCKETS"),
        ("GET", "/bucket/config", "GET"),
        ("HEAD", "/bucket/config", "HEAD"),
        ("HEAD", "/bucket/", "HEAD"),
        ("PUT", "/bucket/data/00/00ff", "PUT"),
        ("PUT", "/bucket/data/00/00ff?partNumber=1&uploadId=a", "MULTIPART"),
        ("POST", "/bucket/?delete=", "DELETE_MANY"),
        ("DELETE", "/bucket/locks/ff", "DELETE"),
    ],
)
def test_a_counting_proxy_names_requests_as_s3_does(method: str, target: str, kind: str) -> None:
    assert kind_of(method, target) == kind


def test_a_relay_counts_the_bytes_that_pass(server: S3Server) -> None:
    with relay(server.endpoint) as between:
        put(server.at(between.endpoint), "relayed", b"x" * MEBI)
        between.wait_until_passed(MEBI, within=5)
        assert MEBI <= between.passed < 2 * MEBI


def test_a_relay_reports_that_too_little_passed(server: S3Server) -> None:
    with relay(server.endpoint) as between, pytest.raises(TimeoutError, match="0 bytes"):
        between.wait_until_passed(1, within=0.1)


def test_a_relay_refuses_and_comes_back_on_the_same_port(server: S3Server) -> None:
    with relay(server.endpoint) as between:
        through = server.at(between.endpoint)
        between.refuse()
        assert not through.responds()
        with pytest.raises(ConnectionRefusedError):
            connect(between.endpoint)
        between.let_pass()
        assert through.responds()


def test_a_relay_cuts_open_connections_when_it_refuses(server: S3Server) -> None:
    with relay(server.endpoint) as between, connect(between.endpoint) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert connection.recv(1) == b"H"
        between.refuse()
        while connection.recv(MEBI):
            pass


def test_a_hanging_relay_holds_bytes_until_it_lets_them_pass(server: S3Server) -> None:
    with relay(server.endpoint) as between:
        between.hang()
        with connect(between.endpoint) as connection:
            connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            with pytest.raises(TimeoutError):
                connection.recv(1)
            between.let_pass()
            connection.settimeout(10)
            assert connection.recv(1) == b"H"


def test_a_relay_slows_down_to_its_limit(server: S3Server) -> None:
    with relay(server.endpoint) as between:
        between.throttle(MEBI)
        begun = time.monotonic()
        put(server.at(between.endpoint), "slow", b"x" * MEBI)
        assert time.monotonic() - begun >= 0.9, "a MiB at 1 MiB/s takes a second"


def test_a_relay_cuts_a_backup_in_the_middle(server: S3Server, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(os.urandom(40 * MEBI))
    with relay(server.endpoint) as between:
        through = server.at(between.endpoint)
        repository = through.repository("bucket", "cut")
        restic(through, repository, "init")
        between.throttle(8 * MEBI)
        environment = {**os.environ, **through.environment(), "RESTIC_PASSWORD": "secret"}
        command = [str(TOOLS / "restic"), "--no-cache", "-q", "-r", repository, "backup", str(tmp_path)]
        backup = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
        try:
            between.wait_until_passed(between.passed + 4 * MEBI)
            between.refuse()
            assert backup.poll() is None, "the backup ended before the server was cut off"
        finally:
            backup.kill()
            backup.wait()
    assert not server.objects("bucket", "cut/snapshots/")


def test_a_refusing_server_refuses_connections() -> None:
    with faulty.refusing() as address, pytest.raises(ConnectionRefusedError):
        connect(address)


def test_a_silent_server_accepts_and_never_responds() -> None:
    with faulty.silent() as address, connect(address) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        with pytest.raises(TimeoutError):
            connection.recv(1)


def test_a_black_hole_swallows_the_packets_that_open_a_connection() -> None:
    with faulty.black_hole() as address, pytest.raises(TimeoutError):
        connect(address)


@pytest.mark.parametrize(
    ("misbehaving", "status"),
    [
        (faulty.unavailable(), HTTPStatus.SERVICE_UNAVAILABLE),
        (faulty.web_page(), HTTPStatus.NOT_FOUND),
        (faulty.web_page(HTTPStatus.OK), HTTPStatus.OK),
    ],
    ids=["unavailable", "web page with 404", "web page with 200"],
)
def test_a_faulty_server_gives_the_same_response_to_everything(
    misbehaving: AbstractContextManager[str], status: HTTPStatus
) -> None:
    with misbehaving as address:
        assert status_of(address) == status


def test_a_faulty_server_speaks_plain_http_at_an_https_address() -> None:
    with faulty.plain_http_behind_https() as address:
        assert address.startswith("https://")
        with pytest.raises(urllib3.exceptions.SSLError):
            status_of(address)


def test_a_faulty_server_has_a_certificate_that_nobody_trusts(tmp_path: Path) -> None:
    untrusted = pytest.raises(urllib3.exceptions.SSLError, match="CERTIFICATE_VERIFY_FAILED")
    with faulty.untrusted_certificate(tmp_path) as address, untrusted:
        status_of(address)


def test_a_server_that_dies_is_reported_at_once_with_its_last_output(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "raise SystemExit('no such disk')"]
    with pytest.raises(ServerError, match="ended with 1: no such disk"):
        run_never_ready(command, tmp_path, within=60)


def test_a_server_that_never_gets_ready_is_stopped(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "import time; print('waking up', flush=True); time.sleep(60)"]
    with pytest.raises(ServerError, match="isn't ready after 1 s: waking up"):
        run_never_ready(command, tmp_path, within=1)


def test_a_server_that_ignores_the_request_to_stop_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("integration.servers.process.STOP_SECONDS", 0.2)
    deaf = "import signal; signal.signal(15, signal.SIG_IGN); print('deaf', flush=True); signal.pause()"
    log = tmp_path / "log"
    with running([sys.executable, "-c", deaf], ready=lambda: b"deaf" in log.read_bytes(), log=log) as process:
        pass
    assert process.returncode == -signal.SIGKILL


def test_a_server_can_listen_on_a_port_that_is_held_for_it() -> None:
    with reserved() as port, socket.create_server(("127.0.0.1", port)):
        connect(f"http://127.0.0.1:{port}").close()


def test_a_held_port_is_never_given_to_another_server() -> None:
    held = [bound() for _ in range(200)]
    try:
        assert len({port_of(one) for one in held}) == len(held)
    finally:
        for one in held:
            one.close()


def run_never_ready(command: list[str], folder: Path, within: float) -> None:
    with running(command, ready=lambda: False, log=folder / "log", within=within):
        pass


def connect(address: str) -> socket.socket:
    split = urlsplit(address)
    return socket.create_connection((split.hostname, split.port), PATIENCE)
