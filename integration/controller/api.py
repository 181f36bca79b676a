"""A test's own door to the API server: small, typed, and loud where something is refused."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any

import urllib3

SECONDS = 30.0

Resource = dict[str, Any]
"""An object as the API server has it, in JSON."""


class RefusedError(Exception):
    """The API server said no."""

    def __init__(self, status: int, answer: Resource) -> None:
        super().__init__(answer.get("message", ""))
        self.status = status
        self.reason = answer.get("reason", "")


class Api:
    """The API server as one user sees it. Raises RefusedError wherever that user is told no."""

    def __init__(self, server: str, token: str, authority: Path) -> None:
        self._server = server
        self._token = token
        self._connections = urllib3.PoolManager(
            timeout=SECONDS, retries=False, cert_reqs="CERT_REQUIRED", ca_certs=str(authority)
        )

    def close(self) -> None:
        """End all connections."""
        self._connections.clear()

    def ask(self, method: str, path: str, body: object = None, kind: str = "application/json") -> Resource:
        """Send one request to `path` ("/api/v1/…"), and return the answer."""
        answer = self._connections.request(
            method,
            self._server + path,
            body=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self._token}", "Content-Type": kind, "Accept": "application/json"},
        )
        found: Resource = json.loads(answer.data)
        if answer.status >= HTTPStatus.BAD_REQUEST:
            raise RefusedError(answer.status, found)
        return found

    def healthy(self) -> bool:
        """Say whether the API server is ready to serve."""
        try:
            answer = self._connections.request(
                "GET", f"{self._server}/readyz", headers={"Authorization": f"Bearer {self._token}"}
            )
        except urllib3.exceptions.HTTPError:
            return False
        return answer.status == HTTPStatus.OK

    def create(self, resource: Mapping[str, Any], *, strict: bool = True, kept: bool = True) -> Resource:
        """Create an object, and return it as it is kept, or would be if it is not to be `kept`.

        With `strict`, as kubectl does it, a field nobody knows is refused.
        """
        unnamed = {**resource, "metadata": {**resource["metadata"], "name": ""}}
        flags = [*(["fieldValidation=Strict"] if strict else []), *([] if kept else ["dryRun=All"])]
        return self.ask("POST", f"{path_of(unnamed)}?{'&'.join(flags)}", resource)

    def get(self, resource: Mapping[str, Any]) -> Resource:
        """Return the object of the same kind, namespace and name as it is now."""
        return self.ask("GET", path_of(resource))

    def find(self, resource: Mapping[str, Any]) -> Resource | None:
        """Return the object of the same kind, namespace and name as it is now; None where there is none."""
        try:
            return self.get(resource)
        except RefusedError as refused:
            if refused.status == HTTPStatus.NOT_FOUND:
                return None
            raise

    def list(self, api: str, kind: str, namespace: str = "") -> list[Resource]:
        """Return all objects of a kind ("batch/v1", "Job"), in one namespace or everywhere."""
        items: list[Resource] = self.ask("GET", place_of(api, kind, namespace))["items"]
        return items

    def version(self, api: str, kind: str, namespace: str) -> str:
        """Return the resource version at which a kind is now, for `added_since`."""
        return str(self.ask("GET", place_of(api, kind, namespace))["metadata"]["resourceVersion"])

    def added_since(self, version: str, api: str, kind: str, namespace: str) -> set[str]:
        """Return the uids of all objects of a kind that were made since, of those too that are gone again."""
        place = place_of(api, kind, namespace)
        answer = self._connections.request(
            "GET",
            f"{self._server}{place}?watch=true&resourceVersion={version}&timeoutSeconds=1",
            headers={"Authorization": f"Bearer {self._token}"},
        )
        events = [json.loads(line) for line in answer.data.splitlines()]
        if refused := [event["object"] for event in events if event["type"] == "ERROR"]:
            raise RefusedError(refused[0].get("code", 0), refused[0])
        return {event["object"]["metadata"]["uid"] for event in events if event["type"] == "ADDED"}

    def replace(self, resource: Mapping[str, Any]) -> Resource:
        """Put an object in the place of what is there."""
        return self.ask("PUT", path_of(resource), resource)

    def merge(self, resource: Mapping[str, Any], change: Mapping[str, Any], part: str = "") -> Resource:
        """Merge a change into an object, or into its "status"."""
        return self.ask("PATCH", path_of(resource, part), change, "application/merge-patch+json")

    def set_status(self, resource: Mapping[str, Any], status: Mapping[str, Any]) -> Resource:
        """Merge `status` into an object's status, as the controller that it belongs to would."""
        return self.merge(resource, {"status": status}, "status")

    def delete(self, resource: Mapping[str, Any], propagation: str = "Background") -> Resource:
        """Delete an object."""
        return self.ask("DELETE", path_of(resource), {"propagationPolicy": propagation})


def path_of(resource: Mapping[str, Any], part: str = "") -> str:
    """Return where an object is at the API server; without a name, where its kind is."""
    version, kind, metadata = resource["apiVersion"], resource["kind"], resource["metadata"]
    place = f"/api/{version}" if "/" not in version else f"/apis/{version}"
    if metadata.get("namespace"):
        place += f"/namespaces/{metadata['namespace']}"
    place += f"/{plural(kind)}"
    return "/".join(filter(None, [place, metadata.get("name"), part])) if metadata.get("name") else place


def place_of(api: str, kind: str, namespace: str) -> str:
    """Return where all objects of a kind are at the API server, in one namespace or (empty) everywhere."""
    return path_of({"apiVersion": api, "kind": kind, "metadata": {"namespace": namespace}})


def plural(kind: str) -> str:
    """Return a kind as it stands in a path."""
    name = kind.lower()
    return f"{name}es" if name.endswith("s") else f"{name}s"
