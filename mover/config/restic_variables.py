"""Which part of the environment reaches restic, and which of its values are secret.

restic runs with what is picked here and what ``restic.environment`` adds, and nothing else of the mover's environment.
"""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import parse_qsl, quote_plus, unquote

from mover.config.environment_reader import EnvironmentReader
from mover.config.secrets import Redactor, Secret

PASSED = re.compile(
    r"(RESTIC|AWS|ST|OS|B2|AZURE|GOOGLE|RCLONE)_\w+|STORAGE_EMULATOR_HOST|PATH|HOME|"
    r"(HTTP|HTTPS|NO|ALL)_PROXY|(http|https|no|all)_proxy"
)
"""The variables restic's backends read (restic manual, "Environment Variables"), and the proxies."""

SECRET = re.compile(r".*(PASS|SECRET|TOKEN|CREDENTIAL|SAS|_KEY(_PEM)?$).*")
NOT_SECRET = re.compile(r".*(_FILE|_ID|_HINT|_NAME)$")

PASSWORD_OF_URL = re.compile(r"(//[^/@:\s\[]*:)(?!\d+(?:/|$))(.+)@")
"""It may contain an ``@``: the last one ends it (as Go's net/url reads it). Also matches passwords with characters
that are invalid in URLs, such as a slash, because restic quotes the whole URL in its error. Does not match a port."""

CERTIFICATES = {"RESTIC_CACERT", "RESTIC_TLS_CLIENT_CERT"}
URL_FILE = "RESTIC_REPOSITORY_FILE"
MAX_URL_FILE_BYTES = 65536
"""Read limit."""

GOOGLE_CREDENTIALS = "GOOGLE_APPLICATION_CREDENTIALS"
"""Holds the path of a JSON document, or the document itself."""


def read(reader: EnvironmentReader, repository: Secret) -> Mapping[str, Secret]:
    """Pick the variables that are passed to restic unchanged, each value wrapped, as any of them may be a secret."""
    passed = {n: Secret(v) for n, v in reader.environment.items() if PASSED.fullmatch(n)}
    # Every command that takes a host gets a flag for it; this variable would filter the others as well.
    passed.pop("RESTIC_HOST", None)
    # Relative paths are those of where the mover was started; a backup runs inside the volume.
    passed.pop(URL_FILE, None)
    passed["RESTIC_REPOSITORY"] = repository
    if "RESTIC_PASSWORD_FILE" in passed:
        passed["RESTIC_PASSWORD_FILE"] = Secret(str(reader.path("RESTIC_PASSWORD_FILE", "")))
    for name in CERTIFICATES & passed.keys():
        passed[name] = Secret(str(reader.file(name)))
    custom_ca = reader.file("CUSTOM_CA")
    if custom_ca:
        passed["RESTIC_CACERT"] = Secret(str(custom_ca))
        passed.setdefault("RCLONE_CA_CERT", Secret(str(custom_ca)))  # rclone talks to its backends itself
    return passed


def redactor(environment: Mapping[str, str]) -> Redactor:
    """Make the redactor of every secret in an environment, and in the file that may hold the URL."""
    variables = {**environment, URL_FILE: _content(environment.get(URL_FILE, ""))}
    return Redactor(secret for name, value in variables.items() for secret in _secrets(name, value))


def without_password(url: str) -> str:
    """Take the password out of a URL."""
    return PASSWORD_OF_URL.sub(r"\1***@", url)


def password_of(url: str) -> str:
    """Return the password in a URL, as it is written there; empty if there is none."""
    match = PASSWORD_OF_URL.search(url)
    return match[2] if match else ""


def _content(path: str) -> str:
    try:
        file = Path(path)
        # A pipe can be read only once, and that is as a setting.
        return file.read_bytes()[:MAX_URL_FILE_BYTES].decode(errors="replace") if file.is_file() else ""
    except (OSError, ValueError):
        return ""  # reported where it is read as a setting


def _secrets(name: str, value: str) -> Iterator[str]:
    for match in PASSWORD_OF_URL.finditer(value):
        yield match[2]
        yield unquote(match[2])
    if not SECRET.fullmatch(name) or NOT_SECRET.fullmatch(name):
        return
    if name == GOOGLE_CREDENTIALS and Path(value).is_absolute():
        return
    yield value
    if "SAS" in name:
        yield from _signatures(value)
    if value.lstrip().startswith("{"):
        yield from _strings(value)


def _signatures(shared_access: str) -> Iterator[str]:
    """The secret part of a shared access signature of Azure's, ``sv=…&sig=…`` or a URL with that.

    The library puts it into other URLs, in another order and encoded again.
    """
    for name, signature in parse_qsl(shared_access.rpartition("?")[2]):
        if name == "sig":
            yield signature
            yield quote_plus(signature)


def _strings(document: str) -> Iterator[str]:
    """The values of a JSON credential: a server may quote its private key alone."""
    try:
        values = json.loads(document)
    except (ValueError, RecursionError):
        return
    yield from (str(v) for k, v in values.items() if SECRET.fullmatch(str(k).upper()) or "key" in str(k))
