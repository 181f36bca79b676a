"""Golden files: every message a person can see, as real runs make it, in pages that are read and reviewed.

What differs from run to run (ids, times, sizes, paths, …) is replaced by its kind. `make golden` rewrites the pages.
"""

import difflib
import re
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "golden"

VOLATILE = (
    (r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?", "<time>"),
    (r"[^\s'\"]*/prepared_movers\d+/[\w-]+", "<prepared>"),
    (r"\b(?=[0-9a-f]*[0-9])([0-9a-f]{64}|[0-9a-f]{16}|[0-9a-f]{10}|[0-9a-f]{8})\b", "<id>"),
    (r"\b(PID|pid|process) \d+\b", r"\1 <pid>"),
    (r"\b(uid|gid|user) \d+\b", r"\1 <number>"),
    (r"\b\d+(\.\d+)? (B|[KMGT]iB)(?![\w/])", "<size>"),
    (r"\b\d+(\.\d+)? s\b", "<seconds> s"),
    (r"completed in \d+s", "completed in <seconds>s"),
    (r"\b\d+m\d+(\.\d+)?s\b", "<duration>"),
    (r"\b\d+:\d\d\b", "<duration>"),
    (r"\b0\.1[89]\.\d+\b", "<version of restic>"),
    (r"(?<=\S) {2,}", "  "),
)
"""Patterns of what differs from run to run, and what stands for it."""


def normalised(text: str, known: Mapping[str, str] | None = None) -> str:
    """Return a text with everything volatile replaced; `known` has further texts and what stands for them."""
    for found, kind in sorted((known or {}).items(), key=lambda pair: -len(pair[0])):
        text = text.replace(found, kind)
    text = re.sub(rf"\b{re.escape(socket.gethostname())}\b", "<host>", text)
    for pattern, kind in VOLATILE:
        text = re.sub(pattern, kind, text)
    return text


@dataclass
class Page:
    """A page to be made: an introduction, and a section with a block of text for each case."""

    title: str
    introduction: str
    _sections: list[str] = field(default_factory=list)

    def add(self, heading: str, lines: Sequence[str]) -> None:
        """Add a section."""
        block = "\n".join(line.rstrip() for line in lines).strip("\n")
        self._sections.append(f"## {heading}\n\n```text\n{block}\n```\n")

    @property
    def text(self) -> str:
        """The whole page."""
        note = "Written by `make golden`; do not edit it by hand."
        return "\n".join([f"# {self.title}\n\n{self.introduction}\n{note}\n", *self._sections])


@dataclass(frozen=True)
class GoldenFiles:
    """The pages in tests/golden: compared, or written where that is asked for."""

    rewrite: bool

    def check(self, name: str, page: Page) -> None:
        """Compare a page with the one that was reviewed last."""
        path = FOLDER / f"{name}.md"
        if self.rewrite:
            FOLDER.mkdir(exist_ok=True)
            path.write_text(page.text)
            return
        reviewed = path.read_text() if path.exists() else ""
        diff = difflib.unified_diff(reviewed.splitlines(), page.text.splitlines(), f"{path}", "this run", lineterm="")
        assert page.text == reviewed, "\n".join(["messages differ: run `make golden` and review the diff", *diff])


def all_pages() -> str:
    """Return the text of all pages."""
    return "\n".join(path.read_text() for path in sorted(FOLDER.glob("*.md")))
