"""What the README has on Docker does what it says, when copied as it is."""

import os
import re
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from integration.image.pod import IMAGE, SECONDS, docker
from tests.support import volumes
from tests.support.terminal import Terminal

ROOT = Path(__file__).parents[2]
MIB = 1024 * 1024


def blocks() -> list[str]:
    """Return the blocks of shell in the README's section on Docker."""
    section = (ROOT / "README.md").read_text().partition("## With Docker\n")[2].partition("\n## ")[0]
    return re.findall(r"```sh\n(.*?)```", section, re.DOTALL)


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """What the README's lines use of a clone, if the image has been built already."""
    shutil.copy(ROOT / "minio-compose.yaml", tmp_path)
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    return tmp_path


@pytest.fixture
def environment(clone: Path) -> Iterator[dict[str, str]]:
    """A project of the test's own, removed with everything in it."""
    own = {**os.environ, "COMPOSE_PROJECT_NAME": f"readme-{secrets.token_hex(6)}"}
    yield own
    end = ["docker", "compose", "-f", "minio-compose.yaml", "down", "--volumes", "--timeout", "0"]
    subprocess.run(end, cwd=clone, env=own, check=True, capture_output=True, timeout=SECONDS)


def test_the_compose_commands_of_the_readme_back_up_and_restore(clone: Path, environment: dict[str, str]) -> None:
    three = blocks()[0]
    assert [three.count(words) for words in ("run --rm backup", "run --rm restore", "down --volumes")] == [1, 1, 1]
    done = subprocess.run(
        ["/bin/sh", "-euc", three],
        cwd=clone,
        env=environment,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert volumes.differences(clone / "docs", clone / "restored") == []


@pytest.fixture
def lines() -> Iterator[str]:
    """The README's lines, with names that nobody else has; afterwards nothing of them is left."""
    mark = secrets.token_hex(6)
    lines = blocks()[1].replace("make image\n", "").replace("restic-mover", IMAGE)
    own = {
        "--name minio": f"--name minio-{mark} --network-alias minio",
        "--volumes minio": f"--volumes minio-{mark}",
        "--network mover": f"--network mover-{mark}",
        "network create mover": f"network create mover-{mark}",
        "network rm mover": f"network rm mover-{mark}",
        "mover-cache": f"mover-cache-{mark}",
    }
    for theirs, ours in own.items():
        assert theirs in lines
        lines = lines.replace(theirs, ours)
    yield lines
    docker("rm", "--force", "--volumes", f"minio-{mark}", check=False)
    docker("network", "rm", f"mover-{mark}", check=False)
    docker("volume", "rm", "--force", f"mover-cache-{mark}", check=False)


def test_the_docker_commands_of_the_readme_show_progress_and_restore(clone: Path, lines: str) -> None:
    (clone / "docs" / "large").write_bytes(os.urandom(64 * MIB))

    code, shown = Terminal(160).run(["/bin/sh", "-euc", lines], os.environ, clone)

    assert code == 0, shown
    assert re.search(r"\[#+\.*\] +\d+%  \d+ \w+ \d+ \w+", shown), f"no bar in {shown!r}"
    saved = re.search(r"backup +done +[\d.]+ s .*?\b([0-9a-f]{8})\b", shown)
    assert saved
    assert re.search(rf"restore +done +[\d.]+ s .*\b{saved[1]}\b", shown)
    assert volumes.differences(clone / "docs", clone / "restored") == []
