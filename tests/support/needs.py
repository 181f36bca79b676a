"""What tests need that a machine may lack: they are left out by name, reported, and never counted as done.

Each tier's conftest says what its tests may need, and looks for that alone.
"""

import pytest

_KNOWN: set[str] = set()
_MISSING: dict[str, str] = {}


def register(need: str, hint: str, *, is_there: bool) -> None:
    """Let tests be marked with `needs(need)`; where it is missing, `hint` says what to install."""
    _KNOWN.add(need)
    if not is_there:
        _MISSING[need] = hint


def leave_out(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect the tests that need what this machine lacks."""
    left_out = [item for item in items if _needs(item) & _MISSING.keys()]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


def report() -> list[str]:
    """Return a line for each need that is missing, with what to install."""
    return [f"NOT TESTED: whatever needs {need}; {hint}" for need, hint in _MISSING.items()]


def _needs(item: pytest.Item) -> set[str]:
    needs = {need for marker in item.iter_markers("needs") for need in marker.args}
    if unknown := needs - _KNOWN:
        raise pytest.UsageError(f"{item.nodeid} needs {', '.join(unknown)}, which no conftest.py looks for")
    return needs
