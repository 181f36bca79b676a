"""What the image holds, and what it does not."""

import json
import os
import secrets
import shutil
from pathlib import Path

import pytest

from integration.image.pod import BUILD_SECONDS, HARDENED, IMAGE, docker
from tools.image import restic_image
from tools.offline.engine.stand_ins import BASE

ROOT = Path(__file__).parents[2]
MB = 1_000_000
LARGEST = 90 * MB
"""Over its base."""


def in_it(command: str, *options: str) -> str:
    return docker(
        "run", "--rm", "--network", "none", *HARDENED, *options, "--entrypoint", "sh", IMAGE, "-c", command
    ).stdout


def test_the_image_is_small() -> None:
    if docker("image", "inspect", BASE, check=False).returncode:
        docker("pull", BASE)  # BuildKit keeps what it builds on to itself
    sizes = {tag: json.loads(docker("image", "inspect", tag).stdout)[0]["Size"] for tag in (IMAGE, BASE)}

    assert sizes[IMAGE] - sizes[BASE] <= LARGEST


def test_the_image_has_no_build_tools_and_no_package_lists() -> None:
    assert in_it("for name in gcc cc make pip pip3 apt-key; do command -v $name; done; true") == ""
    assert in_it("find /var/lib/apt/lists/* /var/cache/apt/* -maxdepth 0 -type f -size +0") == "", "package lists"
    assert in_it("find /usr -xdev -perm /6000 -type f -path '/usr/lib/openssh/*'") == ""


def test_the_code_in_the_image_is_compiled() -> None:
    assert in_it("find /opt/mover/lib -name 'executor.*.pyc' | wc -l").strip() == "1"


def test_any_user_can_run_the_image() -> None:
    version = docker("run", "--rm", "--network", "none", *HARDENED, "--user", "123456:0", IMAGE, "--version").stdout

    assert "restic 0.19" in version


def test_ssh_works_for_a_user_without_a_name() -> None:
    assert "user mover" in in_it("ssh -G example.invalid </dev/null", "--user", "123456:123456")


@pytest.mark.parametrize("user", ["0:0", "123456:123456"])
def test_ssh_leaves_one_file_however_many_connections_there_are(user: str) -> None:
    connections = "for number in 1 2 3; do ssh -G example.invalid & done >/dev/null; wait; ls -A $TMPDIR"

    files = in_it(f"mkdir /tmp/mover; export TMPDIR=/tmp/mover; {connections}; {connections}", "--user", user)

    assert files.split() == [f"passwd-{user.partition(':')[0]}"] * 2


def test_the_image_contains_the_controller() -> None:
    usage = docker("run", "--rm", "--network", "none", *HARDENED, IMAGE, "controller", "--help").stdout

    assert "--namespace" in usage


def test_the_image_has_a_title_and_a_license() -> None:
    labels = json.loads(docker("image", "inspect", IMAGE).stdout)[0]["Config"]["Labels"]

    assert labels["org.opencontainers.image.licenses"] == "Apache-2.0"
    assert labels["org.opencontainers.image.title"] == "restic-mover"


@pytest.mark.timeout(2 * BUILD_SECONDS)
def test_the_same_sources_make_the_same_layers(tmp_path: Path) -> None:
    context = checkout(tmp_path / "context")
    kept, fresh = layers(IMAGE), rebuilt(context)
    if fresh != kept:  # Debian may have published something since
        assert fresh == rebuilt(checkout(tmp_path / "another"))


def checkout(folder: Path) -> Path:
    """Make another checkout of what the image is built from, with the times of now."""
    folder.mkdir()
    wanted = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    for name in ("Dockerfile", ".dockerignore", *wanted):
        if (ROOT / name).is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / name, folder / name, copy_function=shutil.copy, ignore=ignored)
        else:
            shutil.copy(ROOT / name, folder / name)
    return folder


def layers(image: str) -> list[str]:
    """Return the hashes of an image's layers, as tar archives."""
    hashes: list[str] = json.loads(docker("image", "inspect", image).stdout)[0]["RootFS"]["Layers"]
    return hashes


def loose() -> set[str]:
    """Return the images without a name, such as the stages of a build."""
    return set(docker("images", "--quiet", "--filter", "dangling=true").stdout.split())


def rebuilt(context: Path) -> list[str]:
    """Build the image again, every layer of it, and return their hashes; nothing of it is kept."""
    tag, before = f"again:{secrets.token_hex(6)}", loose()
    options = [*os.environ.get("BUILD_OPTIONS", "").split(), f"--build-arg=RESTIC_IMAGE={restic_image()}"]
    index = ["--build-arg", "PIP_INDEX_URL"] if os.environ.get("PIP_INDEX_URL") else []
    command = ("build", "--quiet", "--no-cache", *options, *index, "--tag", tag, str(context))
    docker(*command, seconds=BUILD_SECONDS)
    try:
        return layers(tag)
    finally:
        docker("rmi", "--force", tag, *(loose() - before))
