"""The unit tests need nothing but Python, the packages of mover and controller, pytest and hypothesis."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
OWN = {"mover", "tests", "tools", "bench", "integration"}
NAMES = {"python-json-logger": "pythonjsonlogger", "lightkube": "lightkube"}
OF_LIGHTKUBE = {"httpx2", "yaml"}
"""What lightkube makes its HTTP clients with, and reads kubeconfig files with."""


def statements(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield all statements. No expression holds one, so that most of the tree is not visited."""
    for node in ast.iter_child_nodes(tree):
        if not isinstance(node, ast.expr):
            yield node
            yield from statements(node)


def imported(path: Path) -> Iterator[str]:
    """Yield the modules that a file imports, and what it imports from them."""
    for node in statements(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def file_of(module: str) -> Path | None:
    """Return the file of one of our own modules; None where the name is no module's."""
    path = ROOT / module.replace(".", "/")
    return next((file for file in (path.with_suffix(".py"), path / "__init__.py") if file.is_file()), None)


@cache
def reached() -> dict[str, Path]:
    """Return what the unit tests import, by name, with the file that imports it; over all files of our own."""
    found: dict[str, Path] = {}
    waiting = [ROOT / "conftest.py", *sorted((ROOT / "tests" / "unit").rglob("*.py"))]
    while waiting:
        path = waiting.pop()
        for name in set(imported(path)) - found.keys():
            found[name] = path
            waiting += filter(None, [file_of(name)] if name.split(".")[0] in OWN else [])
    return found


def dependencies() -> set[str]:
    """Return the names of the packages that mover and controller need, as they are imported."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    listed = [*project["dependencies"], *project["optional-dependencies"]["controller"]]
    names = [re.split(r"[ =<>~!;\[]", dependency)[0] for dependency in listed]
    return {NAMES.get(name, name) for name in names} | OF_LIGHTKUBE


def test_unit_tests_import_nothing_of_other_tiers() -> None:
    others = {name: path for name, path in reached().items() if re.match(r"integration\b|tests\.component\b", name)}
    assert not others


def test_unit_tests_import_no_package_that_mover_and_controller_do_not_need() -> None:
    allowed = OWN | dependencies() | set(sys.stdlib_module_names) | {"pytest", "hypothesis", "yaml"}
    others = {name: path for name, path in reached().items() if name.split(".")[0] not in allowed}
    assert not others
