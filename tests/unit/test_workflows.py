"""The workflows are well-formed, pin what they run, and may do no more than they need."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").iterdir())
HOOKS = ROOT / ".pre-commit-config.yaml"
UPDATES = ROOT / ".github" / "dependabot.yml"

PINNED = re.compile(r"uses: [\w-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")
ON = True
"""YAML 1.1, which PyYAML reads, takes the key `on` for a boolean."""


def read(path: Path) -> dict[Any, Any]:
    content: dict[Any, Any] = yaml.safe_load(path.read_text())
    return content


def steps(workflow: Path) -> list[dict[str, Any]]:
    return [step for job in read(workflow)["jobs"].values() for step in job["steps"]]


def test_there_are_workflows() -> None:
    assert {path.name for path in WORKFLOWS} == {"ci.yaml", "image.yaml"}


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_has_a_name_a_trigger_and_jobs(workflow: Path) -> None:
    assert {"name", ON, "jobs"} <= read(workflow).keys()


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_actions_are_pinned_by_hash_with_their_version_beside_it(workflow: Path) -> None:
    used = [line.strip().removeprefix("- ") for line in workflow.read_text().splitlines() if "uses:" in line]

    assert used
    assert not [line for line in used if not PINNED.fullmatch(line)]


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_is_read_only_except_for_jobs_that_declare_more(workflow: Path) -> None:
    assert read(workflow)["permissions"] == {"contents": "read"}


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_every_job_has_a_timeout(workflow: Path) -> None:
    assert all("timeout-minutes" in job for job in read(workflow)["jobs"].values())


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_runs_of_one_branch_do_not_overlap(workflow: Path) -> None:
    assert "github.ref" in read(workflow)["concurrency"]["group"]


def test_every_supported_python_is_tested() -> None:
    declared = re.findall(r'"Programming Language :: Python :: (3\.\d+)"', (ROOT / "pyproject.toml").read_text())

    assert read(WORKFLOWS[0])["jobs"]["unit"]["strategy"]["matrix"]["python"] == declared


def test_the_image_is_published_with_provenance_and_an_sbom() -> None:
    (build,) = [step for step in steps(WORKFLOWS[1]) if step.get("uses", "").startswith("docker/build-push-action@")]

    assert build["with"]["sbom"] is True
    assert build["with"]["provenance"] == "mode=max"


def test_hooks_of_the_project_run_from_its_own_environment() -> None:
    local, *others = read(HOOKS)["repos"]

    assert {hook["language"] for hook in local["hooks"]} == {"system"}
    assert all(re.fullmatch(r"[0-9a-f]{40}", other["rev"]) for other in others)


def test_pinned_actions_are_kept_up_to_date() -> None:
    assert [update["package-ecosystem"] for update in read(UPDATES)["updates"]] == ["github-actions"]
