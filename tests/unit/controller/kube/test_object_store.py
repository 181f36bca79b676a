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


class Told:
    def __init__(self) -> None:
        self.changes: list[tuple[str, str]] = []

    def __call__(self, before: KubernetesObject | None, after: KubernetesObject | None) -> None:
        what = "came" if before is None else "went" if after is None else "changed"
        self.changes.append((what, name_of(after or before or {})))


def names(store: Store) -> list[str]:
    return sorted(name_of(i) for i in store)


def test_what_is_listed_is_known_and_what_is_no_longer_listed_has_gone() -> None:
    told = Told()
    store = Store(told)
    store.replace("5", [item("a", 1), item("b", 2)])
    store.replace("9", [item("b", 2), item("c", 7)])
    assert names(store) == ["b", "c"]
    assert told.changes == [("came", "a"), ("came", "b"), ("went", "a"), ("came", "c")]


def test_what_the_watch_says_of_a_version_before_the_own_write_is_passed_over() -> None:
    store = Store(Told())
    store.put(item("a", 7, spec="ours"))
    store.put(item("a", 3, spec="old"))
    assert store.get("ns", "a") == item("a", 7, spec="ours")


def test_a_list_made_before_the_own_write_does_not_undo_it() -> None:
    told = Told()
    store = Store(told)
    store.put(item("made since", 7))
    store.put(item("changed since", 8, spec="ours"))
    store.replace("5", [item("changed since", 2, spec="old")])
    assert names(store) == ["changed since", "made since"]
    assert store.get("ns", "changed since") == item("changed since", 8, spec="ours")


def test_what_was_deleted_by_us_does_not_come_back_from_a_watch_or_list_that_lags() -> None:
    store = Store(Told())
    store.put(item("a", 1))
    store.remove(item("a", 1))
    store.put(item("a", 2))
    store.replace("3", [item("a", 2)])
    assert names(store) == []


def test_what_the_watch_says_has_gone_does_not_come_back_from_an_answer_that_comes_late() -> None:
    """The API server answers a deletion with the object as it was last; the watch may be there first."""
    store = Store(Told())
    store.put(item("a", 1))
    store.remove(item("a", 3))
    store.put(item("a", 2))
    assert names(store) == []


def test_what_a_list_no_longer_has_does_not_come_back_from_an_answer_that_comes_late() -> None:
    store = Store(Told())
    store.put(item("a", 1))
    store.replace("5", [])
    store.put(item("a", 2))
    assert names(store) == []


def test_another_object_of_the_name_of_a_deleted_one_is_known() -> None:
    store = Store(Told())
    store.put(item("a", 1))
    store.remove(item("a", 1))
    store.put(item("a", 9, uid="another"))
    store.remove(item("a", 8))
    assert names(store) == ["a"], "the end of the first must not end the second"


def test_nobody_is_told_of_a_change_that_changes_nothing() -> None:
    told = Told()
    store = Store(told)
    store.put(item("a", 1, spec="same"))
    store.put(item("a", 2, spec="same"))
    assert told.changes == [("came", "a")]


def test_who_manages_which_field_is_not_kept() -> None:
    store = Store(Told())
    managed = item("a", 1)
    managed["metadata"]["managedFields"] = [{"manager": "somebody"}]
    store.put(managed)
    assert store.get("ns", "a") == item("a", 1)


@given(st.lists(st.tuples(st.sampled_from("ab"), st.booleans()), max_size=12), st.randoms(use_true_random=False))
def test_a_watch_however_late_ends_with_what_is_there(history: list[tuple[str, bool]], random: Any) -> None:  # noqa: ANN401
    """Own writes are known at once; the watch tells of the same ones, in order, at any later time."""
    store = Store(Told())
    there: dict[str, dict[str, Any]] = {}
    untold: list[tuple[str, dict[str, Any]]] = []
    for version, (name, wanted) in enumerate(history, start=1):
        if wanted:
            uid = there[name]["metadata"]["uid"] if name in there else f"uid-{version}"
            there[name] = item(name, version, uid=uid, spec=version)
            store.put(there[name])
            untold.append(("put", there[name]))
        elif name in there:
            gone = there.pop(name)
            store.remove(gone)
            untold.append(("remove", item(name, version, uid=gone["metadata"]["uid"])))
        while untold and random.random() < 0.5:
            tell(store, *untold.pop(0))
        assert {name_of(i): i for i in store} == there, "the store is older than the own last write"
    for event in untold:
        tell(store, *event)
    assert {name_of(i): i for i in store} == there


def tell(store: Store, what: str, event: dict[str, Any]) -> None:
    (store.put if what == "put" else store.remove)(event)
