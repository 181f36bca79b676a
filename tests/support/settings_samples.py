"""Environments to read settings from."""

from pathlib import Path

from mover.config.environment_reader import EnvironmentReader
from mover.config.reporting_settings import read_reporting
from mover.config.settings import Settings, SettingsError, read_settings

PASSWORD = "hunter22hunter22"
GOOD = {
    "RESTIC_REPOSITORY": "s3:https://s3.example/bucket",
    "RESTIC_PASSWORD": PASSWORD,
    "DATA_DIR": "/data",
    "RESTIC_CACHE_DIR": "/cache",
}


def settings(**environment: str) -> Settings:
    """Read the settings of a good environment with some variables changed."""
    return read_settings(EnvironmentReader({**GOOD, **environment}))


def problems(**environment: str) -> list[str]:
    """Say what is wrong with a good environment once some variables are changed; an empty list: nothing."""
    reader = EnvironmentReader({**GOOD, **environment})
    read_reporting(reader)
    try:
        read_settings(reader)
    except SettingsError as error:
        return error.problems
    return []


def file_in(folder: Path, content: str = "") -> str:
    """Write a file and return its path."""
    path = folder / f"file-{len(list(folder.iterdir()))}"
    path.write_text(content)
    return str(path)
