"""Fetch actionlint, which checks .github/workflows: built with Go, at a pinned version."""

from pathlib import Path

from tools.offline import go

VERSION = "v1.7.12"


def fetch(target: Path) -> None:
    """Make `target` actionlint, unless it is that already. Raises FetchError if it cannot be built."""
    if not go.is_built_from(VERSION, target):
        go.install("github.com/rhysd/actionlint/cmd/actionlint", VERSION, target)
