"""Kubernetes API client: plain JSON, typed errors, bounded retries. No other module sends requests.

Lightkube reads the credentials (kubeconfig, service account, exec plug-ins) and makes the HTTP client. Its own
requests are not used: they know no preconditions for a delete, and its watch never recovers from a 410.
"""

import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import tenacity
from lightkube.config import client_adapter
from lightkube.config.kubeconfig import KubeConfig
from lightkube.core.exceptions import ConfigError

from mover.controller import retry_delays
from mover.controller.kube.api_errors import CredentialsError, UnavailableError, error_of
from mover.controller.kube.kinds import Kind, KubernetesObject

log = logging.getLogger(__name__)

PAGE_SIZE = 500
"""Objects that a list request asks for; more of them come in pages."""

SILENCE_SECONDS = 150
"""How long a watch may be silent. The API server sends a bookmark every minute, so two were lost."""

TIMEOUT = httpx2.Timeout(30, connect=5)

MERGE_PATCH = "application/merge-patch+json"
FIELD_MANAGER = "restic-mover"


@dataclass(frozen=True)
class ObjectList:
    """All objects of a kind, as they were at ``version``."""

    version: str
    objects: list[KubernetesObject]


@dataclass(frozen=True)
class WatchEvent:
    """``ADDED``, ``MODIFIED``, ``DELETED`` or ``BOOKMARK``, and the object; a bookmark's has nothing but a version."""

    type: str
    object: KubernetesObject


class Api:
    """Requests to one API server; safe to use from several threads.

    Every method raises ApiError: UnavailableError if a retry may help, else what the API server refused.
    """

    def __init__(self, client: httpx2.Client) -> None:
        self._client = client

    def close(self) -> None:
        """End all connections; a watch that is still open fails."""
        self._client.close()

    def list(self, kind: Kind, namespace: str | None = None) -> ObjectList:
        """Return all objects of a kind, in one namespace or everywhere."""
        query = {"limit": str(PAGE_SIZE)}
        objects: list[KubernetesObject] = []
        while True:
            page = self._request("GET", kind.path(namespace), query=query)
            # Items of a list carry no kind of their own, except those of custom resources.
            objects += ({"apiVersion": kind.api_version, "kind": kind.name, **item} for item in page["items"])
            if not page["metadata"].get("continue"):
                return ObjectList(page["metadata"]["resourceVersion"], objects)
            query["continue"] = page["metadata"]["continue"]

    def watch(self, kind: Kind, version: str, seconds: float, namespace: str | None = None) -> Iterator[WatchEvent]:
        """Yield what changes after ``version``; ends after ``seconds``, or when the API server closes it."""
        query = {"watch": "true", "allowWatchBookmarks": "true", "resourceVersion": version}
        query |= {"timeoutSeconds": str(int(seconds))}
        timeout = httpx2.Timeout(TIMEOUT.connect, read=SILENCE_SECONDS)
        with (
            _typed_errors(),
            self._client.stream("GET", kind.path(namespace), params=query, timeout=timeout) as response,
        ):
            _raise_for_status(response)
            for line in response.iter_lines():
                yield _watch_event(line)

    def get(self, kind: Kind, namespace: str | None, name: str) -> KubernetesObject:
        """Return one object as it is now."""
        return self._request("GET", kind.path(namespace, name))

    def create(self, kind: Kind, body: KubernetesObject) -> KubernetesObject:
        """Create an object and return it as it was stored."""
        body = {"apiVersion": kind.api_version, "kind": kind.name, **body}
        return self._request("POST", kind.path(body["metadata"].get("namespace")), body=body)

    def patch(
        self, kind: Kind, namespace: str | None, name: str, body: KubernetesObject, subresource: str | None = None
    ) -> KubernetesObject:
        """Merge ``body`` into an object, or its subresource such as ``status``, and return it as it was stored.

        A ``metadata.uid`` or ``metadata.resourceVersion`` in the body is a precondition.
        """
        path = "/".join([kind.path(namespace, name), *([subresource] if subresource else [])])
        return self._request("PATCH", path, body=body, content_type=MERGE_PATCH)

    def delete(self, kind: Kind, namespace: str | None, name: str, uid: str) -> KubernetesObject:
        """Delete an object, if it is still the one with this uid, and in the background what it owns.

        Returns what is left of it while finalizers hold it, else a ``Status``.
        """
        body = {
            "apiVersion": "v1",
            "kind": "DeleteOptions",
            "preconditions": {"uid": uid},
            "propagationPolicy": "Background",
        }
        return self._request("DELETE", kind.path(namespace, name), body=body)

    def _request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: KubernetesObject | None = None,
        content_type: str = "application/json",
    ) -> dict[str, Any]:
        """Send a request, a few times if the API server is out of reach, and return the answer."""
        query = {**(query or {}), **({"fieldManager": FIELD_MANAGER} if method in {"POST", "PATCH"} else {})}
        content = None if body is None else json.dumps(body).encode()
        for attempt in tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(UnavailableError),
            stop=tenacity.stop_after_attempt(retry_delays.REQUEST_ATTEMPTS),
            wait=_wait,
            reraise=True,
        ):
            with attempt, _typed_errors():
                response = self._client.request(
                    method, path, params=query, content=content, headers={"Content-Type": content_type}, timeout=TIMEOUT
                )
                _raise_for_status(response)
        answer: dict[str, Any] = response.json()
        return answer


def connect(kubeconfig: Path | None, context: str | None = None) -> Api:
    """Return the API that a kubeconfig names, else the cluster this pod runs in, else what kubectl would use.

    Raises:
        CredentialsError: there are none, or they can't be read.
    """
    try:
        config = (KubeConfig.from_file(kubeconfig) if kubeconfig else KubeConfig.from_env()).get(context)
        client = client_adapter.Client(config, client_adapter.ConnectionParams(timeout=TIMEOUT)) if config else None
    except Exception as error:  # whatever is wrong with a file that people write
        raise CredentialsError(f"No usable credentials for the Kubernetes API: {error}") from error
    if client is None:
        raise CredentialsError("The kubeconfig has no current context; choose one with --context")
    return Api(client)


def _watch_event(line: str) -> WatchEvent:
    try:
        event = json.loads(line)
    except ValueError as error:
        raise UnavailableError("Watch interrupted in the middle of an event") from error
    if event["type"] == "ERROR":
        raise error_of(event["object"].get("code", 500), event["object"])
    return WatchEvent(event["type"], event["object"])


def _wait(state: tenacity.RetryCallState) -> float:
    """Return the seconds before the next attempt: what the API server asks for (limited), else longer each time."""
    error = state.outcome.exception() if state.outcome else None
    requested = error.retry_after if isinstance(error, UnavailableError) else None
    if requested is not None:
        return min(requested, retry_delays.REQUEST.longest_seconds)
    return retry_delays.REQUEST.between(0.0, state.attempt_number - 1)


@contextmanager
def _typed_errors() -> Iterator[None]:
    try:
        yield
    except httpx2.HTTPError as error:
        raise UnavailableError(f"Kubernetes API unreachable: {error or type(error).__name__}") from error
    except ConfigError as error:
        raise UnavailableError(f"Credentials for the Kubernetes API unavailable: {error}") from error


def _raise_for_status(response: httpx2.Response) -> None:
    if response.is_success:
        return
    response.read()
    try:
        status = response.json()
    except ValueError:
        status = {"message": response.text[:300].strip()}
    error = error_of(response.status_code, status if isinstance(status, dict) else {})
    after = response.headers.get("Retry-After", "")
    if isinstance(error, UnavailableError) and after.isdecimal():
        error.retry_after = float(after)
    raise error
