"""A spec may hold anything: what is wrong is a sentence, and never a crash."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mover.controller.api.conditions import Type
from mover.controller.api.spec import Spec, read_spec
from mover.controller.reconcile.decide import decide
from tests.unit.controller.cluster import OPTIONS, Cluster, Object, destination, resource, source

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=6,
)
FIELDS = (
    *("copyMethod", "capacity", "storageClassName", "accessModes", "volumeSnapshotClassName", "destinationPVC"),
    *("repository", "pruneIntervalDays", "retain", "cacheCapacity", "cacheStorageClassName", "cacheAccessModes"),
    *("customCA", "unlock", "previous", "restoreAsOf", "enableFileDeletion", "moverSecurityContext"),
    *("moverServiceAccount", "moverPodLabels", "moverResources", "moverAffinity", "moverVolumes", "excludes"),
    *("tags", "skipIfUnchanged", "checkIntervalDays", "onMissingSnapshot", "allowInUse", "cleanupTempPVC"),
)


def read(made: Object) -> Spec:
    spec = read_spec(made)
    assert spec is not None
    return spec


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"copyMethod": "Copy"}, 'spec.restic.copyMethod is "Copy": it should be one of None, Direct, Clone, Snapshot'),
        ({"copyMethod": None}, "spec.restic.copyMethod is not set: it should be Clone, Snapshot or None"),
        ({"repository": ""}, "spec.restic.repository is not set: it should be the name of the Secret"),
        ({"pruneIntervalDays": -1}, "spec.restic.pruneIntervalDays is -1: it should be a whole number from 0"),
        ({"pruneIntervalDays": True}, "spec.restic.pruneIntervalDays is true"),
        ({"retain": {"daily": "7"}}, 'spec.restic.retain.daily is "7": it should be a whole number'),
        ({"retain": {"within": "2 weeks"}}, 'spec.restic.retain.within is "2 weeks": it should be a duration'),
        ({"retain": {"daily": 0}}, "spec.restic.retain has only zeros, which would forget every snapshot"),
        ({"retain": "all"}, 'spec.restic.retain is "all": it should be an object'),
        ({"cacheCapacity": "1 GB"}, 'spec.restic.cacheCapacity is "1 GB": it should be a size such as 1Gi'),
        ({"cacheCapacity": 0}, "spec.restic.cacheCapacity is 0: it should be a size such as 1Gi"),
        ({"accessModes": ["RWO"]}, 'spec.restic.accessModes is ["RWO"]: it should be a list of ReadWriteOnce'),
        ({"excludes": ["a\nb"]}, 'spec.restic.excludes is ["a\\nb"]: it should be a list of texts of one line each'),
        ({"tags": ["a,b"]}, 'spec.restic.tags is ["a,b"]: it should be a list of tags without commas'),
        ({"customCA": {"key": "ca.crt"}}, "spec.restic.customCA needs a key, and a secretName or a configMapName"),
        (
            {"moverVolumes": [{"mountPath": "../etc", "volumeSource": {"secret": {}}}]},
            'spec.restic.moverVolumes[0].mountPath is "../etc": it should be the path of a folder below /mnt',
        ),
        (
            {"moverVolumes": [{"mountPath": "x", "volumeSource": {"hostPath": {"path": "/"}}}]},
            "it should be one of persistentVolumeClaim, secret, nfs",
        ),
    ],
)
def test_a_wrong_field_is_a_sentence_that_says_what_it_should_be(wrong: dict[str, Any], told: str) -> None:
    cluster = Cluster(source({"manual": "once"}, **wrong))
    cluster.settle()
    assert cluster.synchronizing()["reason"] == "InvalidSpec"
    assert told in cluster.synchronizing()["message"]
    assert cluster.owned() == []


@pytest.mark.parametrize("schedule", ["0 0 31 2 *", "* * * *", "@sometimes", "60 * * * *"])
def test_a_schedule_that_never_fires_or_is_none_is_refused(schedule: str) -> None:
    cluster = Cluster(source({"schedule": schedule}))
    cluster.settle()
    assert cluster.synchronizing()["reason"] == "InvalidSpec"
    assert f'spec.trigger.schedule is "{schedule}"' in cluster.synchronizing()["message"]


def test_restic_that_is_not_indented_below_spec_is_recognised() -> None:
    spec = read(resource(sourcePVC="data"))
    assert "spec.restic is not set" in spec.problems[0]
    assert "indented" in spec.problems[0]


def test_every_problem_is_listed_at_once() -> None:
    spec = read(source(copyMethod="X", pruneIntervalDays=-1, repository=7))
    assert len(spec.problems) == 3


def test_a_resource_of_another_controller_is_left_alone() -> None:
    made = resource(sourcePVC="data", external={"provider": "x"})
    assert read_spec(made) is None
    assert decide(Cluster(made).observe(), OPTIONS).writes == ()


def test_two_methods_are_refused() -> None:
    made = source()
    made["spec"]["rsync"] = {}
    assert "one method at a time" in read(made).problems[0]


def test_a_destination_without_a_volume_needs_to_say_what_it_shall_be_like() -> None:
    spec = read(destination(destinationPVC=None))
    assert spec.problems == (
        "spec.restic.capacity must be set where destinationPVC is not",
        "spec.restic.accessModes must be set where destinationPVC is not",
    )


def test_last_may_be_a_text_as_volsync_has_it() -> None:
    assert read(source(retain={"last": "3"})).backup.retain == {"last": "3"}


def test_prune_is_every_seven_days_unless_said_otherwise() -> None:
    assert read(source()).backup.prune_interval_days == 7
    assert read(source(pruneIntervalDays=0)).backup.prune_interval_days == 0


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(
    kind=st.sampled_from(["ReplicationSource", "ReplicationDestination"]),
    restic=st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=8),
    around=st.dictionaries(st.sampled_from(["trigger", "paused", "sourcePVC", "restic"]), JSON, max_size=2),
    status=st.dictionaries(
        st.sampled_from(["attempt", "failure", "conditions", "lastSyncTime", "restic", "latestImage"]), JSON, max_size=4
    ),
)
def test_no_resource_makes_the_controller_crash(kind: str, restic: Object, around: Object, status: Object) -> None:
    made = resource(
        kind, **{"sourcePVC": "data", "restic": {"repository": "s", "copyMethod": "None", **restic}, **around}
    )
    made["status"] = status
    cluster = Cluster(made)
    cluster.settle()
    assert cluster.condition(Type.SYNCHRONIZING) or read_spec(made) is None


@settings(max_examples=50, deadline=None, derandomize=True, database=None)
@given(spec=JSON)
def test_no_spec_makes_the_controller_crash(spec: object) -> None:
    made = resource() | {"spec": spec}
    decide(Cluster(made).observe(), OPTIONS)
