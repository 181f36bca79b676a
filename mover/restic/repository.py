"""The repository, seen through restic's commands: the one place where their arguments are made.

A method is one restic process, or more where one has to be tried again, and raises ``Failure`` where it did
not do what its name says.
"""

import os
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from mover.exit_codes import ExitCode, Failure
from mover.restic.errors.classify import not_damage
from mover.restic.messages import Snapshot
from mover.restic.parsers import (
    BackupOutput,
    CheckOutput,
    Discard,
    ForeignOwnerCounter,
    ForgetOutput,
    MissingBytesCounter,
    RestoreOutput,
    SnapshotList,
    TextOutput,
)
from mover.restic.process import Command
from mover.restic.runner import Kind, ResticRunner

ALREADY_THERE = ("already initialized", "config file already exists")
REGION = "AWS_DEFAULT_REGION"
KEYS_WITHOUT_CONFIG = "already contains keys"
NOTHING_TO_SAVE = "snapshot is empty"
REMOVED_LOCKS = re.compile(r"successfully removed (\d+) locks")
ABOUT_A_PACK = "pack "
"""How restic's check begins what it found wrong with a pack. Such a line has numbers in it that mean nothing else."""
PARTIAL = 3
"""restic's exit code where some files could not be read: the snapshot was saved, or skipped as unchanged."""


@dataclass(frozen=True)
class Repository:
    """One repository, and the snapshots of one host in it."""

    attempts: ResticRunner
    shown: str
    """Where it is, without a password."""
    host: str

    def init(self) -> None:
        """Create the repository, and its bucket where there is none; one that is there already is fine.

        A signal lets it finish: with its key and without its config a repository can't be created any more.
        """
        _, ended = self.attempts.run(Command(["init", "--json"], finishes=True), Discard)
        if ended.failure and KEYS_WITHOUT_CONFIG in ended.text:
            raise Failure(
                ExitCode.DAMAGED,
                f"The repository {self.shown} has keys but no config file: put back `config` from a copy of it, or "
                "remove its `keys` if nothing was ever saved in it.",
            )
        if ended.failure and not any(words in ended.text for words in ALREADY_THERE):
            raise ended.failure

    def backup(self, folder: Path, flags: Iterable[str]) -> BackupOutput:
        """Save a snapshot of the folder, its entries at the snapshot's root.

        The summary is missing where there was nothing to save, and has no id where nothing had changed.
        """
        arguments = ["backup", "--json", f"--host={self.host}", *flags, "."]
        answer, ended = self.attempts.run(Command(arguments, folder), lambda: BackupOutput(f"{folder}/"))
        if ended.failure and NOTHING_TO_SAVE in ended.text:
            return replace(answer, summary=None)
        if ended.failure and (ended.exit_code != PARTIAL or answer.summary is None):
            raise ended.failure
        if answer.summary is None:
            raise _unheard_of("backup", "its summary")
        return answer

    def snapshots(self, path: str) -> SnapshotList:
        """List this host's snapshots of a path, the newest first."""
        return self._list([f"--host={self.host}", f"--path={path}"])

    def all_snapshots(self) -> SnapshotList:
        """List the snapshots of every host and path, the newest first."""
        return self._list([])

    def _list(self, filters: Sequence[str]) -> SnapshotList:
        # Without a lock: nothing is read but what is listed, and a list needs no write access.
        arguments = ["snapshots", "--json", "--no-lock", *filters]
        answer, ended = self.attempts.run(Command(arguments), SnapshotList)
        if ended.failure and ended.failure.code is ExitCode.NO_REPOSITORY:
            # Asked without a region restic looks for the bucket itself first: then the 404 of some web server, which
            # stands in for an S3 that is down, no longer looks as if S3 had said that there is no repository.
            answer, ended = self.attempts.run(Command(arguments, environment={REGION: ""}), SnapshotList)
        if ended.failure:
            raise ended.failure
        if not answer.heard:
            raise _unheard_of("snapshots", "its list")
        answer.snapshots.sort(key=lambda snapshot: snapshot.time, reverse=True)
        return answer

    def forget(
        self, path: Path, flags: Iterable[str], decided: Callable[[ForgetOutput], None] = lambda _: None
    ) -> ForgetOutput:
        """Apply a policy to this host's snapshots of a path.

        With ``--prune`` among the flags restic goes on to prune, but only where it removed a snapshot;
        ``decided`` is called before that.
        """
        arguments = ["forget", "--json", f"--host={self.host}", f"--path={path}", *flags]
        command = Command(arguments, prunes="--prune" in arguments)
        answer, ended = self.attempts.run(command, lambda: ForgetOutput(decided))
        if ended.failure:
            raise ended.failure
        return answer

    def remove(self, snapshots: Sequence[Snapshot]) -> None:
        """Forget exactly these snapshots."""
        self._must(["forget", "--json", *(snapshot.id for snapshot in snapshots)])

    def repair_index(self) -> None:
        """Make the index anew from the packs that are there, so that data no index knew of is found again."""
        self._must(["repair", "index"])

    def prune(self) -> None:
        """Remove data that no snapshot uses."""
        self._must(["prune"], prunes=True)

    def check(self, subset: str | None, folder: Path) -> CheckOutput:
        """Check the repository's structure, and read a subset such as ``2/5`` of its data; errors are no failure.

        Under restic's exclusive lock: a prune or forget at the same time would look like damage, and somebody
        would then repair what is whole. Others wait for it; a small subset keeps that short.

        Not with the cache (``--with-cache``): that holds the very files that are to be checked, and would hide that
        the backend lost them. restic makes another one in the folder, which has to be empty: it is left there
        where restic is killed.
        """
        read = [f"--read-data-subset={subset}"] if subset else []
        answer, ended = self.attempts.run(Command(["check", "--json", f"--cache-dir={folder}", *read]), CheckOutput)
        # restic counts an error also where it was stopped, found a lock, or could not open the repository.
        if ended.failure and (ended.failure.code is not ExitCode.DAMAGED or not answer.first):
            raise ended.failure
        other = None if answer.first.startswith(ABOUT_A_PACK) else not_damage(answer.first)
        if other:
            raise other  # restic counts an outage that it gave up on as an error of the repository
        if answer.summary is None:
            raise _unheard_of("check", "its summary")
        return answer

    def unlock(self) -> int:
        """Remove the locks that restic takes for stale; return how many there were."""
        answer, ended = self.attempts.run(Command(["unlock"]), TextOutput)
        if ended.failure:
            raise ended.failure
        removed = (REMOVED_LOCKS.search(line) for line in answer.lines)
        return sum(int(match[1]) for match in removed if match)

    def restore(self, snapshot: Snapshot, folder: Path, flags: Iterable[str]) -> tuple[RestoreOutput, Failure | None]:
        """Restore a snapshot over what is in the folder, and say how far that went, also where it failed.

        Owners that could not be kept are no failure: they are counted.
        """
        arguments = ["restore", "--json", snapshot.id, f"--target={folder}", *flags]
        answer, ended = self.attempts.run(Command(arguments), RestoreOutput)
        if answer.summary is None:
            return answer, ended.failure or _unheard_of("restore", "its summary")
        only_owners = answer.not_owned > 0 and answer.failed.count == 0
        return answer, None if only_owners and ended.exit_code == 1 else ended.failure

    def listed(self, snapshot: Snapshot, answer: Callable[[], Kind]) -> Kind:
        """Have an answer hear of every entry of a snapshot, under a lock."""
        heard, ended = self.attempts.run(Command(["ls", "--json", snapshot.id]), answer)
        if ended.failure:
            raise ended.failure
        return heard

    def foreign_owners(self, snapshot: Snapshot) -> int:
        """Count the entries of a snapshot that do not belong to the user who asks."""
        answer, ended = self.attempts.run(
            Command(["ls", "--json", "--no-lock", snapshot.id]),
            lambda: ForeignOwnerCounter(os.geteuid(), {os.getegid(), *os.getgroups()}),
        )
        if ended.failure:
            raise ended.failure
        return answer.foreign

    def missing_bytes(self, snapshot: Snapshot, folder: Path) -> int:
        """Add up what of a snapshot's files is not in the folder yet."""
        answer, ended = self.attempts.run(
            Command(["ls", "--json", "--no-lock", snapshot.id]), lambda: MissingBytesCounter(folder)
        )
        if ended.failure:
            raise ended.failure
        return answer.bytes

    def _must(self, arguments: Sequence[str], *, prunes: bool = False) -> None:
        _, ended = self.attempts.run(Command(arguments, prunes=prunes), Discard)
        if ended.failure:
            raise ended.failure


def _unheard_of(command: str, what: str) -> Failure:
    return Failure(ExitCode.FAULT, f"restic {command} ended well but without {what}.")
