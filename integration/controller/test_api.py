"""The controller's client of the API server: what it raises when a request is refused."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from integration.controller.control_plane import ControlPlane
from mover.controller import retry_delays
from mover.controller.kube.api_errors import (
    ConflictError,
    CredentialsError,
    NotFoundError,
    RefusedError,
    UnavailableError,
)
from mover.controller.kube.client import Api, connect
from mover.controller.kube.kinds import JOB, STORAGE_CLASS, VOLUME_CLAIM, Kind
from mover.controller.retry_delays import Backoff

pytestmark = pytest.mark.needs("kubernetes")

CONFIG = Kind("v1", "ConfigMap", "configmaps")


@pytest.fixture
def api(plane: ControlPlane) -> Iterator[Api]:
    with closing(connect(plane.kubeconfig)) as opened:
        yield opened


def named(namespace: str, name: str = "it") -> dict[str, Any]:
    return {"metadata": {"namespace": namespace, "name": name}}


def test_an_object_can_be_created_changed_read_and_deleted(namespace: str, api: Api) -> None:
    made = api.create(CONFIG, named(namespace))
    changed = api.patch(CONFIG, namespace, "it", {"data": {"color": "blue"}})
    assert changed["data"] == {"color": "blue"}
    assert api.get(CONFIG, namespace, "it") == changed
    api.delete(CONFIG, namespace, "it", made["metadata"]["uid"])
    with pytest.raises(NotFoundError, match='configmaps "it" not found'):
        api.get(CONFIG, namespace, "it")


def test_a_second_object_of_the_same_name_is_a_conflict(namespace: str, api: Api) -> None:
    api.create(CONFIG, named(namespace))
    with pytest.raises(ConflictError, match="already exists"):
        api.create(CONFIG, named(namespace))


def test_a_patch_of_an_outdated_version_is_a_conflict(namespace: str, api: Api) -> None:
    old = api.create(CONFIG, named(namespace))
    api.patch(CONFIG, namespace, "it", {"data": {"color": "blue"}})
    with pytest.raises(ConflictError):
        api.patch(CONFIG, namespace, "it", {"metadata": {"resourceVersion": old["metadata"]["resourceVersion"]}})


def test_a_deletion_with_another_uid_deletes_nothing(namespace: str, api: Api) -> None:
    api.create(CONFIG, named(namespace))
    with pytest.raises(ConflictError):
        api.delete(CONFIG, namespace, "it", "00000000-0000-0000-0000-000000000000")
    assert api.get(CONFIG, namespace, "it")


def test_an_invalid_object_is_refused_with_the_message_of_the_server(namespace: str, api: Api) -> None:
    with pytest.raises(RefusedError, match=r"spec\.accessModes: Required value"):
        api.create(VOLUME_CLAIM, named(namespace) | {"spec": {}})


def test_a_forbidden_request_is_refused_with_the_message_of_the_server(
    plane: ControlPlane, namespace: str, tmp_path: Path
) -> None:
    account = {"apiVersion": "v1", "kind": "ServiceAccount", **named(namespace, "powerless")}
    plane.api.create(account)
    token = plane.token_of(namespace, "powerless")
    file = plane.write_kubeconfig(tmp_path / "kubeconfig", token)
    with closing(connect(file)) as powerless, pytest.raises(RefusedError, match='cannot list resource "jobs"'):
        powerless.list(JOB, namespace)


def test_all_pages_of_a_list_are_read(namespace: str, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mover.controller.kube.client.PAGE_SIZE", 2)
    for number in range(5):
        api.create(CONFIG, named(namespace, f"it-{number}"))
    found = api.list(CONFIG, namespace).objects
    assert {f"it-{number}" for number in range(5)} <= {item["metadata"]["name"] for item in found}
    assert {(item["apiVersion"], item["kind"]) for item in found} == {("v1", "ConfigMap")}


def test_cluster_scoped_objects_are_listed_without_a_namespace(plane: ControlPlane, namespace: str, api: Api) -> None:
    made = {"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": {"name": namespace}}
    plane.api.create(made | {"provisioner": "nobody.example"})
    assert namespace in [item["metadata"]["name"] for item in api.list(STORAGE_CLASS).objects]


def test_an_unreachable_server_is_an_error_after_a_few_retries(
    plane: ControlPlane, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retry_delays, "REQUEST", Backoff(first_seconds=0.01, longest_seconds=0.01))
    nowhere = plane.kubeconfig.read_text().replace(plane.server, "https://127.0.0.1:9")
    (tmp_path / "kubeconfig").write_text(nowhere)
    with closing(connect(tmp_path / "kubeconfig")) as lost, pytest.raises(UnavailableError) as unreachable:
        lost.list(JOB)
    assert unreachable.value.__cause__ is not None, "no response came back: the error is the connection's"


def test_an_invalid_kubeconfig_is_a_credentials_error(tmp_path: Path) -> None:
    (tmp_path / "kubeconfig").write_text("not: [a kubeconfig")
    with pytest.raises(CredentialsError) as invalid:
        connect(tmp_path / "kubeconfig")
    assert invalid.value.__cause__ is not None, "the file is there, and lacks more than a context"
