"""A version is the same everywhere: in the package, the changelog, the manifests and the documentation."""

import re
from pathlib import Path

import pytest

from mover import __version__

ROOT = Path(__file__).parents[2]
CHANGELOG = (ROOT / "CHANGELOG.md").read_text()
PAGES = sorted([ROOT / "README.md", *ROOT.glob("docs/**/*.md"), *ROOT.glob("deploy/*.yaml")])

HEADING = re.compile(r"^## (.*)$", re.MULTILINE)
IMAGE = re.compile(r"registry\.example/mover:(\S+?)[`\"\s.]*$", re.MULTILINE)


def test_the_changelog_has_a_section_for_this_version() -> None:
    assert any(heading.startswith(f"{__version__} - ") for heading in HEADING.findall(CHANGELOG))


def test_the_newest_section_of_the_changelog_is_the_unreleased_one() -> None:
    first, *released = HEADING.findall(CHANGELOG)

    assert first == "Unreleased"
    assert all(re.fullmatch(r"\d+\.\d+\.\d+ - \d{4}-\d{2}-\d{2}", heading) for heading in released)


def test_deploy_installs_this_version() -> None:
    assert f"newTag: {__version__}\n" in (ROOT / "deploy" / "kustomization.yaml").read_text()


@pytest.mark.parametrize("page", [page for page in PAGES if IMAGE.search(page.read_text())], ids=lambda page: page.name)
def test_examples_name_the_image_of_this_version(page: Path) -> None:
    assert set(IMAGE.findall(page.read_text())) == {__version__}
