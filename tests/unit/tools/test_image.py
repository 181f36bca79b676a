"""Where the image takes restic from, as docker answers."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tools import image, restic

Docker = Callable[[str], None]


@pytest.fixture
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Docker:
    """A docker that holds no image, and does what a line of shell says when it should pull one."""
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.delenv("RESTIC_IMAGE", raising=False)

    def write(pull: str) -> None:
        program = tmp_path / "docker"
        program.write_text(f"#!/bin/sh\ncase $1 in pull) {pull};; *) exit 1;; esac\n")
        program.chmod(0o755)

    return write


def test_the_default_is_the_restic_projects_image_of_the_newest_version() -> None:
    assert image.default_restic_image().partition("@")[0] == f"restic/restic:{restic.PINNED[restic.NEWEST]}"


def test_the_default_image_is_used_if_a_registry_has_it(docker: Docker, capsys: pytest.CaptureFixture[str]) -> None:
    docker("echo pulling; sleep 0.2; echo complete")

    assert image.restic_image() == image.default_restic_image()
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("refusal", ["echo no such host >&2; exit 1", "exec sleep 60"], ids=["refused", "silent"])
def test_without_a_registry_the_debian_package_is_used_and_reported_in_one_line(
    docker: Docker, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, refusal: str
) -> None:
    monkeypatch.setattr(image, "REGISTRY_SECONDS", 0.3)
    docker(refusal)

    assert image.restic_image() == image.PACKAGED
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"{image.default_restic_image()}: ")


def test_a_requested_image_is_used(docker: Docker, monkeypatch: pytest.MonkeyPatch) -> None:
    docker("exit 1")
    monkeypatch.setenv("RESTIC_IMAGE", "registry.test/restic:1")

    assert image.restic_image() == "registry.test/restic:1"
