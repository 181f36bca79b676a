"""Choosing the files of a test restore."""

from collections import Counter
from random import Random

import pytest

from mover.operations.sample import File, Sample
from mover.restic.messages import Document, Text


def entry(number: int, kind: str = "file") -> Document:
    return Document({"struct_type": "node", "type": kind, "path": f"/{number}", "size": number})


def test_a_sample_of_few_files_has_all_of_them() -> None:
    sample = Sample(5)
    for number in range(3):
        sample.handle(entry(number))

    assert sample.files == [File("/0", 0), File("/1", 1), File("/2", 2)]


def test_a_sample_of_many_files_has_the_requested_number_of_distinct_ones() -> None:
    sample = Sample(5)
    for number in range(1000):
        sample.handle(entry(number))

    assert len(sample.files) == len(set(sample.files)) == 5


def test_a_sample_is_uniform() -> None:
    rng, taken = Random(1), Counter[str]()  # noqa: S311  rng that is the same each time
    for _ in range(4000):
        sample = Sample(2, rng)
        for number in range(8):
            sample.handle(entry(number))
        taken.update(file.path for file in sample.files)

    assert all(900 < taken[f"/{number}"] < 1100 for number in range(8)), f"1000 each are to be expected: {taken}"


@pytest.mark.parametrize(
    "message",
    [
        *(entry(1, kind) for kind in ("dir", "symlink", "fifo", "chardev", "socket", "irregular")),
        *map(Document, [[], {}, {"type": "file"}, {"type": "file", "path": None}, 7]),
        Text("a line of plain text"),
    ],
)
def test_a_sample_has_only_regular_files(message: Document | Text) -> None:
    sample = Sample(5)
    sample.handle(message)

    assert sample.files == []


@pytest.mark.parametrize("size", [None, -1, "1", [], {}])
def test_a_sampled_file_of_unknown_size_counts_as_empty(size: object) -> None:
    sample = Sample(5)
    sample.handle(Document({"type": "file", "path": "/file", "size": size}))

    assert sample.files == [File("/file", 0)]
