"""Every row of docs/faults.md is proved by a test that carries its name."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import faults

ROOT = Path(__file__).parents[2]


def proved() -> Iterator[str]:
    """The names in all `pytest.mark.fault(…)`."""
    for path in [*ROOT.glob("tests/**/*.py"), *ROOT.glob("integration/**/*.py")]:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "fault":
                yield from (str(argument.value) for argument in node.args if isinstance(argument, ast.Constant))


@pytest.mark.parametrize("name", faults.verdicts())
def test_every_fault_in_the_table_has_a_test(name: str) -> None:
    assert name in set(proved()), f"docs/faults.md has the fault «{name}», but no test is marked with it"


@pytest.mark.parametrize("name", sorted(set(proved())))
def test_every_fault_that_is_tested_is_in_the_table(name: str) -> None:
    assert name in faults.verdicts(), f"a test is marked with the fault «{name}», which has no row in docs/faults.md"
