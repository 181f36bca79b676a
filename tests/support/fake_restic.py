"""Executables in restic's place: for what the real one says too rarely, and to see how it is called."""

import json
import stat
from pathlib import Path


def fake_restic(folder: Path, version: str = "0.19.1", **commands: str) -> Path:
    """Write a `restic` that runs a line of shell for each command, and return its folder."""
    cases = "".join(f"{command}) {line};;\n" for command, line in commands.items())
    return _script(folder / "fake", f'case "$1" in\nversion) echo restic {version} compiled with go;;\n{cases}esac\n')


def _script(folder: Path, text: str) -> Path:
    folder.mkdir()
    executable = folder / "restic"
    executable.write_text(f"#!/bin/sh\n{text}")
    executable.chmod(executable.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
    return folder


class Recorder:
    """A `restic` that notes arguments and environment of each process, and then is the real one."""

    def __init__(self, folder: Path, real: Path) -> None:
        self._notes = folder / "notes"
        self._notes.mkdir()
        # What the shell itself adds to its environment is not in /proc: that is as the mover gave it.
        note = "for what in cmdline environ; do cat /proc/$$/$what > $notes/$(date +%s%N)-$$.$what; done"
        self.search_path = _script(folder / "recording", f'notes={self._notes}\n{note}\nexec {real} "$@"\n')

    @property
    def arguments(self) -> list[list[str]]:
        """The arguments of each process, in their order."""
        return [fields[2:] for fields in self._read("cmdline")]

    @property
    def commands(self) -> list[str]:
        """The first argument of each process."""
        return [arguments[0] for arguments in self.arguments]

    @property
    def environments(self) -> list[dict[str, str]]:
        """The environment of each process."""
        return [dict(field.split("=", 1) for field in fields) for fields in self._read("environ")]

    def _read(self, kind: str) -> list[list[str]]:
        notes = sorted(self._notes.glob(f"*.{kind}"))
        return [note.read_text().removesuffix("\0").split("\0") for note in notes]


def as_lines(*messages: object) -> str:
    """Return the shell command that prints JSON lines."""
    return " && ".join(f"printf '%s\\n' '{json.dumps(message)}'" for message in messages)
