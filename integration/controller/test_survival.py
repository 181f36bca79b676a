"""Nothing is lost or done twice, whatever happens to the controller, its connection or the resource meanwhile."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

import pytest

from integration.controller.api import Resource
from integration.controller.audit import Request
from integration.controller.control_plane import ControlPlane
from integration.controller.controller_process import ControllerProcess, controller
from integration.controller.scene import Scene
from integration.servers.relay import Relay, relay
from tests.mover_process import wait_until

pytestmark = pytest.mark.needs("kubernetes")

USER = "system:serviceaccount:scribe-system:scribe-controller"
MOST_REQUESTS = 10


@pytest.fixture(autouse=True)
def _volume_and_secret(scene: Scene) -> None:
    scene.claim()
    scene.secret()


@pytest.fixture
def start(account: Path, scene: Scene, tmp_path: Path) -> Iterator[Callable[[], ControllerProcess]]:
    """Starts controllers for the scene's namespace, all of which have ended after the test."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(
            controller(account, tmp_path, f"--namespace={scene.namespace}", "--no-spread")
        )


def asked(plane: ControlPlane, mark: int, namespace: str) -> list[Request]:
    """Return what the controller asked since, without the watches that go on."""
    found = plane.audit.since(mark, USER)
    return [request for request in found if request.namespace == namespace and request.verb != "watch"]


def jobs_made(plane: ControlPlane, mark: int, namespace: str) -> list[str]:
    found = asked(plane, mark, namespace)
    return [r.name for r in found if (r.verb, r.resource, r.code) == ("create", "jobs", 201)]


def test_a_controller_killed_before_the_mover_ended_is_replaced_by_one_that_counts_it(
    scene: Scene, start: Callable[[], ControllerProcess], living_plane: ControlPlane
) -> None:
    mark = living_plane.audit.mark()
    first = start()
    source = scene.source(copyMethod="Clone")
    job = scene.job(source)
    first.kill()
    scene.ends(job)
    start()
    scene.until_synced(source)
    scene.until(lambda: scene.jobs(source) == [], "the Job is cleaned up", source)
    assert len(jobs_made(living_plane, mark, scene.namespace)) == 1, "the backup was made twice"


def test_a_controller_killed_at_any_write_is_replaced_by_one_that_goes_on(
    scene: Scene, start: Callable[[], ControllerProcess], living_plane: ControlPlane
) -> None:
    """Killed again and again, as soon as something new was asked for; each time another takes over."""
    mark = living_plane.audit.mark()
    version = scene.api.version("batch/v1", "Job", scene.namespace)
    running = start()
    source = scene.source(copyMethod="Clone")

    def writes() -> int:
        return len(asked(living_plane, mark, scene.namespace))

    for _ in range(5):
        known = writes()
        wait_until(lambda known=known: writes() > known or bool(scene.jobs(source)), "something is written")  # type: ignore[misc]
        running.kill()
        running = start()
    scene.ends(scene.job(source))
    scene.until_synced(source)
    scene.until(lambda: scene.jobs(source) == [], "the Job is cleaned up", source)
    # Not counted in the audit log, which has no success where the one who asked was killed before the answer.
    made = scene.api.added_since(version, "batch/v1", "Job", scene.namespace)
    assert len(made) == 1, "the backup was made twice"


def test_a_mover_that_ends_while_nobody_watches_is_counted_afterwards(
    scene: Scene, living_plane: ControlPlane, account: Path, tmp_path: Path
) -> None:
    with relay(living_plane.server) as line, cut_controller(line, account, scene, tmp_path) as running:
        source = scene.source()
        job = scene.job(source)
        line.refuse()
        scene.ends(job)
        scene.until(lambda: bool(job_status(scene, job).get("succeeded")), "the Job has succeeded", source)
        assert "lastManualSync" not in scene.status(source)
        line.let_pass()
        scene.until_synced(source)
        assert running.answers("/healthz")[0] == 200


def cut_controller(line: Relay, account: Path, scene: Scene, folder: Path) -> AbstractContextManager[ControllerProcess]:
    file = folder / "cut.kubeconfig"
    text = account.read_text()
    server = text.split('"server": "')[1].split('"')[0]
    file.write_text(text.replace(server, line.endpoint))
    return controller(file, folder, f"--namespace={scene.namespace}", "--no-spread")


def job_status(scene: Scene, job: Resource) -> Resource:
    return dict((scene.api.find(job) or {}).get("status") or {})


def test_a_resource_deleted_while_its_mover_runs_leaves_nothing_behind(
    scene: Scene, start: Callable[[], ControllerProcess]
) -> None:
    running = start()
    source = scene.source(copyMethod="Snapshot")
    scene.until(lambda: bool(scene.snapshots(source)), "the snapshot is taken", source)
    scene.ready(scene.snapshots(source)[0])
    pod = scene.pod(scene.job(source))
    scene.api.delete(source)

    def left() -> list[Resource]:
        owned = [*scene.of(source, "batch/v1", "Job"), *scene.snapshots(source), *scene.claims(source).values()]
        return [item for item in owned if "deletionTimestamp" not in item["metadata"]]

    wait_until(lambda: left() == [], "Job, snapshot and volumes are deleted")
    wait_until(lambda: scene.api.find(pod) is None, "the mover is gone")
    wait_until(lambda: scene.claims(source) == {}, "the volumes are gone")
    assert running.stop() == 0


def test_a_resource_without_finalizers_is_gone_at_once(scene: Scene, start: Callable[[], ControllerProcess]) -> None:
    start()
    source = scene.source()
    scene.job(source)
    scene.api.delete(source)
    assert scene.api.find(source) is None


def test_one_steady_sync_costs_few_requests(
    scene: Scene, start: Callable[[], ControllerProcess], living_plane: ControlPlane
) -> None:
    start()
    source = scene.source(copyMethod="Clone")
    first = scene.job(source)
    scene.ends(first)
    scene.until_synced(source)
    scene.until(lambda: scene.jobs(source) == [], "the first Job is cleaned up", source)
    scene.until(lambda: len(scene.claims(source)) == 1, "the first clone is cleaned up", source)
    settle(scene, source)

    mark = living_plane.audit.mark()
    scene.change(source, trigger={"manual": "second"})
    scene.ends(scene.job(source, other_than=first))
    scene.until_synced(source, "second")
    scene.until(lambda: scene.jobs(source) == [], "the second Job is cleaned up", source)
    scene.until(lambda: len(scene.claims(source)) == 1, "the second clone is cleaned up", source)
    settle(scene, source)

    requests = asked(living_plane, mark, scene.namespace)
    told = "\n".join(f"{r.verb} {r.resource} {r.name} {r.code}" for r in requests)
    assert requests, "the audit log has nothing of it"
    assert len(requests) <= MOST_REQUESTS, told


def settle(scene: Scene, source: Resource) -> None:
    """Wait until the controller is at rest: it has looked at the resource's last change and found nothing to do."""
    scene.until_reason(source, "WaitingForManual")


def test_a_graceful_stop_in_the_middle_of_a_sync_loses_nothing(
    scene: Scene, start: Callable[[], ControllerProcess], living_plane: ControlPlane
) -> None:
    mark = living_plane.audit.mark()
    first = start()
    source = scene.source()
    job = scene.job(source)
    assert first.stop() == 0
    start()
    scene.ends(job)
    scene.until_synced(source)
    assert len(jobs_made(living_plane, mark, scene.namespace)) == 1


def test_a_restart_of_the_api_server_loses_nothing(
    scene: Scene, start: Callable[[], ControllerProcess], living_plane: ControlPlane
) -> None:
    mark = living_plane.audit.mark()
    running = start()
    source = scene.source()
    job = scene.job(source)
    living_plane.restart()
    scene.ends(job)
    scene.until_synced(source)
    wait_until(lambda: running.answers("/readyz")[0] == 200, "the controller is ready again")
    assert len(jobs_made(living_plane, mark, scene.namespace)) == 1
