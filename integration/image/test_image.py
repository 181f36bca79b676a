"""What the image holds, and what it does not."""

import json

from integration.image.pod import HARDENED, IMAGE, docker
from tools.engine.images import BASE

MB = 1_000_000
LARGEST = 90 * MB
"""Over its base."""


def in_it(command: str, *options: str) -> str:
    return docker(
        "run", "--rm", "--network", "none", *HARDENED, *options, "--entrypoint", "sh", IMAGE, "-c", command
    ).stdout


def test_it_is_small() -> None:
    sizes = {tag: json.loads(docker("image", "inspect", tag).stdout)[0]["Size"] for tag in (IMAGE, BASE)}

    assert sizes[IMAGE] - sizes[BASE] <= LARGEST


def test_it_holds_nothing_to_build_or_install_with() -> None:
    assert in_it("for name in gcc cc make pip pip3 apt-key; do command -v $name; done; ls /var/lib/apt/lists") == ""
    assert in_it("find / -xdev -perm /6000 -type f -path '/usr/lib/openssh/*' 2>/dev/null") == ""


def test_its_code_is_compiled() -> None:
    assert in_it("find /opt/mover/lib -name 'session.*.pyc' | wc -l").strip() == "1"


def test_any_user_may_run_it() -> None:
    told = docker("run", "--rm", "--network", "none", *HARDENED, "--user", "123456:0", IMAGE, "--version").stdout

    assert "restic 0.19" in told


def test_ssh_works_for_a_user_without_a_name() -> None:
    assert "user mover" in in_it("ssh -G example.invalid </dev/null", "--user", "123456:123456")


def test_it_carries_the_controller() -> None:
    told = docker("run", "--rm", "--network", "none", *HARDENED, IMAGE, "controller", "--help").stdout

    assert "--namespace" in told


def test_it_says_what_it_is() -> None:
    labels = json.loads(docker("image", "inspect", IMAGE).stdout)[0]["Config"]["Labels"]

    assert labels["org.opencontainers.image.licenses"] == "Apache-2.0"
    assert labels["org.opencontainers.image.title"] == "restic-mover"
