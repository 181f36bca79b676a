"""What a backend may refuse: settings that are wrong in one thing, for a repository on a real S3 server."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from integration.servers.minio import Minio
from integration.servers.s3 import S3Server

WRONG_KEY = "a-wrong-secret-key"


@dataclass(frozen=True)
class Kept:
    """A repository on an S3 server, and another server that speaks TLS."""

    plain: Minio
    tls: Minio
    bucket: str

    def settings(self, server: S3Server, bucket: str = "") -> dict[str, str]:
        """Return the settings of the repository, as a user of a server sees it."""
        return {**server.environment(), "RESTIC_REPOSITORY": server.repository(bucket or self.bucket)}


Wrong = Callable[[Kept], Mapping[str, str]]


def password(_: Kept) -> Mapping[str, str]:
    return {"RESTIC_PASSWORD": "battery horse"}


def access_key(_: Kept) -> Mapping[str, str]:
    return {"AWS_ACCESS_KEY_ID": "nobody-we-know"}


def secret_key(_: Kept) -> Mapping[str, str]:
    return {"AWS_SECRET_ACCESS_KEY": WRONG_KEY}


def no_keys(_: Kept) -> Mapping[str, str]:
    return {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}


def a_user_without_rights(kept: Kept) -> Mapping[str, str]:
    return kept.settings(kept.plain.user(kept.bucket, []))


def certificate(kept: Kept) -> Mapping[str, str]:
    return kept.settings(kept.tls)


def https_to_an_http_port(kept: Kept) -> Mapping[str, str]:
    return kept.settings(kept.plain.at(kept.plain.endpoint.replace("http://", "https://")))


def http_to_an_https_port(kept: Kept) -> Mapping[str, str]:
    return kept.settings(kept.tls.at(kept.tls.endpoint.replace("https://", "http://")))


def bucket_name(kept: Kept) -> Mapping[str, str]:
    return kept.settings(kept.plain, "No_Bucket_Of_Anyone")


def short_bucket_name(kept: Kept) -> Mapping[str, str]:
    return kept.settings(kept.plain, "ab")
