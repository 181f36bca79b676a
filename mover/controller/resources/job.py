"""The Job of an attempt: decided as a whole when it is made, and never changed."""

from typing import Any

from mover.controller.api.spec import CustomCA, Spec
from mover.controller.api.status import Attempt, StatusEditor
from mover.controller.kube.kinds import JOB
from mover.controller.reconcile.decision import Create
from mover.controller.resources import job_environment, pod_security
from mover.controller.resources.names import GROUP, is_source, labels, metadata, name_for
from mover.controller.resources.observed import Observed
from mover.controller.resources.placement import placement
from mover.controller.resources.volumes import data_claim, is_read_only

CONTAINER = "mover"
GRACE_SECONDS = 90
"""restic takes up to a minute to remove its lock when it is stopped."""

UNLOCK = f"{GROUP}/unlock"
"""On the Job: the value of ``unlock`` that it carries out."""


def make_job(observed: Observed, spec: Spec, status: StatusEditor, attempt: Attempt, image: str) -> Create:
    """Return the Job that moves the data."""
    resource = observed.resource
    described = metadata(resource, name_for(resource), attempt.id)
    asked = job_environment.operations(resource, spec, status)
    if "unlock" in asked:
        described["annotations"] = {**described.get("annotations", {}), UNLOCK: spec.backup.unlock}
    spec_of_job = {
        # Only the controller tries again: it knows what is worth it, and when.
        "backoffLimit": 0,
        "podFailurePolicy": {
            "rules": [
                {"action": "Ignore", "onPodConditions": [{"type": "DisruptionTarget", "status": "True"}]},
            ]
        },
        "podReplacementPolicy": "Failed",
        "template": {
            "metadata": {"labels": {**spec.pod.labels, **labels(resource)}},
            "spec": _pod(observed, spec, asked, job_environment.settings(resource, spec, status), image),
        },
    }
    return Create(JOB, {"metadata": described, "spec": spec_of_job})


def _pod(observed: Observed, spec: Spec, asked: list[str], settings: dict[str, str], image: str) -> dict[str, Any]:
    mounted = _volumes(observed, spec)
    wished = None if spec.pod.security_context is None else dict(spec.pod.security_context)
    container = {
        "name": CONTAINER,
        "image": image,
        "command": ["mover"],
        "args": asked,
        "envFrom": [{"secretRef": {"name": spec.repository}}],
        "env": [{"name": name, "value": _literal(value)} for name, value in settings.items()],
        "resources": dict(spec.pod.resources or {}),
        "securityContext": pod_security.container_context(observed.namespace),
        "terminationMessagePath": "/dev/termination-log",
        "terminationMessagePolicy": "File",
        "volumeMounts": [mount for _, mount in mounted],
    }
    pod = {
        "restartPolicy": "Never",
        "automountServiceAccountToken": False,
        # A Service called restic would put RESTIC_PORT and more into the job_environment.
        "enableServiceLinks": False,
        "terminationGracePeriodSeconds": GRACE_SECONDS,
        "securityContext": pod_security.pod_context(wished, observed.namespace),
        "containers": [container],
        "volumes": [volume for volume, _ in mounted],
        **placement(observed, spec),
        **({"serviceAccountName": spec.pod.service_account} if spec.pod.service_account else {}),
    }
    pod_security.check(pod, observed.namespace)
    return pod


def _literal(value: str) -> str:
    """Write a value so that Kubernetes replaces nothing in it (Kubernetes API, EnvVar.value)."""
    return value.replace("$", "$$")


def _volumes(observed: Observed, spec: Spec) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Return volumes of the pod, each with its mount."""
    source = is_source(observed.resource)
    read_only = source and is_read_only(observed.claim(data_claim(observed, spec)))
    data = {"claimName": data_claim(observed, spec), **({"readOnly": True} if read_only else {})}
    made = [
        _volume(
            "data", {"persistentVolumeClaim": data}, job_environment.DATA, **({"readOnly": True} if source else {})
        ),
        _volume(
            "cache",
            {"persistentVolumeClaim": {"claimName": name_for(observed.resource, "-cache")}},
            job_environment.CACHE,
        ),
        _volume("tmp", {"emptyDir": {"medium": "Memory", "sizeLimit": "16Mi"}}, "/tmp"),  # noqa: S108  of the pod
    ]
    if spec.pod.custom_ca:
        made.append(_volume("custom-ca", _bundle(spec.pod.custom_ca), "/customCA", readOnly=True))
    made += [
        _volume(f"extra-{number}", dict(volume.source), f"/mnt/{volume.path}")
        for number, volume in enumerate(spec.pod.volumes)
    ]
    return made


def _volume(name: str, source: dict[str, Any], path: str, **options: bool) -> tuple[dict[str, Any], dict[str, Any]]:
    return {"name": name, **source}, {"name": name, "mountPath": path, **options}


def _bundle(ca: CustomCA) -> dict[str, Any]:
    items = [{"key": ca.key, "path": "ca.crt"}]
    if ca.secret:
        return {"secret": {"secretName": ca.secret, "items": items}}
    return {"configMap": {"name": ca.config_map, "items": items}}
