"""The fields of ``spec.restic`` that are about the mover's pod."""

from dataclasses import dataclass

from mover.controller.api.object_reader import ObjectReader
from mover.controller.api.schema import kubernetes_types
from mover.controller.api.schema.cel import Rule, matches
from mover.controller.api.schema.field_types import LONGEST_NAME, Field, PodPart, Section, Text, object_name
from mover.controller.api.schema.openapi import Schema
from mover.controller.api.schema.volume_sources import VOLUME_SOURCES

LABEL_CHARACTERS = "letters, digits, '-', '_' and '.'"
MOST_LABELS = 32
MOST_VOLUMES = 16

CA_SECRET = object_name("secretName", "Name of the Secret that holds the CA bundle.", "Secret")
CA_CONFIG_MAP = object_name("configMapName", "Name of the ConfigMap that holds the CA bundle.", "ConfigMap")
CA_KEY = Text(
    "key",
    "Key of the Secret or ConfigMap that holds the CA bundle, in PEM format.",
    LONGEST_NAME,
    1,
    rules=(
        Rule(
            matches("^[-._a-zA-Z0-9]+$"),
            "must be a key of a Secret or ConfigMap: letters, digits, '-', '_' and '.'",
        ),
    ),
    required="set it to the key of the Secret or ConfigMap that holds the CA bundle",
)
CUSTOM_CA = Section(
    "customCA",
    "CA bundle that verifies the backend's certificate, if no public CA issued it. Set either secretName or "
    "configMapName.",
    (CA_SECRET, CA_CONFIG_MAP, CA_KEY),
    path="spec.restic.customCA",
    rules=(Rule("has(self.secretName) != has(self.configMapName)", "set exactly one of secretName and configMapName"),),
)
SECURITY_CONTEXT = PodPart(
    "moverSecurityContext",
    "Security context of the mover's pod, as in a pod's spec (kubectl explain pod.spec.securityContext). By default "
    "the mover runs as uid 0 without capabilities, and reads only files that root owns or that everyone may read.",
    kubernetes_types.POD_SECURITY_CONTEXT,
    rules=(
        Rule(
            "!(has(self.runAsNonRoot) && self.runAsNonRoot && has(self.runAsUser) && self.runAsUser == 0)",
            "runAsNonRoot and runAsUser 0 contradict each other",
        ),
    ),
)
SERVICE_ACCOUNT = object_name(
    "moverServiceAccount",
    "Name of an existing ServiceAccount that the mover's pod runs as, for clouds that grant permissions to service "
    "accounts. Defaults to the namespace's default ServiceAccount. The pod never mounts a token.",
    "ServiceAccount",
)
RESOURCES = PodPart(
    "moverResources",
    "CPU and memory requests and limits of the mover's container, as in a pod's spec. restic keeps to the memory "
    "limit; if it is OOM-killed nevertheless, the sync fails with exit code 26.",
    kubernetes_types.RESOURCE_REQUIREMENTS,
)
AFFINITY = PodPart(
    "moverAffinity",
    "Scheduling constraints of the mover's pod, as in a pod's spec (kubectl explain pod.spec.affinity). The pod is "
    "always placed on the node of a volume that only one node can mount.",
    kubernetes_types.AFFINITY,
)


@dataclass(frozen=True)
class Labels(Field[dict[str, str]]):
    """Labels of a pod."""

    def shape(self) -> Schema:
        return {
            "type": "object",
            "maxProperties": MOST_LABELS,
            "additionalProperties": {"type": "string", "maxLength": 63},
        }

    def read(self, values: ObjectReader) -> dict[str, str]:
        labels = values.section(self.name)
        return {name: labels.text(name) or "" for name in labels.values}


POD_LABELS = Labels(
    "moverPodLabels",
    "Labels to add to the mover's pod, for example for network policies.",
    rules=(
        Rule(
            "self.all(key, key.size() <= 317 && "
            "key.matches('^([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$'))",
            f"a label's name must be at most 63 {LABEL_CHARACTERS}, optionally after a domain and '/'",
        ),
        Rule(
            "self.all(key, self[key].matches('^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$'))",
            f"a label's value must be at most 63 {LABEL_CHARACTERS}",
        ),
        Rule(
            "self.all(key, !key.startsWith('scribe.backube/') && !key.startsWith('batch.kubernetes.io/') && "
            "!(key in ['job-name', 'controller-uid']))",
            "labels of the controller and of Jobs can't be set",
        ),
    ),
)

MOUNT_PATH = Text(
    "mountPath",
    "Path below /mnt that the volume is mounted at.",
    56,
    1,
    rules=(
        Rule(
            matches("^[A-Za-z0-9_]([-A-Za-z0-9_.]*(/[A-Za-z0-9_])?)*$"),
            f"must be a path below /mnt, such as 'repository' or 'my/files', of {LABEL_CHARACTERS}",
        ),
    ),
)


@dataclass(frozen=True)
class VolumeList(Field[list[ObjectReader]]):
    """Volumes, each with the path it is mounted at."""

    def shape(self) -> Schema:
        """Return an array of objects, with no path twice."""
        item = {
            "type": "object",
            "required": [MOUNT_PATH.name, VOLUME_SOURCE.name],
            "properties": {field.name: field.schema() for field in (MOUNT_PATH, VOLUME_SOURCE)},
        }
        return {
            "type": "array",
            "maxItems": MOST_VOLUMES,
            "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": [MOUNT_PATH.name],
            "items": item,
        }

    def read(self, values: ObjectReader) -> list[ObjectReader]:
        """Return a reader of each item."""
        return values.sections(self.name)


VOLUME_SOURCE = Section(
    "volumeSource",
    "Volume to mount: exactly one of persistentVolumeClaim, secret and nfs.",
    VOLUME_SOURCES,
    rules=(
        Rule(
            " + ".join(f"(has(self.{source.name}) ? 1 : 0)" for source in VOLUME_SOURCES) + " == 1",
            "set exactly one of persistentVolumeClaim, secret and nfs",
        ),
    ),
)
VOLUMES = VolumeList(
    "moverVolumes",
    "Additional volumes of the mover's pod, mounted below /mnt: for a repository on a volume or an NFS share "
    "(RESTIC_REPOSITORY=/mnt/MOUNTPATH), or for files that the Secret refers to.",
)
POD_FIELDS = (CUSTOM_CA, SECURITY_CONTEXT, SERVICE_ACCOUNT, POD_LABELS, RESOURCES, AFFINITY, VOLUMES)
