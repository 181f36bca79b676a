"""The documentation says what the code does: names, codes and links are checked against it."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from mover.config.retention import COUNTS
from mover.exit_codes import ExitCode
from mover.warning_reasons import WarningReason

ROOT = Path(__file__).parents[2]
RUNTIME = [path for path in sorted(ROOT.glob("mover/**/*.py")) if "controller" not in path.parts]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])

VARIABLE = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)+")
LINK = re.compile(r"\]\(([^)\s]+)\)")
FENCED = re.compile(r"^( *)```.*?^\1```", re.MULTILINE | re.DOTALL)


@cache
def variables_read() -> set[str]:
    """Every string of the runtime that is the name of a variable and nothing else."""
    named = {
        node.value
        for path in RUNTIME
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and VARIABLE.fullmatch(node.value)
    }
    return named | {f"RETAIN_{name.upper()}" for name in COUNTS}


@cache
def variables_documented() -> set[str]:
    """The variables in the first column of the tables of docs/settings.md."""
    return set(re.findall(r"^\| `([A-Z_0-9]+)` \|", (ROOT / "docs/settings.md").read_text(), re.MULTILINE))


def test_variables_are_found_where_they_are_read() -> None:
    assert {"DATA_DIR", "RETAIN_DAILY", "FORGET_OPTIONS", "CUSTOM_CA", "RESTIC_FEATURES"} <= variables_read()


@pytest.mark.parametrize("name", sorted(variables_read()))
def test_every_variable_is_documented(name: str) -> None:
    assert name in variables_documented(), f"{name} is read by the mover, but has no row in docs/settings.md"


# A name of one word cannot be distinguished from other strings.
@pytest.mark.parametrize("name", sorted(filter(VARIABLE.fullmatch, variables_documented())))
def test_every_documented_variable_exists(name: str) -> None:
    assert name in variables_read(), f"docs/settings.md has a row for {name}, which the mover does not know"


@pytest.mark.parametrize("code", list(ExitCode), ids=str)
def test_every_exit_code_is_documented_with_its_name(code: ExitCode) -> None:
    rows = re.findall(r"^\| (\d+) \| `([a-z-]+)` \|", (ROOT / "docs/exit-codes.md").read_text(), re.MULTILINE)
    assert (str(int(code)), code.outcome) in rows


@pytest.mark.parametrize("reason", WarningReason)
def test_every_reason_of_a_warning_is_documented(reason: WarningReason) -> None:
    assert re.search(rf"^\| `{reason}` \|", (ROOT / "docs/outcome.md").read_text(), re.MULTILINE)


@cache
def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, made as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", FENCED.sub("", page.read_text()), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def relative_links() -> Iterator[tuple[str, str]]:
    for page in PAGES:
        for target in LINK.findall(FENCED.sub("", page.read_text())):
            if not re.match(r"[a-z]+:", target):
                yield str(page.relative_to(ROOT)), target


@pytest.mark.parametrize(("page", "target"), sorted(set(relative_links())))
def test_every_link_has_a_target(page: str, target: str) -> None:
    path, _, anchor = target.partition("#")
    linked = (ROOT / page).parent / path if path else ROOT / page
    assert linked.exists(), f"{page} links to {target}, which does not exist"
    assert not anchor or anchor in anchors(linked), f"{page} links to {target}, but {linked.name} has no such heading"
