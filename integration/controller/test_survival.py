"""Nothing is lost or done twice, whatever happens to the controller, its connection or the resource meanwhile."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

import pytest

from integration.controller.api import Resource
from integration.controller.audit import Request
from integration.controller.control_plane import ControlPlane
from integration.controller.controller_process import ControllerProcess, controller
from integration.controller.namespaces import TestNamespace
from integration.servers.relay import Relay, relay
from tests.support.mover_process import wait_until

pytestmark = pytest.mark.needs("kubernetes")

USER = "system:serviceaccount:scribe-system:scribe-controller"
MOST_REQUESTS = 10


@pytest.fixture(autouse=True)
def _volume_and_secret(test_namespace: TestNamespace) -> None:
    test_namespace.create_claim()
    test_namespace.create_secret()


@pytest.fixture
def start(account: Path, test_namespace: TestNamespace, tmp_path: Path) -> Iterator[Callable[[], ControllerProcess]]:
    """Starts controllers for the test's namespace, all of which have ended after the test."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(
            controller(account, tmp_path, f"--namespace={test_namespace.namespace}", "--no-spread")
        )


def requests_of_the_controller(plane: ControlPlane, mark: int, namespace: str) -> list[Request]:
    """Return what the controller asked since, without the watches that go on."""
    found = plane.audit.since(mark, USER)
    return [request for request in found if request.namespace == namespace and request.verb != "watch"]


def created_jobs(plane: ControlPlane, mark: int, namespace: str) -> list[str]:
    found = requests_of_the_controller(plane, mark, namespace)
    return [r.name for r in found if (r.verb, r.resource, r.code) == ("create", "jobs", 201)]


def test_a_new_controller_counts_the_sync_that_a_killed_one_started(
    test_namespace: TestNamespace, start: Callable[[], ControllerProcess], living_plane: ControlPlane
) -> None:
    mark = living_plane.audit.mark()
    first = start()
    source = test_namespace.create_source(copyMethod="Clone")
    job = test_namespace.wait_for_job(source)
    first.kill()
    test_namespace.end_job(job)
    start()
    test_namespace.wait_for_sync(source)
    test_namespace.wait_until(lambda: test_namespace.jobs(source) == [], "the Job is cleaned up", source)
    assert len(created_jobs(living_plane, mark, test_namespace.namespace)) == 1, "the backup was made twice"


def test_a_new_controller_continues_after_a_kill_at_any_write(
    test_namespace: TestNamespace, start: Callable[[], ControllerProcess], living_plane: ControlPlane
) -> None:
    """Killed again and again, as soon as something new was asked for; each time another takes over."""
    mark = living_plane.audit.mark()
    version = test_namespace.api.version("batch/v1", "Job", test_namespace.namespace)
    running = start()
    source = test_namespace.create_source(copyMethod="Clone")

    def writes() -> int:
        return len(requests_of_the_controller(living_plane, mark, test_namespace.namespace))

    for _ in range(5):
        known = writes()
        wait_until(lambda known=known: writes() > known or bool(test_namespace.jobs(source)), "something is written")  # type: ignore[misc]
        running.kill()
        running = start()
    test_namespace.end_job(test_namespace.wait_for_job(source))
    test_namespace.wait_for_sync(source)
    test_namespace.wait_until(lambda: test_namespace.jobs(source) == [], "the Job is cleaned up", source)
    # Not counted in the audit log, which has no success if the client was killed before the response.
    made = test_namespace.api.added_since(version, "batch/v1", "Job", test_namespace.namespace)
    assert len(made) == 1, "the backup was made twice"


def test_a_mover_that_ends_during_an_outage_is_counted_after_it(
    test_namespace: TestNamespace, living_plane: ControlPlane, account: Path, tmp_path: Path
) -> None:
    with relay(living_plane.server) as line, cut_controller(line, account, test_namespace, tmp_path) as running:
        source = test_namespace.create_source()
        job = test_namespace.wait_for_job(source)
        line.refuse()
        test_namespace.end_job(job)
        test_namespace.wait_until(
            lambda: bool(job_status(test_namespace, job).get("succeeded")), "the Job has succeeded", source
        )
        assert "lastManualSync" not in test_namespace.status(source)
        line.let_pass()
        test_namespace.wait_for_sync(source)
        assert running.probe("/healthz")[0] == 200


def cut_controller(
    line: Relay, account: Path, test_namespace: TestNamespace, folder: Path
) -> AbstractContextManager[ControllerProcess]:
    file = folder / "cut.kubeconfig"
    text = account.read_text()
    server = text.split('"server": "')[1].split('"')[0]
    file.write_text(text.replace(server, line.endpoint))
    return controller(file, folder, f"--namespace={test_namespace.namespace}", "--no-spread")


def job_status(test_namespace: TestNamespace, job: Resource) -> Resource:
    return dict((test_namespace.api.find(job) or {}).get("status") or {})


def test_a_resource_deleted_while_its_mover_runs_leaves_nothing_behind(
    test_namespace: TestNamespace, start: Callable[[], ControllerProcess]
) -> None:
    running = start()
    source = test_namespace.create_source(copyMethod="Snapshot")
    test_namespace.wait_until(lambda: bool(test_namespace.snapshots(source)), "the snapshot is taken", source)
    test_namespace.make_ready(test_namespace.snapshots(source)[0])
    pod = test_namespace.wait_for_pod(test_namespace.wait_for_job(source))
    test_namespace.api.delete(source)

    def left() -> list[Resource]:
        owned = [
            *test_namespace.owned_by(source, "batch/v1", "Job"),
            *test_namespace.snapshots(source),
            *test_namespace.claims(source).values(),
        ]
        return [item for item in owned if "deletionTimestamp" not in item["metadata"]]

    wait_until(lambda: left() == [], "Job, snapshot and volumes are deleted")
    wait_until(lambda: test_namespace.api.find(pod) is None, "the mover is gone")
    wait_until(lambda: test_namespace.claims(source) == {}, "the volumes are gone")
    assert running.stop() == 0


def test_a_deleted_resource_is_gone_at_once(
    test_namespace: TestNamespace, start: Callable[[], ControllerProcess]
) -> None:
    start()
    source = test_namespace.create_source()
    test_namespace.wait_for_job(source)
    test_namespace.api.delete(source)
    assert test_namespace.api.find(source) is None


def test_one_steady_sync_costs_few_requests(
    test_namespace: TestNamespace, start: Callable[[], ControllerProcess], living_plane: ControlPlane
) -> None:
    start()
    source = test_namespace.create_source(copyMethod="Clone")
    first = test_namespace.wait_for_job(source)
    test_namespace.end_job(first)
    test_namespace.wait_for_sync(source)
    test_namespace.wait_until(lambda: test_namespace.jobs(source) == [], "the first Job is cleaned up", source)
    test_namespace.wait_until(lambda: len(test_namespace.claims(source)) == 1, "the first clone is cleaned up", source)
    settle(test_namespace, source)

    mark = living_plane.audit.mark()
    test_namespace.change(source, trigger={"manual": "second"})
    test_namespace.end_job(test_namespace.wait_for_job(source, other_than=first))
    test_namespace.wait_for_sync(source, "second")
    test_namespace.wait_until(lambda: test_namespace.jobs(source) == [], "the second Job is cleaned up", source)
    test_namespace.wait_until(lambda: len(test_namespace.claims(source)) == 1, "the second clone is cleaned up", source)
    settle(test_namespace, source)

    requests = requests_of_the_controller(living_plane, mark, test_namespace.namespace)
    listed = "\n".join(f"{r.verb} {r.resource} {r.name} {r.code}" for r in requests)
    assert requests, "the audit log has nothing of it"
    assert len(requests) <= MOST_REQUESTS, listed


def settle(test_namespace: TestNamespace, source: Resource) -> None:
    """Wait until the controller is at rest: it has looked at the resource's last change and found nothing to do."""
    test_namespace.wait_for_reason(source, "WaitingForManual")


def test_a_graceful_stop_in_the_middle_of_a_sync_loses_nothing(
    test_namespace: TestNamespace, start: Callable[[], ControllerProcess], living_plane: ControlPlane
) -> None:
    mark = living_plane.audit.mark()
    first = start()
    source = test_namespace.create_source()
    job = test_namespace.wait_for_job(source)
    assert first.stop() == 0
    start()
    test_namespace.end_job(job)
    test_namespace.wait_for_sync(source)
    assert len(created_jobs(living_plane, mark, test_namespace.namespace)) == 1


def test_a_restart_of_the_api_server_loses_nothing(
    test_namespace: TestNamespace, start: Callable[[], ControllerProcess], living_plane: ControlPlane
) -> None:
    mark = living_plane.audit.mark()
    running = start()
    source = test_namespace.create_source()
    job = test_namespace.wait_for_job(source)
    living_plane.restart()
    test_namespace.end_job(job)
    test_namespace.wait_for_sync(source)
    wait_until(lambda: running.probe("/readyz")[0] == 200, "the controller is ready again")
    assert len(created_jobs(living_plane, mark, test_namespace.namespace)) == 1
