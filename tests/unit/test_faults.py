"""Every row of docs/faults.md is proved by a test that carries its name."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import fault_table

ROOT = Path(__file__).parents[2]


def named() -> Iterator[str]:
    """The names in all `pytest.mark.fault(…)`."""
    texts = (path.read_text() for path in [*ROOT.glob("tests/**/*.py"), *ROOT.glob("integration/**/*.py")])
    for text in texts:
        for node in ast.walk(ast.parse(text)) if ".fault(" in text else ():
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "fault":
                yield from (str(argument.value) for argument in node.args if isinstance(argument, ast.Constant))


PROVED = frozenset(named())


@pytest.mark.parametrize("name", fault_table.exit_codes())
def test_every_fault_in_the_table_has_a_test(name: str) -> None:
    assert name in PROVED, f"docs/faults.md has the fault {name!r}, but no test is marked with it"


@pytest.mark.parametrize("name", sorted(PROVED))
def test_every_fault_that_is_tested_is_in_the_table(name: str) -> None:
    assert name in fault_table.exit_codes(), (
        f"a test is marked with the fault {name!r}, which has no row in docs/faults.md"
    )
