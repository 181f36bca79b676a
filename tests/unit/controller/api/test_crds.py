"""The committed CustomResourceDefinitions, and `mover crds`, for which no more than the mover is needed."""

import subprocess
import sys
from pathlib import Path

import mover.controller.api.crds
from mover.controller.api.schema.generate import generated

FOLDER = Path(mover.controller.api.crds.__file__).parent


def test_the_files_are_what_make_crds_generates() -> None:
    committed = {file.name: file.read_text() for file in FOLDER.glob("replication*.yaml")}
    assert committed == generated(), "run make crds"


def test_the_command_prints_the_files_as_they_are() -> None:
    program = Path(sys.executable).with_name("mover")
    printed = subprocess.run([program, "crds"], capture_output=True, text=True, check=True).stdout
    sources, destinations = printed.split("---\n")
    assert sources == (FOLDER / "replicationsources.yaml").read_text()
    assert destinations == (FOLDER / "replicationdestinations.yaml").read_text()
