"""Fetch the tools the tests and the demo run with, into `.tools/bin/`.

Standard library only: these run before the virtual environment exists.
Run them from the repository's root: `python3 -m tools.restic 0.19 .tools/bin/restic`.
"""
