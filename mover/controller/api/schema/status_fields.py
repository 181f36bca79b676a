"""``status`` of both resources. Only the controller writes it, so that it is bounded by its types alone.

`mover.controller.api.status` reads and writes it; a test checks that the schema keeps all of that.
"""

from mover.controller.api.schema.openapi import INT64, STRING, TIME, Schema, boolean, described, enum, record


def _text(description: str) -> Schema:
    return described(description, STRING)


def _time(description: str) -> Schema:
    return described(description, TIME)


def _count(description: str) -> Schema:
    return described(description, {**INT64, "minimum": 0})


def _integer(description: str) -> Schema:
    return described(description, INT64)


def _object(description: str, properties: Schema) -> Schema:
    return described(description, record(properties))


SYNC_TIMES: Schema = {
    "lastSyncTime": _time("Time when the last successful sync ended."),
    "lastSyncStartTime": _time(
        "Time when the running sync started, with its first attempt. Empty while none is running."
    ),
    "lastSyncDuration": _text("Duration of the last successful sync, all attempts included, such as 1m2s."),
    "nextSyncTime": {**_time("Time when the schedule starts the next sync."), "nullable": True},
    "lastManualSync": _text("Value of spec.trigger.manual that started the last successful sync."),
}
LATEST_IMAGE = _object(
    "Object that holds the data of the last successful restore.",
    {
        "apiGroup": _text("API group of the object: snapshot.storage.k8s.io, or empty for a PersistentVolumeClaim."),
        "kind": _text("Kind of the object: VolumeSnapshot or PersistentVolumeClaim."),
        "name": _text("Name of the object."),
    },
)
LATEST_MOVER_STATUS = _object(
    "Result of the last run of the mover.",
    {
        "result": described("Whether the run succeeded.", enum("Successful", "Failed")),
        "logs": _text("Message and warnings of the run."),
    },
)
LAST_SNAPSHOT = _object(
    "Snapshot that was saved last.",
    {
        "id": _text("ID of the snapshot."),
        "time": _text("Time of the snapshot."),
        "files": _count("Number of files in the snapshot."),
        "bytes": _count("Total size of the files in bytes."),
        "new": _count("Number of files that are not in the previous snapshot."),
        "changed": _count("Number of files that changed since the previous snapshot."),
        "added": _count("Bytes of data added to the repository, before compression."),
        "complete": boolean("False if some files could not be read."),
    },
)
LAST_RESTORED = _object(
    "Snapshot that was restored last.",
    {
        "id": _text("ID of the snapshot."),
        "time": _text("Time of the snapshot."),
        "files": _count("Number of files, directories and other entries in place."),
        "bytes": _count("Total size of the files in bytes."),
        "found": _count("Number of entries at the root of the volume before the restore."),
        "complete": boolean("False while the volume is only partly restored."),
    },
)
REPOSITORY = _object(
    "State of the repository.",
    {
        "lastPruned": _time("Time when prune last succeeded."),
        "lastChecked": _time("Time when check last succeeded."),
        "lastUnlocked": _text("Value of spec.restic.unlock for which stale locks were last removed."),
    },
)
ATTEMPT = _object(
    "Running attempt of the sync. Each attempt has a Job of its own.",
    {
        "id": _text("Value of the annotation scribe.backube/attempt of the attempt's Job and temporary volumes."),
        "startTime": _time("Time when the attempt started."),
        "manual": _text("Value of spec.trigger.manual that started the attempt."),
        "generation": _integer("Value of metadata.generation when the attempt started."),
        "disruptedPods": described(
            "UIDs of the attempt's pods that were evicted or lost their node. The attempt fails after three.",
            {"type": "array", "items": STRING},
        ),
    },
)
FAILURE = _object(
    "Failures since the last successful sync.",
    {
        "count": _integer("Number of attempts that failed in a row."),
        "generation": _integer("Value of metadata.generation when the last failed attempt started."),
        "reason": _text("Reason of the last failure, in one word."),
        "message": _text("Message of the last failure."),
        "retryTime": _time("Time of the next attempt, unless the spec changes before."),
    },
)
CONDITION = record(
    {
        "type": described("Type of the condition.", {**STRING, "maxLength": 316}),
        "status": described("Status of the condition.", enum("True", "False", "Unknown")),
        "reason": described("Reason of the condition, in one word.", {**STRING, "minLength": 1, "maxLength": 1024}),
        "message": described("Details of the condition.", {**STRING, "maxLength": 32768}),
        "lastTransitionTime": _time("Time when the status of the condition last changed."),
        "observedGeneration": _integer("Value of metadata.generation that the condition is about."),
    },
    required=("type", "status", "reason", "message", "lastTransitionTime"),
)
CONDITIONS: Schema = {
    "description": "Current conditions, one for each type; docs/controller/conditions.md explains all of them.",
    "type": "array",
    "x-kubernetes-list-type": "map",
    "x-kubernetes-list-map-keys": ["type"],
    "items": CONDITION,
}

SYNC_STATE: Schema = {"attempt": ATTEMPT, "failure": FAILURE, "conditions": CONDITIONS}

DESCRIPTION = "State that the controller last observed."
SOURCE_STATUS = _object(
    DESCRIPTION,
    {
        **SYNC_TIMES,
        "latestMoverStatus": LATEST_MOVER_STATUS,
        "lastSnapshot": LAST_SNAPSHOT,
        "restic": REPOSITORY,
        **SYNC_STATE,
    },
)
DESTINATION_STATUS = _object(
    DESCRIPTION,
    {
        **SYNC_TIMES,
        "latestImage": LATEST_IMAGE,
        "latestMoverStatus": LATEST_MOVER_STATUS,
        "lastRestored": LAST_RESTORED,
        **SYNC_STATE,
    },
)
