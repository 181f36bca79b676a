from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from mover.controller.kube.kinds import KubernetesObject
from mover.controller.kube.object_store import Store, name_of


def item(name: str, version: int, uid: str = "", **more: Any) -> dict[str, Any]:  # noqa: ANN401  any field
    return {
        "metadata": {"namespace": "ns", "name": name, "uid": uid or f"uid-{name}", "resourceVersion": str(version)},
        **more,
    }


class Changes:
    def __init__(self) -> None:
        self.seen: list[tuple[str, str]] = []

    def __call__(self, before: KubernetesObject | None, after: KubernetesObject | None) -> None:
        what = "came" if before is None else "went" if after is None else "changed"
        self.seen.append((what, name_of(after or before or {})))


def names(store: Store) -> list[str]:
    return sorted(name_of(i) for i in store)


def test_a_list_adds_new_objects_and_removes_those_it_lacks() -> None:
    changes = Changes()
    store = Store(changes)
    store.replace("5", [item("a", 1), item("b", 2)])
    store.replace("9", [item("b", 2), item("c", 7)])
    assert names(store) == ["b", "c"]
    assert changes.seen == [("came", "a"), ("came", "b"), ("went", "a"), ("came", "c")]


def test_a_version_older_than_our_own_write_is_ignored() -> None:
    store = Store(Changes())
    store.put(item("a", 7, spec="ours"))
    store.put(item("a", 3, spec="old"))
    assert store.get("ns", "a") == item("a", 7, spec="ours")


def test_a_list_older_than_our_own_write_does_not_undo_it() -> None:
    changes = Changes()
    store = Store(changes)
    store.put(item("made since", 7))
    store.put(item("changed since", 8, spec="ours"))
    store.replace("5", [item("changed since", 2, spec="old")])
    assert names(store) == ["changed since", "made since"]
    assert store.get("ns", "changed since") == item("changed since", 8, spec="ours")


def test_a_late_watch_or_list_does_not_restore_an_object_we_deleted() -> None:
    store = Store(Changes())
    store.put(item("a", 1))
    store.remove(item("a", 1))
    store.put(item("a", 2))
    store.replace("3", [item("a", 2)])
    assert names(store) == []


def test_a_late_response_does_not_restore_an_object_deleted_in_the_watch() -> None:
    """The API server answers a deletion with the object as it was last; the watch may be there first."""
    store = Store(Changes())
    store.put(item("a", 1))
    store.remove(item("a", 3))
    store.put(item("a", 2))
    assert names(store) == []


def test_a_late_response_does_not_restore_an_object_missing_in_a_list() -> None:
    store = Store(Changes())
    store.put(item("a", 1))
    store.replace("5", [])
    store.put(item("a", 2))
    assert names(store) == []


def test_a_new_object_with_the_name_of_a_deleted_one_is_stored() -> None:
    store = Store(Changes())
    store.put(item("a", 1))
    store.remove(item("a", 1))
    store.put(item("a", 9, uid="another"))
    store.remove(item("a", 8))
    assert names(store) == ["a"], "the end of the first must not end the second"


def test_an_update_that_changes_nothing_is_not_notified() -> None:
    changes = Changes()
    store = Store(changes)
    store.put(item("a", 1, spec="same"))
    store.put(item("a", 2, spec="same"))
    assert changes.seen == [("came", "a")]


def test_managed_fields_are_not_stored() -> None:
    store = Store(Changes())
    managed = item("a", 1)
    managed["metadata"]["managedFields"] = [{"manager": "somebody"}]
    store.put(managed)
    assert store.get("ns", "a") == item("a", 1)


@given(st.lists(st.tuples(st.sampled_from("ab"), st.booleans()), max_size=12), st.randoms(use_true_random=False))
def test_a_watch_with_any_delay_ends_with_the_existing_objects(history: list[tuple[str, bool]], random: Any) -> None:  # noqa: ANN401
    """Own writes are known at once; the watch delivers the same ones, in order, at any later time."""
    store = Store(Changes())
    there: dict[str, dict[str, Any]] = {}
    unseen: list[tuple[str, dict[str, Any]]] = []
    for version, (name, wanted) in enumerate(history, start=1):
        if wanted:
            uid = there[name]["metadata"]["uid"] if name in there else f"uid-{version}"
            there[name] = item(name, version, uid=uid, spec=version)
            store.put(there[name])
            unseen.append(("put", there[name]))
        elif name in there:
            gone = there.pop(name)
            store.remove(gone)
            unseen.append(("remove", item(name, version, uid=gone["metadata"]["uid"])))
        while unseen and random.random() < 0.5:
            deliver(store, *unseen.pop(0))
        assert {name_of(i): i for i in store} == there, "the store is older than the own last write"
    for event in unseen:
        deliver(store, *event)
    assert {name_of(i): i for i in store} == there


def deliver(store: Store, what: str, event: dict[str, Any]) -> None:
    (store.put if what == "put" else store.remove)(event)
