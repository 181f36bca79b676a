"""The settings of the mover that a resource decides on (docs/settings.md); the Secret has all the others."""

from mover.controller.api.spec import BackupRequest, RestoreRequest, Spec
from mover.controller.api.status import StatusEditor
from mover.controller.kube.kinds import KubernetesObject
from mover.controller.resources.names import is_source
from mover.platform.clock import write_time

DATA = "/data"
CACHE = "/cache"
CUSTOM_CA = "/customCA/ca.crt"


def operations(resource: KubernetesObject, spec: Spec, status: StatusEditor) -> list[str]:
    """Return what the mover is asked to do. Never ``prune``: it knows itself when that is due."""
    if not is_source(resource):
        return ["restore"]
    unlock = spec.backup.unlock and spec.backup.unlock != status.last_unlocked
    return ["unlock", "backup"] if unlock else ["backup"]


def settings(resource: KubernetesObject, spec: Spec, status: StatusEditor) -> dict[str, str]:
    """Return the mover's environment, beside what the Secret holds and over it."""
    made = {"DATA_DIR": DATA, "RESTIC_CACHE_DIR": CACHE}
    made |= _backup(spec.backup, status) if is_source(resource) else _restore(spec.restore)
    return made | ({"CUSTOM_CA": CUSTOM_CA} if spec.pod.custom_ca else {})


def _backup(wish: BackupRequest, status: StatusEditor) -> dict[str, str]:
    made = {f"RETAIN_{name.upper()}": value for name, value in wish.retain.items()}
    made["PRUNE_INTERVAL_DAYS"] = str(wish.prune_interval_days)
    if status.last_pruned:
        made["LAST_PRUNED"] = write_time(status.last_pruned)
    if wish.check_interval_days is not None:
        made["CHECK_INTERVAL_DAYS"] = str(wish.check_interval_days)
    if wish.excludes:
        made["BACKUP_EXCLUDE"] = "\n".join(wish.excludes)
    if wish.tags:
        made["BACKUP_TAGS"] = "\n".join(wish.tags)
    return made | ({"SKIP_IF_UNCHANGED": "true"} if wish.skip_if_unchanged else {})


def _restore(wish: RestoreRequest) -> dict[str, str]:
    made = {"RESTORE_MISSING": "continue" if wish.go_on_without_snapshot else "fail"}
    if wish.as_of:
        made["RESTORE_AS_OF"] = wish.as_of
    if wish.previous:
        made["SELECT_PREVIOUS"] = str(wish.previous)
    return made | ({"RESTORE_OPTIONS": "--delete"} if wish.delete_extra else {})
