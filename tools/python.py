"""Say in one line what this Python lacks for the project. Older ones must be able to read this file, too."""

from __future__ import annotations

import importlib.util
import sys

OLDEST = (3, 11)


def lacks(version: tuple[int, ...], *, has_venv: bool) -> str:
    """Return what is missing and what to do about it; empty if nothing is."""
    if version < OLDEST:
        return f"Python {version[0]}.{version[1]} is too old: install 3.11 or newer, or name one with PYTHON=python3.12"
    if not has_venv:
        return "Python lacks its venv module: install it (on Debian: apt install python3-venv)"
    return ""


if __name__ == "__main__":
    # Debian has venv itself in the basic package, but not what it needs.
    sys.exit(lacks(sys.version_info[:2], has_venv=importlib.util.find_spec("ensurepip") is not None) or 0)
