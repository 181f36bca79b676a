"""What ``spec.restic.moverVolumes`` may mount: three of Kubernetes' volume sources, with bounds.

Each has the fields of the volume source of that name in `io.k8s.api.core.v1.Volume`, and is handed on as it is.
"""

from mover.controller.api.schema.cel import Rule
from mover.controller.api.schema.field_types import LONGEST_NAME, PodPart, object_name
from mover.controller.api.schema.openapi import INT32, Schema, boolean, described, record

FILE_MODE: Schema = {**INT32, "minimum": 0, "maximum": 0o777}
MOST_KEYS = 64
LONGEST_PATH = 1024


def _name(longest: int) -> Schema:
    return {"type": "string", "minLength": 1, "maxLength": longest}


CLAIM = PodPart(
    "persistentVolumeClaim",
    "PersistentVolumeClaim in the same namespace.",
    record(
        {
            "claimName": object_name(
                "claimName", "Name of the PersistentVolumeClaim.", "PersistentVolumeClaim"
            ).schema(),
            "readOnly": boolean("Mount the volume read-only. Defaults to false."),
        },
        required=("claimName",),
    ),
)
SECRET = PodPart(
    "secret",
    "Secret in the same namespace, mounted with one file for each key.",
    record(
        {
            "secretName": object_name("secretName", "Name of the Secret.", "Secret").schema(),
            "optional": boolean("Start the pod even if the Secret or a key does not exist. Defaults to false."),
            "defaultMode": described("Permission bits of the files; 256 is octal 0400.", FILE_MODE),
            "items": {
                "description": "Keys to mount, each at a path of its own. Defaults to all keys.",
                "type": "array",
                "maxItems": MOST_KEYS,
                "items": record(
                    {
                        "key": described("Key of the Secret.", _name(LONGEST_NAME)),
                        "path": described("Path of the file, relative to the mount path.", _name(LONGEST_PATH)),
                        "mode": described("Permission bits of the file. Defaults to defaultMode.", FILE_MODE),
                    },
                    required=("key", "path"),
                ),
            },
        },
        required=("secretName",),
    ),
)
NFS = PodPart(
    "nfs",
    "NFS share.",
    record(
        {
            "server": described("Host name or IP address of the NFS server.", _name(LONGEST_NAME)),
            "path": {
                **described("Path that the NFS server exports.", _name(LONGEST_PATH)),
                "x-kubernetes-validations": [Rule("self.startsWith('/')", "must begin with '/'").schema()],
            },
            "readOnly": boolean("Mount the share read-only. Defaults to false."),
        },
        required=("server", "path"),
    ),
)
VOLUME_SOURCES = (CLAIM, SECRET, NFS)
