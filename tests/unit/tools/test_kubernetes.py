"""Fetching a control plane where a means for it is lacking."""

import subprocess
import sys
from pathlib import Path

import pytest

from tools.kubernetes import SERVERS, VERSION, VERSIONS

ROOT = Path(__file__).parents[3]
NO_NETWORK = {"http_proxy": "http://127.0.0.1:1", "https_proxy": "http://127.0.0.1:1"}


def install(program: Path, answer: str) -> None:
    """Make a program that says its version."""
    program.parent.mkdir(exist_ok=True)
    program.write_text(f"#!/bin/sh\necho '{answer}'\n")
    program.chmod(0o755)


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """A folder that has etcd and kubectl."""
    folder = tmp_path / "tools"
    folder.mkdir()
    for name, answer in VERSIONS.items():
        install(folder / "bin" / name, f"{answer}99")
    return folder


def fetch(tools: Path) -> subprocess.CompletedProcess[str]:
    """Fetch it on a machine without any other program, which reaches no host."""
    return subprocess.run(
        [sys.executable, "-m", "tools", tools, "kubernetes", "snapshot-crds"],
        cwd=ROOT,
        env={"PATH": "/nowhere", **NO_NETWORK},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_without_go_the_programs_built_with_it_are_reported_and_skipped(tools: Path) -> None:
    process = fetch(tools)

    assert process.returncode == 0, process.stderr
    servers, crds = process.stderr.splitlines()
    assert servers.startswith("kube-apiserver and kube-controller-manager: ")
    assert "dl.k8s.io" in servers
    assert "Go" in servers
    assert crds.startswith("volume snapshot CRDs: ")
    assert "Go" in crds
    assert sorted(path.name for path in tools.rglob("*")) == ["bin", "etcd", "kubectl"]


def test_existing_programs_are_not_downloaded_again(tools: Path) -> None:
    (tools / "crds").mkdir()
    for name in SERVERS:
        install(tools / "bin" / name, f"Kubernetes v{VERSION}")

    process = fetch(tools)

    assert (process.returncode, process.stderr) == (0, ""), "it looked for a means to fetch something"


def test_servers_of_another_version_are_downloaded(tools: Path) -> None:
    (tools / "crds").mkdir()
    for name in SERVERS:
        install(tools / "bin" / name, "Kubernetes v1.0.0")

    assert "kube-apiserver and kube-controller-manager" in fetch(tools).stderr
