"""The Job of an attempt: decided as a whole when it is created, and never changed."""

from typing import Any

from mover.controller.api.resource_kind import GROUP, is_source
from mover.controller.api.spec import CustomCA, Spec
from mover.controller.api.status import Attempt, StatusEditor
from mover.controller.kube.kinds import JOB
from mover.controller.kube.writes import Create
from mover.controller.resources import job_environment, pod_security
from mover.controller.resources.claims import is_read_only
from mover.controller.resources.data_claim import data_claim_name
from mover.controller.resources.names import name_for
from mover.controller.resources.observed import Observed
from mover.controller.resources.ownership import labels, metadata
from mover.controller.resources.placement import placement

CONTAINER = "mover"
TERMINATION_GRACE_SECONDS = 90
"""restic takes up to a minute to remove its lock when it is stopped."""

UNLOCK = f"{GROUP}/unlock"
"""Annotation of the Job: the value of ``unlock`` that it carries out."""


def build_job(observed: Observed, spec: Spec, status: StatusEditor, attempt: Attempt, image: str) -> Create:
    """Return the Job that moves the data."""
    resource = observed.resource
    job_metadata = metadata(resource, name_for(resource), attempt.id)
    operations = job_environment.operations(resource, spec, status)
    if "unlock" in operations:
        job_metadata["annotations"] = {**job_metadata.get("annotations", {}), UNLOCK: spec.backup.unlock}
    spec_of_job = {
        # Only the controller retries: it knows which failures are worth it, and when.
        "backoffLimit": 0,
        "podFailurePolicy": {
            "rules": [
                {"action": "Ignore", "onPodConditions": [{"type": "DisruptionTarget", "status": "True"}]},
            ]
        },
        "podReplacementPolicy": "Failed",
        "template": {
            "metadata": {"labels": {**spec.pod.labels, **labels(resource)}},
            "spec": _pod(observed, spec, operations, job_environment.settings(resource, spec, status), image),
        },
    }
    return Create(JOB, {"metadata": job_metadata, "spec": spec_of_job})


def _pod(observed: Observed, spec: Spec, operations: list[str], settings: dict[str, str], image: str) -> dict[str, Any]:
    volumes = _volumes(observed, spec)
    container = {
        **_container(observed, spec, image),
        "args": operations,
        "env": [{"name": name, "value": _literal(value)} for name, value in settings.items()],
        "volumeMounts": [mount for _, mount in volumes],
    }
    return {
        "restartPolicy": "Never",
        "automountServiceAccountToken": False,
        # A Service called restic would put RESTIC_PORT and more into the environment.
        "enableServiceLinks": False,
        "terminationGracePeriodSeconds": TERMINATION_GRACE_SECONDS,
        "securityContext": pod_security.pod_context(spec.pod, observed.namespace),
        "containers": [container],
        "volumes": [volume for volume, _ in volumes],
        **placement(observed, spec),
        **({"serviceAccountName": spec.pod.service_account} if spec.pod.service_account else {}),
    }


def _container(observed: Observed, spec: Spec, image: str) -> dict[str, Any]:
    """Return the part of the container that is the same for every operation."""
    return {
        "name": CONTAINER,
        "image": image,
        "command": ["mover"],
        "envFrom": [{"secretRef": {"name": spec.repository}}],
        "resources": dict(spec.pod.resources or {}),
        "securityContext": pod_security.container_context(observed.namespace),
        "terminationMessagePath": "/dev/termination-log",
        "terminationMessagePolicy": "File",
    }


def _literal(value: str) -> str:
    """Write a value so that Kubernetes replaces nothing in it (Kubernetes API, EnvVar.value)."""
    return value.replace("$", "$$")


def _volumes(observed: Observed, spec: Spec) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Return volumes of the pod, each with its mount."""
    source = is_source(observed.resource)
    name = data_claim_name(observed, spec)
    read_only = source and is_read_only(observed.claim(name))
    data = {"claimName": name, **({"readOnly": True} if read_only else {})}
    volumes = [
        _volume(
            "data", {"persistentVolumeClaim": data}, job_environment.DATA, **({"readOnly": True} if source else {})
        ),
        _volume(
            "cache",
            {"persistentVolumeClaim": {"claimName": name_for(observed.resource, "-cache")}},
            job_environment.CACHE,
        ),
        _volume("tmp", {"emptyDir": {"medium": "Memory", "sizeLimit": "16Mi"}}, "/tmp"),  # noqa: S108  in the pod
    ]
    if spec.pod.custom_ca:
        volumes.append(_volume("custom-ca", _ca_volume(spec.pod.custom_ca), "/customCA", readOnly=True))
    volumes += [
        _volume(f"extra-{number}", dict(volume.source), f"/mnt/{volume.path}")
        for number, volume in enumerate(spec.pod.volumes)
    ]
    return volumes


def _volume(name: str, source: dict[str, Any], path: str, **options: bool) -> tuple[dict[str, Any], dict[str, Any]]:
    return {"name": name, **source}, {"name": name, "mountPath": path, **options}


def _ca_volume(ca: CustomCA) -> dict[str, Any]:
    items = [{"key": ca.key, "path": "ca.crt"}]
    if ca.secret:
        return {"secret": {"secretName": ca.secret, "items": items}}
    return {"configMap": {"name": ca.config_map, "items": items}}
