"""Values that the schemas accept, and keep as they are."""

from typing import Any

from integration.controller.refused_values import mounted

ZONE_TERM = {"matchExpressions": [{"key": "zone", "operator": "In", "values": ["a"]}]}
AFFINITY = {
    "nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [ZONE_TERM]}},
    "podAffinity": {
        "preferredDuringSchedulingIgnoredDuringExecution": [
            {
                "weight": 1,
                "podAffinityTerm": {"topologyKey": "zone", "labelSelector": {"matchLabels": {"a": "b"}}},
            }
        ]
    },
}
SCHEDULES = (
    "*/30 * * * *",
    "0 9-17/2 * * mon-fri",
    "5/20 * * * *",
    "0 0 1,15 JAN,jul ?",
    "@hourly",
    "@midnight",
    "@every 1h30m",
    "CRON_TZ=Europe/Berlin 0 3 * * *",
    "TZ=America/Argentina/Buenos_Aires @daily",
    "00 04 * * *",
)
Value = tuple[str, Any]
"""A field (`restic__tags`, see `tests.support.manifests.changed`), and its value."""

OF_BOTH: list[Value] = [
    *(("trigger__schedule", schedule) for schedule in SCHEDULES),
    ("trigger", None),
    ("trigger", {}),
    ("trigger", {"manual": "once", "schedule": "@daily"}),
    ("paused", True),
    ("restic__copyMethod", "Direct"),
    ("restic__copyMethod", "Snapshot"),
    ("restic__capacity", "10Gi"),
    ("restic__capacity", 1073741824),
    ("restic__capacity", "1.5e9"),
    ("restic__capacity", "1E9"),
    ("restic__accessModes", ["ReadWriteOnce", "ReadWriteMany"]),
    ("restic__cacheAccessModes", ["ReadWriteOncePod"]),
    ("restic__storageClassName", ""),
    ("restic__customCA", {"configMapName": "ca", "key": "ca.crt"}),
    ("restic__moverServiceAccount", "backup"),
    ("restic__moverPodLabels", {"example.com/team": "storage", "plain": ""}),
    ("restic__moverResources", {"requests": {"cpu": "100m", "memory": "1Gi"}, "limits": {"memory": "2Gi", "cpu": 1}}),
    (
        "restic__moverSecurityContext",
        {"runAsUser": 1000, "fsGroup": 1000, "seccompProfile": {"type": "RuntimeDefault"}},
    ),
    ("restic__moverVolumes", mounted(persistentVolumeClaim={"claimName": "backups", "readOnly": True})),
    ("restic__moverVolumes", mounted(secret={"secretName": "key", "items": [{"key": "a", "path": "b/c"}]})),
    ("restic__moverVolumes", mounted(nfs={"server": "nas.example.com", "path": "/export"})),
    ("restic__moverAffinity", AFFINITY),
]
OF_A_SOURCE: list[Value] = [
    ("restic__retain", None),
    ("restic__retain", {}),
    ("restic__retain", {"within": "1y6m15d12h"}),
    ("restic__retain", {"last": "3"}),
    ("restic__retain", {"last": 3, "hourly": 0}),
    ("restic__pruneIntervalDays", 0),
    ("restic__checkIntervalDays", 30),
    ("restic__excludes", ["*.tmp", "cache/**", "with space"]),
    ("restic__tags", ["before upgrade", "nightly"]),
    ("restic__skipIfUnchanged", True),
    ("restic__unlock", "2026-01-31"),
]
OF_A_DESTINATION: list[Value] = [
    ("restic", {"repository": "r", "copyMethod": "Snapshot", "capacity": "1Gi", "accessModes": ["ReadWriteOnce"]}),
    ("restic__previous", 3),
    ("restic__restoreAsOf", "2026-01-31T12:00:00Z"),
    ("restic__restoreAsOf", "2026-01-31T12:00:00.5+05:30"),
    ("restic__enableFileDeletion", True),
    ("restic__onMissingSnapshot", "Continue"),
    ("restic__allowInUse", True),
    ("restic__cleanupCachePVC", True),
]
