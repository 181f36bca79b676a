"""What the README has on Docker does what it says, when copied as it is."""

import json
import os
import re
import secrets
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from integration.image.pod import IMAGE, SECONDS, Pod
from tests import volumes
from tests.mover_process import PASSWORD
from tests.terminal import Terminal

ROOT = Path(__file__).parents[2]
MIB = 1024 * 1024


def commands() -> list[list[str]]:
    """Return the lines of the README's section on Docker, each split into its words."""
    section = (ROOT / "README.md").read_text().partition("## With Docker\n")[2].partition("\n## ")[0]
    blocks = re.findall(r"```sh\n(.*?)```", section, re.DOTALL)
    lines = "".join(blocks).replace("\\\n", " ").splitlines()
    return [words for line in lines if (words := shlex.split(line, comments=True))]


def command(*start: str) -> list[str]:
    """Return the one that begins with these words."""
    (found,) = [words for words in commands() if words[: len(start)] == list(start)]
    return found


class TestCompose:
    @pytest.fixture
    def clone(self, tmp_path: Path) -> Path:
        """What the compose file uses of a clone, where the image has been built already."""
        shutil.copy(ROOT / "minio-compose.yaml", tmp_path)
        shutil.copytree(ROOT / "docs", tmp_path / "docs")
        return tmp_path

    @pytest.fixture
    def environment(self, clone: Path) -> Iterator[dict[str, str]]:
        """A project of the test's own, removed with everything in it."""
        own = {**os.environ, "COMPOSE_PROJECT_NAME": f"readme-{secrets.token_hex(6)}"}
        yield own
        end = ["docker", "compose", "-f", "minio-compose.yaml", "down", "--volumes", "--timeout", "0"]
        subprocess.run(end, cwd=clone, env=own, check=True, capture_output=True, timeout=SECONDS)

    def test_backs_up_and_restores(self, clone: Path, environment: dict[str, str]) -> None:
        three = [words for words in commands() if words[:2] == ["docker", "compose"]]
        assert [words[-1] for words in three] == ["backup", "restore", "--volumes"]
        for words in three:
            done = subprocess.run(
                words, cwd=clone, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False
            )
            assert done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"

        assert volumes.differences(clone / "docs", clone / "restored") == []


class TestDockerRun:
    @pytest.fixture
    def line(self, pod: Pod) -> list[str]:
        """The README's line, for a volume, a cache and a network of the test's own."""
        own = {"/srv/photos:/data:ro": f"{pod.data}:/data:ro", "mover-cache:/cache": f"{pod.cache}:/cache"}
        words = command("docker", "run")
        assert own.keys() <= set(words)
        assert words[-2:] == ["restic-mover", "backup"]
        network = ["--network", pod.network]
        return [*words[:2], *network, *[own.get(word, word) for word in words[2:-2]], IMAGE, "backup"]

    def test_shows_how_far_it_has_come_on_a_terminal(self, pod: Pod, line: list[str]) -> None:
        (pod.data / "large").write_bytes(os.urandom(64 * MIB))

        code, shown = Terminal(160).run(line, {**os.environ, **pod.secret}, pod.folder)

        assert code == 0, shown
        assert re.search(r"\[#+\.*\] +\d+%  \d+ of \d+ files?", shown), f"no bar in {shown!r}"
        assert re.search(r"backup +done .* snapshot \w{8} saved with 4 files", shown)
        assert PASSWORD not in shown

    def test_writes_json_where_there_is_no_terminal(self, pod: Pod, line: list[str]) -> None:
        line.remove("-it")

        done = subprocess.run(
            line, env={**os.environ, **pod.secret}, capture_output=True, text=True, timeout=SECONDS, check=True
        )

        assert json.loads(done.stdout.splitlines()[-1])["snapshot"]["files"] == 3
