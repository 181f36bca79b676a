"""Paths as patterns of restic."""

import pytest

from mover.restic.patterns import include_line


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
    assert include_line(path) == line
