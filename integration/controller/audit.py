"""What the API server was asked, and by whom: its audit log."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

POLICY = """\
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
  - level: Metadata
"""


@dataclass(frozen=True)
class Request:
    """One request that has ended, or a watch that goes on."""

    id: str
    user: str
    verb: str
    """As RBAC knows it: get, list, watch, create, update, patch, delete, deletecollection."""
    resource: str
    """With the subresource, if any: "jobs", "replicationsources/status"; empty for what is no resource."""
    namespace: str
    name: str
    code: int
    uri: str


class AuditLog:
    """The audit log of one API server, read when a test asks."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def mark(self) -> int:
        """Return where the log ends now, for `since`."""
        return self._file.stat().st_size if self._file.exists() else 0

    def since(self, mark: int, user: str) -> list[Request]:
        """Return what a user asked since `mark`; a watch that is both opened and ended is one request."""
        with self._file.open("rb") as file:
            file.seek(mark)
            whole = file.read().rpartition(b"\n")[0]
        found = {request.id: request for request in map(_request, map(json.loads, whole.splitlines()))}
        return [request for request in found.values() if request.user == user]


def _request(event: dict[str, Any]) -> Request:
    about = event.get("objectRef", {})
    return Request(
        id=event["auditID"],
        user=event["user"].get("username", ""),
        verb=event["verb"],
        resource="/".join(filter(None, [about.get("resource"), about.get("subresource")])),
        namespace=about.get("namespace", ""),
        name=about.get("name", ""),
        code=event.get("responseStatus", {}).get("code", 0),
        uri=event["requestURI"],
    )
