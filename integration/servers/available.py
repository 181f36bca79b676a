"""The S3 server tests run against: MinIO if it could be built, else rclone."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from integration.servers import minio, rclone
from integration.servers.s3 import S3Server


@contextmanager
def s3_server(folder: Path, *, tls: bool = False) -> Iterator[S3Server]:
    """Run the S3 server there is, keeping everything in `folder`.

    Raises FileNotFoundError naming the command that fetches one.
    """
    if minio.BINARY.exists():
        with minio.minio_server(folder, tls=tls) as server:
            yield server
    elif rclone.BINARY.exists():
        with rclone.rclone_server(folder, tls=tls) as other:
            yield other
    else:
        raise FileNotFoundError(f"neither {minio.BINARY} nor {rclone.BINARY}: run `make tools`")
