"""Where the repository is and how it is opened: exactly one URL and exactly one password."""

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path

from mover.config.environment_reader import EnvironmentReader
from mover.config.restic_variables import MAX_URL_FILE_BYTES, URL_FILE, password_of, without_password
from mover.config.secrets import Secret

URL = "RESTIC_REPOSITORY"

PASSWORDS = ("RESTIC_PASSWORD", "RESTIC_PASSWORD_FILE", "RESTIC_PASSWORD_COMMAND")

BACKEND = re.compile(r"[a-z0-9]+:")
"""How the URL of a repository on a server begins."""

BACKENDS = "s3:, rest:, sftp:, azure:, gs:, b2:, swift:, rclone:, or an absolute local path"


@dataclass(frozen=True)
class RepositoryLocation:
    """Where the repository is."""

    url: Secret
    """The URL as restic wants it; it may hold credentials."""
    shown: str
    """The same without a password."""

    @property
    def id(self) -> str:
        """A name for the repository that does not change with its credentials: 16 hex digits."""
        return hashlib.sha256(without_credentials(self.url.reveal()).encode(errors="replace")).hexdigest()[:16]

    @property
    def is_s3(self) -> bool:
        """Whether restic's S3 backend serves it."""
        return self.url.reveal().startswith("s3:")

    @property
    def is_rclone(self) -> bool:
        """Whether restic accesses it through rclone."""
        return self.url.reveal().startswith("rclone:")

    @property
    def local_path(self) -> Path | None:
        """The directory of a local repository."""
        url = self.url.reveal()
        return Path(url) if url and _is_local(url) else None


def read_location(reader: EnvironmentReader) -> RepositoryLocation:
    """Read the repository's URL; it stays empty if it is missing or set twice."""
    names = [name for name in (URL, URL_FILE) if reader.has(name)]
    if not names:
        reader.problem(f"{URL}: not set; must be the repository's URL, such as s3:https://minio.example:9000/bucket")
    elif len(names) > 1:
        reader.problem(f"{URL}: set together with {URL_FILE}; set only one of them")
    if len(names) != 1:
        return RepositoryLocation(Secret(""), "")
    url = reader.text(URL).strip() or _only_line(reader)
    if url and _is_unknown_backend(url):
        reader.problem(f"{names[0]}: unknown backend{_quoted(reader, url)}; expected {BACKENDS}")
    elif _is_local(url):
        url = str(Path(os.path.realpath(url.removeprefix("local:"))))
    if set("/?#") & set(password_of(url)):
        reader.problem(f"{names[0]}: unescaped '/', '?' or '#' in the URL's password; write %2F, %3F or %23")
    return RepositoryLocation(Secret(url), without_password(url))


def check_password(reader: EnvironmentReader) -> None:
    """Note a password of the repository that is missing, set twice, or in a file that can't be read."""
    given = [name for name in PASSWORDS if reader.has(name)]
    if not given:
        reader.problem(f"{PASSWORDS[0]}: not set; set it, {PASSWORDS[1]} or {PASSWORDS[2]}")
    if len(given) > 1:
        reader.problem(f"{given[0]}: set together with {' and '.join(given[1:])}; set only one of them")
    reader.file("RESTIC_PASSWORD_FILE")


def without_credentials(url: str) -> str:
    """Take user name and password out of a repository URL."""
    return re.sub(r"(?<=//)[^/]*@", "", url)


def _is_local(url: str) -> bool:
    """Whether restic takes it for a folder (restic manual, "Preparing a new repository", Local)."""
    return url.startswith(("local:", "/", ".")) or ":" not in url


def _is_unknown_backend(url: str) -> bool:
    """Whether it looks like the URL of a server, but of none that restic knows.

    restic would make a folder of that name, which would be gone with the pod.
    """
    return "://" in url if _is_local(url) else not BACKEND.match(url)


def _quoted(reader: EnvironmentReader, url: str) -> str:
    """Quote a URL, unless it may hold credentials, which cannot be recognized in an invalid URL."""
    return f" in {reader.shown(url)}" if reader.has(URL) and "@" not in url else ""


def _only_line(reader: EnvironmentReader) -> str:
    content = reader.content(URL_FILE, MAX_URL_FILE_BYTES)
    text = (content or "").strip()
    if content is not None and (not text or "\n" in text):
        reader.reject(URL_FILE, "the path of a file that contains the repository's URL and nothing else")
    return text
