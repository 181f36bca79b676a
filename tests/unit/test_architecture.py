"""What docs/architecture.md, docs/adr/ and CONTRIBUTING.md name exists, and the package keeps its shape."""

import ast
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "CONTRIBUTING.md", ROOT / "docs" / "architecture.md", *sorted(ROOT.glob("docs/adr/*.md"))]
MAKEFILE = (ROOT / "Makefile").read_text()

FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[([^\]]+)\]\(([^)\s#]+\.py)\)")
CODE = re.compile(r"`([^`]+)`")
NAME = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)?")
PLACE = re.compile(r"(mover|tests|integration|tools|bench|docs|deploy|image|requirements|\.github|\.ci)/[\w./-]*")
MAKE = re.compile(r"(?:^|`)make((?: [a-z][a-z-]*)+)", re.MULTILINE)

MOST_LINES = 300
PACKAGE = sorted((ROOT / "mover").rglob("*.py"))
MODULES = sorted({*PACKAGE, *ROOT.glob("tools/**/*.py"), *ROOT.glob("bench/**/*.py")})


def text_of(page: Path) -> str:
    return FENCED.sub("", page.read_text())


def links() -> Iterator[tuple[str, str, str]]:
    """Each name in code style in a link to a module: the page, the name, and the module."""
    for page in PAGES:
        for text, target in LINK.findall(text_of(page)):
            module = (page.parent / target).resolve().relative_to(ROOT)
            for code in CODE.findall(text):
                if NAME.fullmatch(code):
                    yield page.name, code, str(module)


def places() -> Iterator[tuple[str, str]]:
    for page in PAGES:
        for code in CODE.findall(text_of(page)):
            if PLACE.fullmatch(code):
                yield page.name, code


def names(body: list[ast.stmt], prefix: str = "") -> Iterator[str]:
    """The names that a module or a class defines, those of a class with the class in front."""
    for node in body:
        match node:
            case ast.FunctionDef(name=name):
                yield prefix + name
            case ast.ClassDef(name=name, body=members):
                yield prefix + name
                yield from names(members, f"{name}.")
            case ast.Assign(targets=targets):
                yield from (prefix + target.id for target in targets if isinstance(target, ast.Name))
            case ast.AnnAssign(target=ast.Name(id=name)):
                yield prefix + name


@pytest.mark.parametrize(("page", "name", "module"), sorted(set(links())))
def test_every_name_is_defined_where_the_link_leads(page: str, name: str, module: str) -> None:
    path = ROOT / module
    assert path.exists(), f"{page} links `{name}` to {module}, which does not exist"
    assert name in set(names(ast.parse(path.read_text()).body)), f"{page}: {module} defines no {name}"


@pytest.mark.parametrize(("page", "place"), sorted(set(places())))
def test_every_path_exists(page: str, place: str) -> None:
    assert (ROOT / place).exists(), f"{page} names {place}, which does not exist"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_make_target_exists(page: Path) -> None:
    named = {target for targets in MAKE.findall(page.read_text()) for target in targets.split()}
    assert not [name for name in sorted(named) if not re.search(rf"^{name}:", MAKEFILE, re.MULTILINE)]


def test_every_package_has_its_purpose_in_the_architecture() -> None:
    packages = {str(path.parent.relative_to(ROOT)) for path in PACKAGE if path.name == "__init__.py"}
    described = set(re.findall(r"^\| `(mover[\w/]*)/?` \|", (ROOT / "docs/architecture.md").read_text(), re.MULTILINE))
    assert packages == {name.removesuffix("/") for name in described}


@pytest.mark.parametrize(
    ("half", "contract", "root"), [("runtime", 0, "mover."), ("controller", 1, "mover.controller.")]
)
def test_the_direction_is_the_one_that_import_linter_checks(half: str, contract: int, root: str) -> None:
    linted = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"][contract]
    (drawn,) = re.findall(rf"^{half} {{2,}}(.*)$", (ROOT / "docs/architecture.md").read_text(), re.MULTILINE)
    layers = [layer.replace(root, "").replace(" | ", ", ") for layer in linted["layers"]]
    assert drawn.split(" → ")[-len(layers) :] == layers


def test_no_two_modules_share_a_name() -> None:
    often = Counter(path.stem for path in PACKAGE if not path.stem.startswith("__"))
    assert not [name for name, count in often.items() if count > 1]


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_module_is_longer_than_the_limit(module: Path) -> None:
    assert len(module.read_text().splitlines()) <= MOST_LINES
