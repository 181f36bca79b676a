"""Lines out of chunks, whatever their sizes."""

from hypothesis import given
from hypothesis import strategies as st

from mover.restic.lines import Lines


@given(st.lists(st.binary(max_size=20)))
def test_lines_do_not_depend_on_the_chunks(chunks: list[bytes]) -> None:
    lines = Lines()
    found = [line for chunk in chunks for line in lines.feed(chunk)] + lines.end()
    whole = b"".join(chunks).split(b"\n")
    assert found == [text for line in whole if (text := line.decode(errors="replace").strip())]


def test_a_line_is_returned_when_it_is_complete() -> None:
    lines = Lines()
    assert lines.feed(b"one\ntw") == ["one"]
    assert lines.feed(b"o\r\n\n") == ["two"]
    assert lines.feed(b"three") == []
    assert lines.end() == ["three"]
    assert lines.end() == []


def test_a_long_line_is_shortened() -> None:
    lines = Lines(longest=5)
    assert lines.feed(b"123") + lines.feed(b"456789") + lines.feed(b"0\nnext\n") == ["12345", "next"]


def test_bytes_that_are_not_utf_8_are_replaced() -> None:
    assert Lines().feed(b"\xff\xfe ok\n") == ["\ufffd\ufffd ok"]
