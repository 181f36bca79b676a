"""Choosing files for a trial restore, and naming them to restic."""

from collections import Counter
from random import Random

import pytest

from mover.operations.verify import File, Sample, pattern
from mover.restic.messages import Document, Text


def entry(number: int, kind: str = "file") -> Document:
    return Document({"struct_type": "node", "type": kind, "path": f"/{number}", "size": number})


class TestASample:
    def test_is_all_of_the_files_where_there_are_no_more(self) -> None:
        sample = Sample(5)
        for number in range(3):
            sample.handle(entry(number))

        assert sample.files == [File("/0", 0), File("/1", 1), File("/2", 2)]

    def test_holds_no_more_than_was_asked_for_and_none_twice(self) -> None:
        sample = Sample(5)
        for number in range(1000):
            sample.handle(entry(number))

        assert len(sample.files) == len(set(sample.files)) == 5

    def test_is_as_likely_to_take_one_file_as_another(self) -> None:
        chance, taken = Random(1), Counter[str]()  # noqa: S311  chance that is the same each time
        for _ in range(4000):
            sample = Sample(2, chance)
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
    def test_has_regular_files_alone(self, message: Document | Text) -> None:
        sample = Sample(5)
        sample.handle(message)

        assert sample.files == []

    @pytest.mark.parametrize("size", [None, -1, "1", [], {}])
    def test_takes_a_file_of_unknown_size_for_empty(self, size: object) -> None:
        sample = Sample(5)
        sample.handle(Document({"type": "file", "path": "/file", "size": size}))

        assert sample.files == [File("/file", 0)]


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("/plain/file", b"/plain/file\n"),
        ("/a*b?[c]", rb"/a\*b\?\[c\]" + b"\n"),
        ("/back\\slash", b"/back\\\\slash\n"),
        ("/$HOME", b"/$$HOME\n"),
        ("/trailing \t", b"/trailing??\n"),
        ("/new\nline", b"/new?line\n"),
        ("/cr\r", b"/cr?\n"),
        ("/latin \ufffd", b"/latin ?\n"),
        ("/lone \ud800", b"/lone ?\n"),
        ("/größe", "/größe\n".encode()),
    ],
)
def test_a_path_is_written_as_a_pattern_for_it_alone(path: str, line: bytes) -> None:
    assert pattern(path) == line
