"""Installing the controller with `kubectl apply -k deploy/`, and what it may do then."""

import subprocess
import sys
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from integration.controller.api import Api, Resource
from integration.controller.control_plane import ControlPlane
from mover.controller.kube.api_errors import RefusedError

pytestmark = pytest.mark.needs("kubernetes")

DEPLOY = Path(__file__).parents[2] / "deploy"
NAMESPACE = "scribe-system"
NAME = "scribe-controller"
USER = f"system:serviceaccount:{NAMESPACE}:{NAME}"


@pytest.fixture(scope="module")
def installed(plane: ControlPlane) -> ControlPlane:
    plane.kubectl("apply", "-k", DEPLOY)
    return plane


def deployment(installed: ControlPlane) -> Resource:
    metadata = {"namespace": NAMESPACE, "name": NAME}
    return installed.api.get({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata})


def rules(installed: ControlPlane) -> list[dict[str, Any]]:
    role = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": NAME}}
    found: list[dict[str, Any]] = installed.api.get(role)["rules"]
    return found


def test_installing_again_changes_nothing(installed: ControlPlane) -> None:
    again = installed.kubectl("apply", "-k", DEPLOY).splitlines()
    assert [line for line in again if not line.endswith(" unchanged")] == []


def test_the_pod_of_the_controller_is_allowed_in_a_restricted_namespace(installed: ControlPlane) -> None:
    template = deployment(installed)["spec"]["template"]
    pod = {"apiVersion": "v1", "kind": "Pod", **template}
    pod["metadata"] |= {"namespace": NAMESPACE, "name": "as-the-deployment-makes-it"}
    installed.api.create(pod, dry_run=True)
    pod["spec"]["containers"][0]["securityContext"]["allowPrivilegeEscalation"] = True
    with pytest.raises(RefusedError, match="restricted"):
        installed.api.create(pod, dry_run=True)


def test_at_most_one_controller_runs_at_a_time(installed: ControlPlane) -> None:
    spec = deployment(installed)["spec"]
    assert (spec["replicas"], spec["strategy"]) == (1, {"type": "Recreate"})


def test_movers_run_the_image_of_the_controller(installed: ControlPlane) -> None:
    (container,) = deployment(installed)["spec"]["template"]["spec"]["containers"]
    assert container["env"] == [{"name": "MOVER_IMAGE", "value": container["image"]}]


def test_the_controller_has_no_access_to_secrets_and_configmaps(installed: ControlPlane) -> None:
    verbs = ("get", "list", "watch", "create", "update", "patch", "delete")
    with installed.api_as(installed.token_of(NAMESPACE, NAME)) as controller:
        for verb, resource in product(verbs, ("secrets", "configmaps")):
            attributes = {"verb": verb, "resource": resource, "namespace": "default"}
            assert not may(controller, attributes), f"{USER} may {verb} {resource}"


def may(controller: Api, attributes: dict[str, str]) -> bool:
    review = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "metadata": {},
        "spec": {"resourceAttributes": attributes},
    }
    return bool(
        controller.request("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", review)["status"][
            "allowed"
        ]
    )


def test_the_role_has_no_wildcards(installed: ControlPlane) -> None:
    words = [word for rule in rules(installed) for part in ("apiGroups", "resources", "verbs") for word in rule[part]]
    assert "*" not in words
    assert not {"secrets", "configmaps", "serviceaccounts/token", "roles", "clusterroles", "pods/exec"} & set(words)
    assert not {"escalate", "bind", "impersonate", "deletecollection"} & set(words)


def test_the_command_prints_the_crds_that_are_installed(installed: ControlPlane) -> None:
    mover = Path(sys.executable).with_name("mover")
    printed = subprocess.run([mover, "crds"], capture_output=True, text=True, check=True).stdout
    assert installed.kubectl("diff", "-f", "-", given=printed) == ""
