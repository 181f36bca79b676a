"""Fetching a control plane where a means for it is lacking."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
BINARIES = ROOT / ".tools" / "bin"


@pytest.mark.needs("kubernetes")
def test_without_go_what_it_would_build_is_named_and_left_out(tmp_path: Path) -> None:
    for name in ("etcd", "kubectl"):
        (tmp_path / name).symlink_to(BINARIES / name)
    command: list[str | Path] = [sys.executable, "-m", "tools.kubernetes", tmp_path, tmp_path / "crds"]
    done = subprocess.run(
        command, cwd=ROOT, env={"PATH": "/nowhere"}, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr.splitlines() == [
        "no kube-apiserver and kube-controller-manager: Go is not installed",
        "no volume snapshot CRDs: Go is not installed",
    ]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["etcd", "kubectl"]


@pytest.mark.needs("kubernetes")
def test_what_is_there_already_is_not_fetched_again(tmp_path: Path) -> None:
    command: list[str | Path] = [sys.executable, "-m", "tools.kubernetes", BINARIES, BINARIES.parent / "crds"]
    done = subprocess.run(
        command, cwd=ROOT, env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, ""), "it looked for a means to fetch something"
