"""Which part of the environment reaches restic, and which of its values are secret."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import unquote

from mover.environment import Reader
from mover.secret import Redactor, Secret

PASSED = re.compile(
    r"(RESTIC|AWS|ST|OS|B2|AZURE|GOOGLE|RCLONE)_\w+|STORAGE_EMULATOR_HOST|PATH|HOME|"
    r"(HTTP|HTTPS|NO|ALL)_PROXY|(http|https|no|all)_proxy"
)
"""The variables restic's backends read (restic manual, «Environment Variables»), and the proxies."""

SECRET = re.compile(r".*(PASS|SECRET|TOKEN|CREDENTIAL|SAS|_KEY$|ST_AUTH).*")
NOT_SECRET = re.compile(r".*(_FILE|_ID|_HINT|_NAME)$")

PASSWORD_OF_URL = re.compile(r"//[^/@:\s]*:([^/\s]+)@")
"""It may hold an ``@`` itself: the last one ends it (as Go's net/url reads it)."""

PATH_OR_DOCUMENT = "GOOGLE_APPLICATION_CREDENTIALS"


def read(reader: Reader, repository: Secret) -> Mapping[str, Secret]:
    """Pick what reaches restic 1:1, each value wrapped, as it may well be a secret."""
    passed = {n: Secret(v) for n, v in reader.environment.items() if PASSED.fullmatch(n)}
    # Every command that knows hosts is told its own; this variable would filter the others as well.
    passed.pop("RESTIC_HOST", None)
    # Paths were meant from where the mover was started; a backup runs inside the volume.
    passed.pop("RESTIC_REPOSITORY_FILE", None)
    passed["RESTIC_REPOSITORY"] = repository
    if "RESTIC_PASSWORD_FILE" in passed:
        passed["RESTIC_PASSWORD_FILE"] = Secret(str(reader.path("RESTIC_PASSWORD_FILE", "")))
    custom_ca = reader.file("CUSTOM_CA")
    if custom_ca:
        passed["RESTIC_CACERT"] = Secret(str(custom_ca))
    return passed


def redactor(environment: Mapping[str, str]) -> Redactor:
    """Make the redactor that knows every secret of an environment."""
    return Redactor(secret for name, value in environment.items() for secret in _secrets(name, value))


def _secrets(name: str, value: str) -> Iterator[str]:
    for match in PASSWORD_OF_URL.finditer(value):
        yield match[1]
        yield unquote(match[1])
    if not SECRET.fullmatch(name) or NOT_SECRET.fullmatch(name):
        return
    if name == PATH_OR_DOCUMENT and Path(value).is_absolute():
        return
    yield value
    if value.lstrip().startswith("{"):
        yield from _strings(value)


def _strings(document: str) -> Iterator[str]:
    """The values of a JSON credential: a server may quote its private key alone."""
    try:
        values = json.loads(document)
    except (ValueError, RecursionError):
        return
    yield from (str(v) for k, v in values.items() if SECRET.fullmatch(str(k).upper()) or "key" in str(k))
