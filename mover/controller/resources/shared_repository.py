"""Sources of a namespace that use the same Secret: their snapshots would mix in one repository.

Only the oldest of them may start; Secrets themselves are never read, so equal repositories behind two are not seen.
"""

from mover.controller.api.conditions import Reason
from mover.controller.api.resource_kind import is_source
from mover.controller.kube.kinds import KubernetesObject
from mover.controller.resources.observed import Observed
from mover.controller.resources.readiness import Blocked


def find_shared_repository(observed: Observed, repository: str) -> Blocked | None:
    """Return what blocks a source: an older one that uses the same Secret."""
    if not is_source(observed.resource) or not repository:
        return None
    own_age = _age(observed.resource)
    ages = [_age(source) for source in observed.sources if _repository(source) == repository]
    older = [age for age in ages if age < own_age]
    if not older:
        return None
    _, name = min(older)
    problem = "snapshots of both would mix, and retention would count them together"
    message = f"ReplicationSource {name} also uses Secret {repository}: {problem}; give each its own repository path"
    return Blocked(Reason.REPOSITORY_SHARED, message)


def _repository(source: KubernetesObject) -> str | None:
    spec = source.get("spec")
    restic = spec.get("restic") if isinstance(spec, dict) else None
    is_deleted = source["metadata"].get("deletionTimestamp")
    return restic.get("repository") if isinstance(restic, dict) and not is_deleted else None


def _age(source: KubernetesObject) -> tuple[str, str]:
    return str(source["metadata"].get("creationTimestamp") or ""), str(source["metadata"]["name"])
