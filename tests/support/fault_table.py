"""The tables of docs/faults.md: tests take the exit codes they expect from there, so that the two can't differ."""

import re
from collections.abc import Iterator
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "faults.md"
ROW = re.compile(r"^\| (?P<fault>[^|]+?) \| (?P<code>\d+)\b[^|]* \|", re.MULTILINE)


def exit_codes(page: Path = PAGE) -> dict[str, int]:
    """Return the exit code of each fault, by the words in the first column."""
    rows = list(_rows(page))
    assert len(dict(rows)) == len(rows), "a fault is listed twice"
    return dict(rows)


def _rows(page: Path) -> Iterator[tuple[str, int]]:
    for row in ROW.finditer(page.read_text()):
        yield row["fault"], int(row["code"])
