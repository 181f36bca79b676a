"""Paths in the settings are meant from where the mover was started, though a backup runs inside the volume."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

TOOLS = Path(__file__).parents[3] / ".tools" / "bin"


@pytest.mark.parametrize(
    "variables",
    [
        {"RESTIC_REPOSITORY": "backups", "RESTIC_PASSWORD_FILE": "password"},
        {"RESTIC_REPOSITORY": "local:backups", "RESTIC_PASSWORD_FILE": "./password"},
        {"RESTIC_REPOSITORY_FILE": "where", "RESTIC_PASSWORD_FILE": "password"},
    ],
)
def test_backup_finds_repository_and_password_named_by_relative_paths(
    tmp_path: Path, variables: dict[str, str]
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "file").write_text("content")
    (tmp_path / "password").write_text("correct horse\n")
    (tmp_path / "where").write_text("backups\n")
    done = subprocess.run(
        [sys.executable, "-m", "mover", "backup"],
        cwd=tmp_path,
        env={"PATH": f"{TOOLS}:{os.environ['PATH']}", "DATA_DIR": "data", "RESTIC_CACHE_DIR": "cache", **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert (tmp_path / "backups" / "config").is_file()
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["file"], "nothing is made inside the volume"
