"""The settings of the mover that a resource decides on (docs/settings.md); the Secret has all the others."""

from mover.controller.api.resource_kind import is_source
from mover.controller.api.spec import BackupRequest, RestoreRequest, Spec
from mover.controller.api.status import StatusEditor
from mover.controller.kube.kinds import KubernetesObject
from mover.platform.clock import write_time

DATA = "/data"
CACHE = "/cache"
CUSTOM_CA = "/customCA/ca.crt"


def operations(resource: KubernetesObject, spec: Spec, status: StatusEditor) -> list[str]:
    """Return the operations that the mover runs. Never ``prune``: the mover knows itself when that is due."""
    if not is_source(resource):
        return ["restore"]
    unlock = spec.backup.unlock and spec.backup.unlock != status.last_unlocked
    return ["unlock", "backup"] if unlock else ["backup"]


def settings(resource: KubernetesObject, spec: Spec, status: StatusEditor) -> dict[str, str]:
    """Return the mover's environment, beside what the Secret holds; these win over it."""
    values = {"DATA_DIR": DATA, "RESTIC_CACHE_DIR": CACHE}
    values |= _backup(spec.backup, status) if is_source(resource) else _restore(spec.restore)
    return values | ({"CUSTOM_CA": CUSTOM_CA} if spec.pod.custom_ca else {})


def _backup(request: BackupRequest, status: StatusEditor) -> dict[str, str]:
    values = {f"RETAIN_{name.upper()}": value for name, value in request.retain.items()}
    values["PRUNE_INTERVAL_DAYS"] = str(request.prune_interval_days)
    if status.last_pruned:
        values["LAST_PRUNED"] = write_time(status.last_pruned)
    if request.check_interval_days is not None:
        values["CHECK_INTERVAL_DAYS"] = str(request.check_interval_days)
    if request.excludes:
        values["BACKUP_EXCLUDE"] = "\n".join(request.excludes)
    if request.tags:
        values["BACKUP_TAGS"] = "\n".join(request.tags)
    return values | ({"SKIP_IF_UNCHANGED": "true"} if request.skip_if_unchanged else {})


def _restore(request: RestoreRequest) -> dict[str, str]:
    values = {"RESTORE_MISSING": "continue" if request.continue_if_missing else "fail"}
    if request.as_of:
        values["RESTORE_AS_OF"] = request.as_of
    if request.previous:
        values["SELECT_PREVIOUS"] = str(request.previous)
    return values | ({"RESTORE_OPTIONS": "--delete"} if request.delete_extra else {})
