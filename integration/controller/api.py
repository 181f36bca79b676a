"""The API server for tests: the controller's own client, and what only tests do with it."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx2
from lightkube.config import client_adapter
from lightkube.config.kubeconfig import KubeConfig

from mover.controller.kube import client
from mover.controller.kube.api_errors import NotFoundError, RefusedError, error_of
from mover.controller.kube.kinds import Kind

SECONDS = 30.0

Resource = dict[str, Any]
"""An object as the API server has it, in JSON."""


class InvalidError(RefusedError):
    """The API server refuses this, and says which fields are the cause."""

    def __init__(self, status: int, body: Resource) -> None:
        super().__init__(body.get("message", ""))
        self.status = status
        self.reason: str = body.get("reason", "")
        self.causes: list[dict[str, str]] = (body.get("details") or {}).get("causes") or []
        """Each with the ``field``, a ``reason`` ("FieldValueInvalid") and a ``message``."""


class Api:
    """The API server as the user of a kubeconfig sees it. Raises the controller's errors, see `api_errors`."""

    def __init__(self, kubeconfig: Path) -> None:
        config = KubeConfig.from_file(kubeconfig).get()
        assert config is not None
        self._http = client_adapter.Client(config, client_adapter.ConnectionParams(timeout=httpx2.Timeout(SECONDS)))
        self._client = client.Api(self._http)

    def close(self) -> None:
        """End all connections."""
        self._http.close()

    def request(self, method: str, path: str, body: object = None, kind: str = "application/json") -> Resource:
        """Send one request to `path` ("/api/v1/…"), and return the response's body."""
        content = None if body is None else json.dumps(body).encode()
        response = self._http.request(method, path, content=content, headers={"Content-Type": kind})
        found: Resource = response.json()
        if not response.is_error:
            return found
        error = error_of(response.status_code, found)
        raise InvalidError(response.status_code, found) if isinstance(error, RefusedError) else error

    def is_ready(self) -> bool:
        """Say whether the API server is ready to serve."""
        try:
            return self._http.get("/readyz").status_code == HTTPStatus.OK
        except httpx2.HTTPError:
            return False

    def create(self, resource: Mapping[str, Any], *, strict: bool = True, dry_run: bool = False) -> Resource:
        """Create an object, and return it as the API server stores it, or would without `dry_run`.

        With `strict`, as kubectl does it, a field nobody knows is refused.
        """
        unnamed = {**resource, "metadata": {**resource["metadata"], "name": ""}}
        flags = [*(["fieldValidation=Strict"] if strict else []), *(["dryRun=All"] if dry_run else [])]
        return self.request("POST", f"{path_of(unnamed)}?{'&'.join(flags)}", resource)

    def get(self, resource: Mapping[str, Any]) -> Resource:
        """Return the object of the same kind, namespace and name as it is now."""
        metadata = resource["metadata"]
        return dict(self._client.get(kind_of(resource), metadata.get("namespace"), metadata["name"]))

    def find(self, resource: Mapping[str, Any]) -> Resource | None:
        """Return the object of the same kind, namespace and name as it is now; None if there is none."""
        try:
            return self.get(resource)
        except NotFoundError:
            return None

    def list(self, api: str, kind: str, namespace: str = "") -> list[Resource]:
        """Return all objects of a kind ("batch/v1", "Job"), in one namespace or everywhere."""
        found = self._client.list(Kind(api, kind, plural(kind)), namespace or None)
        return [dict(item) for item in found.objects]

    def version(self, api: str, kind: str, namespace: str) -> str:
        """Return the resource version at which a kind is now, for `added_since`."""
        return self._client.list(Kind(api, kind, plural(kind)), namespace).version

    def added_since(self, version: str, api: str, kind: str, namespace: str) -> set[str]:
        """Return the uids of all objects of a kind that were created since, of those too that are gone again."""
        events = self._client.watch(Kind(api, kind, plural(kind)), version, 1, namespace)
        return {event.object["metadata"]["uid"] for event in events if event.type == "ADDED"}

    def replace(self, resource: Mapping[str, Any]) -> Resource:
        """Put an object in the place of what is there."""
        return self.request("PUT", path_of(resource), resource)

    def merge(self, resource: Mapping[str, Any], change: Mapping[str, Any], part: str = "") -> Resource:
        """Merge a change into an object, or into its "status"."""
        return self.request("PATCH", path_of(resource, part), change, "application/merge-patch+json")

    def set_status(self, resource: Mapping[str, Any], status: Mapping[str, Any]) -> Resource:
        """Merge `status` into an object's status, as the controller that it belongs to would."""
        return self.merge(resource, {"status": status}, "status")

    def delete(self, resource: Mapping[str, Any], propagation: str = "Background") -> Resource:
        """Delete an object."""
        return self.request("DELETE", path_of(resource), {"propagationPolicy": propagation})


def kind_of(resource: Mapping[str, Any]) -> Kind:
    """Return the kind of an object; one without a namespace is taken to be of a kind that has none."""
    is_namespaced = bool(resource["metadata"].get("namespace"))
    return Kind(resource["apiVersion"], resource["kind"], plural(resource["kind"]), is_namespaced)


def path_of(resource: Mapping[str, Any], part: str = "") -> str:
    """Return where an object, or a part of it, is at the API server; without a name, where its kind is."""
    metadata = resource["metadata"]
    path = kind_of(resource).path(metadata.get("namespace") or None, metadata.get("name") or None)
    return "/".join(["", path, *([part] if part else [])])


def plural(kind: str) -> str:
    """Return a kind as it stands in a path."""
    name = kind.lower()
    return f"{name}es" if name.endswith("s") else f"{name}s"
