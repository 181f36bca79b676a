"""Schemas borrowed from Kubernetes for what is handed on to a pod as it is.

Source: the OpenAPI document of Kubernetes, `io.k8s.api.core.v1`: PodSecurityContext, Affinity, ResourceRequirements.
They stand here once; a CustomResourceDefinition, which can't refer to other schemas, repeats them. Descriptions below
the first level are left to ``kubectl explain pod.spec``.
"""

from mover.controller.api.schema.openapi import (
    INT32,
    INT64,
    STRING,
    Schema,
    array,
    boolean,
    described,
    enum,
    map_of,
    record,
)

USER_OR_GROUP: Schema = {**INT64, "minimum": 0}
QUANTITY: Schema = {
    "x-kubernetes-int-or-string": True,
    "pattern": r"^\+?[0-9]+(\.[0-9]*)?([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]+)?$",
}
PROFILE = record(
    {"localhostProfile": STRING, "type": enum("Localhost", "RuntimeDefault", "Unconfined")}, required=("type",)
)
STRINGS = array(STRING)

POD_SECURITY_CONTEXT = record(
    {
        "appArmorProfile": described("AppArmor profile of the pod.", PROFILE),
        "fsGroup": described("Supplemental group that owns the pod's volumes.", USER_OR_GROUP),
        "fsGroupChangePolicy": described(
            "When the ownership of the volumes is changed to fsGroup.", enum("Always", "OnRootMismatch")
        ),
        "runAsGroup": described("Primary group (GID) of the mover.", USER_OR_GROUP),
        "runAsNonRoot": boolean("Refuse to run the mover as uid 0."),
        "runAsUser": described("User (UID) of the mover.", USER_OR_GROUP),
        "seLinuxChangePolicy": described("How volumes get their SELinux label.", STRING),
        "seLinuxOptions": described(
            "SELinux context of the pod.", record(dict.fromkeys(("level", "role", "type", "user"), STRING))
        ),
        "seccompProfile": described("Seccomp profile of the pod. Defaults to RuntimeDefault.", PROFILE),
        "supplementalGroups": described("Additional groups of the mover.", array(INT64)),
        "supplementalGroupsPolicy": described(
            "Whether the groups that the image defines count as well.", enum("Merge", "Strict")
        ),
        "sysctls": described(
            "Kernel parameters of the pod.",
            array(record({"name": STRING, "value": STRING}, required=("name", "value"))),
        ),
        "windowsOptions": described(
            "Settings of Windows containers.",
            record(
                {
                    "gmsaCredentialSpec": STRING,
                    "gmsaCredentialSpecName": STRING,
                    "hostProcess": {"type": "boolean"},
                    "runAsUserName": STRING,
                }
            ),
        ),
    }
)

RESOURCE_REQUIREMENTS = record(
    {
        "limits": described("Maximum amounts of compute resources.", map_of(QUANTITY)),
        "requests": described("Amounts of compute resources that are reserved.", map_of(QUANTITY)),
    }
)

NODE_SELECTOR_REQUIREMENTS = array(
    record(
        {"key": STRING, "operator": enum("DoesNotExist", "Exists", "Gt", "In", "Lt", "NotIn"), "values": STRINGS},
        required=("key", "operator"),
    )
)
NODE_SELECTOR_TERM = record(
    {"matchExpressions": NODE_SELECTOR_REQUIREMENTS, "matchFields": NODE_SELECTOR_REQUIREMENTS}, is_atomic=True
)
LABEL_SELECTOR = record(
    {
        "matchExpressions": array(
            record({"key": STRING, "operator": STRING, "values": STRINGS}, required=("key", "operator"))
        ),
        "matchLabels": map_of(STRING),
    },
    is_atomic=True,
)
POD_AFFINITY_TERM = record(
    {
        "labelSelector": LABEL_SELECTOR,
        "matchLabelKeys": STRINGS,
        "mismatchLabelKeys": STRINGS,
        "namespaceSelector": LABEL_SELECTOR,
        "namespaces": STRINGS,
        "topologyKey": STRING,
    },
    required=("topologyKey",),
)


def _affinity(preferred: str, term: Schema, required: Schema) -> Schema:
    weighted = record({preferred: term, "weight": INT32}, required=("weight", preferred))
    return record(
        {
            "preferredDuringSchedulingIgnoredDuringExecution": array(weighted),
            "requiredDuringSchedulingIgnoredDuringExecution": required,
        }
    )


POD_AFFINITY = _affinity("podAffinityTerm", POD_AFFINITY_TERM, array(POD_AFFINITY_TERM))
AFFINITY = record(
    {
        "nodeAffinity": described(
            "Which nodes the pod prefers or requires.",
            _affinity(
                "preference",
                NODE_SELECTOR_TERM,
                record(
                    {"nodeSelectorTerms": array(NODE_SELECTOR_TERM)}, required=("nodeSelectorTerms",), is_atomic=True
                ),
            ),
        ),
        "podAffinity": described("Which pods the pod prefers or requires to run beside.", POD_AFFINITY),
        "podAntiAffinity": described("Which pods the pod prefers or requires not to run beside.", POD_AFFINITY),
    }
)
