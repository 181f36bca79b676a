"""The controller's door to the API server: what it says when it is told no."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from integration.controller.control_plane import ControlPlane
from mover.controller.kube.api_errors import (
    ConflictError,
    CredentialsError,
    NotFoundError,
    RefusedError,
    UnavailableError,
)
from mover.controller.kube.client import Api, connect
from mover.controller.kube.kinds import JOB, STORAGE_CLASS, VOLUME_CLAIM, Kind

pytestmark = pytest.mark.needs("kubernetes")

CONFIG = Kind("v1", "ConfigMap", "configmaps")


@pytest.fixture
def api(plane: ControlPlane) -> Iterator[Api]:
    with closing(connect(plane.kubeconfig)) as opened:
        yield opened


def named(namespace: str, name: str = "it") -> dict[str, Any]:
    return {"metadata": {"namespace": namespace, "name": name}}


def test_an_object_lives_from_its_creation_to_its_deletion(namespace: str, api: Api) -> None:
    made = api.create(CONFIG, named(namespace))
    changed = api.patch(CONFIG, namespace, "it", {"data": {"colour": "blue"}})
    assert changed["data"] == {"colour": "blue"}
    assert api.get(CONFIG, namespace, "it") == changed
    api.delete(CONFIG, namespace, "it", made["metadata"]["uid"])
    with pytest.raises(NotFoundError, match='configmaps "it" not found'):
        api.get(CONFIG, namespace, "it")


def test_a_second_object_of_one_name_is_a_conflict(namespace: str, api: Api) -> None:
    api.create(CONFIG, named(namespace))
    with pytest.raises(ConflictError, match="already exists"):
        api.create(CONFIG, named(namespace))


def test_a_patch_of_what_has_changed_since_is_a_conflict(namespace: str, api: Api) -> None:
    old = api.create(CONFIG, named(namespace))
    api.patch(CONFIG, namespace, "it", {"data": {"colour": "blue"}})
    with pytest.raises(ConflictError):
        api.patch(CONFIG, namespace, "it", {"metadata": {"resourceVersion": old["metadata"]["resourceVersion"]}})


def test_nothing_is_deleted_but_the_object_that_was_meant(namespace: str, api: Api) -> None:
    api.create(CONFIG, named(namespace))
    with pytest.raises(ConflictError):
        api.delete(CONFIG, namespace, "it", "00000000-0000-0000-0000-000000000000")
    assert api.get(CONFIG, namespace, "it")


def test_what_is_invalid_is_refused_with_the_servers_own_sentence(namespace: str, api: Api) -> None:
    with pytest.raises(RefusedError, match=r"spec\.accessModes: Required value"):
        api.create(VOLUME_CLAIM, named(namespace) | {"spec": {}})


def test_what_is_forbidden_is_refused_with_the_servers_own_sentence(
    plane: ControlPlane, namespace: str, tmp_path: Path
) -> None:
    account = {"apiVersion": "v1", "kind": "ServiceAccount", **named(namespace, "powerless")}
    plane.api.create(account)
    token = plane.token_of(namespace, "powerless")
    file = plane.write_kubeconfig(tmp_path / "kubeconfig", token)
    with closing(connect(file)) as powerless, pytest.raises(RefusedError, match='cannot list resource "jobs"'):
        powerless.list(JOB, namespace)


def test_all_pages_of_a_list_are_read(namespace: str, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mover.controller.kube.client.PAGE", 2)
    for number in range(5):
        api.create(CONFIG, named(namespace, f"it-{number}"))
    found = api.list(CONFIG, namespace).objects
    assert {f"it-{number}" for number in range(5)} <= {item["metadata"]["name"] for item in found}
    assert {(item["apiVersion"], item["kind"]) for item in found} == {("v1", "ConfigMap")}


def test_what_has_no_namespace_is_found_without_one(plane: ControlPlane, namespace: str, api: Api) -> None:
    made = {"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": {"name": namespace}}
    plane.api.create(made | {"provisioner": "nobody.example"})
    assert namespace in [item["metadata"]["name"] for item in api.list(STORAGE_CLASS).objects]


def test_a_server_out_of_reach_is_told_after_a_few_attempts(
    plane: ControlPlane, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mover.controller.kube.client.LONGEST_WAIT_SECONDS", 0.01)
    nowhere = plane.kubeconfig.read_text().replace(plane.server, "https://127.0.0.1:9")
    (tmp_path / "kubeconfig").write_text(nowhere)
    with (
        closing(connect(tmp_path / "kubeconfig")) as lost,
        pytest.raises(UnavailableError, match="can't be reached"),
    ):
        lost.list(JOB)


def test_a_kubeconfig_that_can_not_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "kubeconfig").write_text("not: [a kubeconfig")
    with pytest.raises(CredentialsError, match="No usable credentials"):
        connect(tmp_path / "kubeconfig")
