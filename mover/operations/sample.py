"""The sample of a test restore: random files of a snapshot, chosen while restic lists it.

A snapshot may list millions of files, so no more than the sample is kept in memory.
"""

import random
from dataclasses import dataclass, field

from mover.restic.json_fields import whole_of
from mover.restic.messages import Document, Message


@dataclass(frozen=True)
class File:
    """A regular file of a snapshot: its path from the snapshot's root, and its bytes."""

    path: str
    size: int


@dataclass
class Sample:
    """Parser of ``ls``: a uniform random sample of the files (reservoir sampling).

    Holds no more than the sample, however large the snapshot is.
    """

    most: int
    rng: random.Random = field(default_factory=random.SystemRandom)
    files: list[File] = field(default_factory=list)
    seen: int = 0

    def handle(self, message: Message) -> None:
        """Take a file in, instead of another one if the sample is full."""
        match message:
            case Document({"type": "file", "path": str(path)} as fields):
                self._take(File(path, whole_of(fields, "size")))

    def _take(self, file: File) -> None:
        self.seen += 1
        if len(self.files) < self.most:
            self.files.append(file)
        elif (place := self.rng.randrange(self.seen)) < self.most:
            self.files[place] = file
