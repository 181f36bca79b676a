"""fake-gcs-server in place of Google's storage, and a token endpoint that checks who asks, which it does not."""

import base64
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from urllib.parse import parse_qs

import urllib3
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from integration.servers.backend import Backend
from integration.servers.http import Handler, serving
from integration.servers.process import running
from integration.servers.s3 import TOOLS
from tests.support.ports import LOOPBACK, PROBE_SECONDS, listening, reserved

BINARY = TOOLS / "fake-gcs-server"
PROJECT = "project-of-the-tests"
KEY_BITS = 2048


@dataclass(frozen=True)
class GoogleServer:
    """A running server, and who gives out tokens for it."""

    endpoint: str
    tokens: str
    """Address of the token endpoint."""
    key: RSAPrivateKey
    """Of the service account that gets tokens."""

    def backend(self, bucket: str) -> Backend:
        """Return a repository in a bucket, which has to be made first."""
        other = a_key()
        wrong = {"GOOGLE_APPLICATION_CREDENTIALS": credentials(other, self.tokens)}
        return Backend(
            f"gs:{bucket}:/prefix", self.variables(self.key), (written(self.key),), wrong, wrong_secret=written(other)
        )

    def variables(self, key: RSAPrivateKey) -> dict[str, str]:
        """Return what restic wants in its environment, for a service account with this key."""
        return {
            "STORAGE_EMULATOR_HOST": self.endpoint.removeprefix("http://"),
            "GOOGLE_PROJECT_ID": PROJECT,
            "GOOGLE_APPLICATION_CREDENTIALS": credentials(key, self.tokens),
        }

    def make_bucket(self, name: str) -> None:
        """Make a bucket."""
        with urllib3.PoolManager(timeout=PROBE_SECONDS, retries=False) as connections:
            address = f"{self.endpoint}/storage/v1/b?project={PROJECT}"
            response = connections.request("POST", address, json={"name": name})
            assert response.status == HTTPStatus.OK, response.data


def is_there() -> bool:
    """Say whether the server could be run here."""
    return BINARY.exists()


def a_key() -> RSAPrivateKey:
    """Return the key of a new service account."""
    return generate_private_key(65537, KEY_BITS)


def written(key: RSAPrivateKey) -> str:
    """Write a key as Google's JSON has it."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def credentials(key: RSAPrivateKey, tokens: str) -> str:
    """Return the JSON of a service account."""
    return json.dumps(
        {
            "type": "service_account",
            "project_id": PROJECT,
            "private_key_id": "one",
            "private_key": written(key),
            "client_email": f"mover@{PROJECT}.iam.gserviceaccount.com",
            "client_id": "1",
            "token_uri": tokens,
        }
    )


@contextmanager
def google_server(folder: Path) -> Iterator[GoogleServer]:
    """Run a server that keeps everything in memory; its log goes to `folder`."""
    key = a_key()
    with reserved() as port, serving(_tokens_for(key.public_key())) as tokens:
        address = f"{LOOPBACK}:{port}"
        command: list[str | Path] = [
            BINARY,
            "-backend",
            "memory",
            "-scheme",
            "http",
            "-host",
            LOOPBACK,
            "-port",
            str(port),
            "-public-host",
            address,
            "-external-url",
            f"http://{address}",
        ]
        with running(command, ready=lambda: listening(port), log=folder / "fake-gcs-server.log"):
            yield GoogleServer(f"http://{address}", f"{tokens}/token", key)


def _tokens_for(key: RSAPublicKey) -> type[Handler]:
    """Return a token endpoint that responds as Google's does to an assertion signed with this key, or another one."""

    class Tokens(Handler):
        def respond(self) -> None:
            asked = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            if _is_signed(asked["assertion"][0], key):
                self._say(HTTPStatus.OK, {"access_token": "token", "token_type": "Bearer", "expires_in": 3600})
            else:
                refusal = {"error": "invalid_grant", "error_description": "Invalid JWT Signature."}
                self._say(HTTPStatus.BAD_REQUEST, refusal)

        def _say(self, status: HTTPStatus, words: Mapping[str, object]) -> None:
            self.reply(status, json.dumps(words).encode(), "application/json")

    return Tokens


def _is_signed(assertion: str, key: RSAPublicKey) -> bool:
    """Check the signature of a JSON Web Token (RFC 7515, RS256)."""
    signed, _, signature = assertion.rpartition(".")
    try:
        key.verify(base64.urlsafe_b64decode(signature + "=="), signed.encode(), PKCS1v15(), SHA256())
    except InvalidSignature:
        return False
    return True
