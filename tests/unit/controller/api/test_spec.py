"""A spec may hold anything: what is wrong is a problem that names the field, and never a crash."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mover.controller.api.conditions import Type
from mover.controller.api.schema import destination_fields, source_fields
from mover.controller.api.schema.field_types import Section
from mover.controller.api.schema.shared_fields import SpecFields
from mover.controller.api.spec import Spec, read_spec
from mover.controller.reconcile.decide import decide
from tests.support.fake_cluster import OPTIONS, FakeCluster
from tests.support.manifests import Object, destination, resource, source

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=6,
)
KINDS = (source_fields.FIELDS, destination_fields.FIELDS)
FIELDS = sorted({field.name for kind in KINDS for field in kind.restic.fields})


def read(made: Object) -> Spec:
    spec = read_spec(made)
    assert spec is not None
    return spec


COUNT = ("0", "1000000")
MODES = ("ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod")


@pytest.mark.parametrize(
    ("wrong", "path", "named"),
    [
        ({"copyMethod": "Copy"}, "copyMethod", ("'Copy'", "Clone", "Snapshot", "None", "Direct")),
        ({"copyMethod": None}, "copyMethod", ("required", "Clone", "Snapshot", "None")),
        ({"repository": ""}, "repository", ("required", "Secret", "RESTIC_REPOSITORY")),
        ({"pruneIntervalDays": -1}, "pruneIntervalDays", ("-1", "0", "36500")),
        ({"pruneIntervalDays": True}, "pruneIntervalDays", ("true",)),
        ({"retain": {"daily": "7"}}, "retain.daily", ("'7'", *COUNT)),
        ({"retain": {"within": "2 weeks"}}, "retain.within", ("'2 weeks'", "1y6m15d12h")),
        ({"retain": {"daily": 0}}, "retain", ("0",)),
        ({"retain": "all"}, "retain", ("'all'", "object")),
        ({"cacheCapacity": "1 GB"}, "cacheCapacity", ("'1 GB'", "10Gi")),
        ({"cacheCapacity": 0}, "cacheCapacity", ("0", "10Gi")),
        ({"accessModes": ["RWO"]}, "accessModes", ('["RWO"]', *MODES)),
        ({"excludes": ["a\nb"]}, "excludes", ('["a\\nb"]',)),
        ({"tags": ["a,b"]}, "tags", ('["a,b"]',)),
        ({"customCA": {"key": "ca.crt"}}, "customCA", ("key", "secretName", "configMapName")),
        (
            {"moverVolumes": [{"mountPath": "../etc", "volumeSource": {"secret": {}}}]},
            "moverVolumes[0].mountPath",
            ("'../etc'", "/mnt"),
        ),
        (
            {"moverVolumes": [{"mountPath": "x", "volumeSource": {"hostPath": {"path": "/"}}}]},
            "moverVolumes[0].volumeSource",
            ("hostPath", "persistentVolumeClaim", "secret", "nfs"),
        ),
    ],
)
def test_a_problem_has_the_field_its_value_and_what_is_expected(
    wrong: dict[str, Any], path: str, named: tuple[str, ...]
) -> None:
    cluster = FakeCluster(source({"manual": "once"}, **wrong))
    cluster.settle()
    assert cluster.synchronizing()["reason"] == "InvalidSpec"
    problem = problem_of(read(source({"manual": "once"}, **wrong)), f"spec.restic.{path}")
    assert problem in cluster.synchronizing()["message"]
    assert [word for word in named if word not in problem] == []
    assert cluster.owned() == []


def problem_of(spec: Spec, path: str) -> str:
    """Return the one problem of a field."""
    (problem,) = (problem for problem in spec.problems if problem.split(" ")[0].rstrip(":") == path)
    return problem


@pytest.mark.parametrize("schedule", ["0 0 31 2 *", "* * * *", "@sometimes", "60 * * * *"])
def test_an_invalid_schedule_or_one_that_never_fires_is_rejected(schedule: str) -> None:
    made = source({"schedule": schedule})
    cluster = FakeCluster(made)
    cluster.settle()
    assert cluster.synchronizing()["reason"] == "InvalidSpec"
    problem = problem_of(read(made), "spec.trigger.schedule")
    assert f"'{schedule}'" in problem
    assert problem in cluster.synchronizing()["message"]


def test_a_restic_section_outside_of_spec_is_recognized() -> None:
    spec = read(resource(sourcePVC="data"))
    assert spec.problems == (problem_of(spec, "spec.restic"),)
    assert "indented" in spec.problems[0]


@pytest.mark.parametrize("fields", KINDS, ids=["source", "destination"])
def test_every_field_of_the_schema_is_read(fields: SpecFields) -> None:
    """Each field in turn gets a value of a type that no field has."""
    kind = "ReplicationSource" if fields is source_fields.FIELDS else "ReplicationDestination"
    for path, section in every_section(fields.spec, "spec"):
        for field in section.fields:
            spec = read_spec(nested(kind, f"{path}.{field.name}", 1.5))
            assert spec is not None
            assert any(problem.startswith(f"{path}.{field.name}: ") for problem in spec.problems), field.name


def every_section(section: Section, path: str) -> Iterator[tuple[str, Section]]:
    yield path, section
    for field in section.fields:
        if isinstance(field, Section):
            yield from every_section(field, f"{path}.{field.name}")


def nested(kind: str, path: str, value: object) -> Object:
    """Return a resource that has one field."""
    for name in reversed(path.split(".")[1:]):
        value = {name: value}
    return resource(kind) | {"spec": value}


def test_every_problem_is_listed_at_once() -> None:
    spec = read(source(copyMethod="X", pruneIntervalDays=-1, repository=7))
    assert len(spec.problems) == 3


def test_a_resource_of_another_controller_is_left_alone() -> None:
    made = resource(sourcePVC="data", external={"provider": "x"})
    assert read_spec(made) is None
    assert decide(FakeCluster(made).observe(), OPTIONS).writes == ()


def test_two_methods_are_rejected() -> None:
    made = source()
    made["spec"]["rsync"] = {}
    assert "rsync" in problem_of(read(made), "spec")


def test_a_destination_without_a_volume_needs_capacity_and_access_modes() -> None:
    spec = read(destination(destinationPVC=None))
    assert spec.problems == tuple(problem_of(spec, f"spec.restic.{name}") for name in ("capacity", "accessModes"))
    assert all("destinationPVC" in problem for problem in spec.problems)


def test_last_can_be_a_string_as_in_volsync() -> None:
    assert read(source(retain={"last": "3"})).backup.retain == {"last": "3"}


def test_prune_is_every_seven_days_by_default() -> None:
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
    cluster = FakeCluster(made)
    cluster.settle()
    assert cluster.condition(Type.SYNCHRONIZING) or read_spec(made) is None


@settings(max_examples=50, deadline=None, derandomize=True, database=None)
@given(spec=JSON)
def test_no_spec_makes_the_controller_crash(spec: object) -> None:
    made = resource() | {"spec": spec}
    decide(FakeCluster(made).observe(), OPTIONS)
