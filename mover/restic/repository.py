"""The repository, seen through restic's commands: the one place where their arguments are made.

A method is one restic process, or more if it has to be retried, and raises ``Failure`` if it did not do what its
name says. ``parsers`` reads their output.
"""

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from mover.exit_codes import ExitCode, Failure
from mover.restic import phrases
from mover.restic.errors.classify import classify_backend_failure
from mover.restic.forget_and_prune import ForgetAndPrune
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
from mover.restic.restic_command import Command
from mover.restic.retries import OutputT
from mover.restic.runner import ResticRunner

WITHOUT_REGION = {"AWS_DEFAULT_REGION": ""}
"""Makes sure that a missing repository is missing: without a region restic looks for the bucket itself first. Then the
404 of some web server, in place of an S3 server that is down, no longer looks as if S3 had said that there is none."""


@dataclass(frozen=True)
class Repository:
    """One repository, and the snapshots of one host in it."""

    runner: ResticRunner
    shown: str
    """Its URL without a password."""
    host: str

    def init(self) -> None:
        """Create the repository, and its bucket if there is none; an existing one is not an error.

        Not interrupted by signals: a repository with a key but no config can neither be used nor created again.
        """
        _, result = self.runner.run(Command(["init", "--json"], ignores_shutdown=True), Discard)
        if result.failure and phrases.is_keys_without_config_error(result.text):
            raise Failure(
                ExitCode.DAMAGED,
                f"Repository {self.shown} is damaged: it has keys but no config file; restore `config` from a copy of "
                "it, or use another location if nothing was ever saved in it",
            )
        if result.failure and not phrases.is_repository_exists_error(result.text):
            raise result.failure

    def backup(self, folder: Path, flags: Iterable[str]) -> BackupOutput:
        """Save a snapshot of the folder, its entries at the snapshot's root.

        The summary is missing if there was nothing to save, and has no id if nothing had changed.
        """
        arguments = ["backup", "--json", f"--host={self.host}", *flags, "."]
        output, result = self.runner.run(Command(arguments, folder), lambda: BackupOutput(f"{folder}/"))
        if result.failure and phrases.is_empty_snapshot_error(result.text):
            return replace(output, summary=None)
        if result.failure and (result.exit_code != ExitCode.PARTIAL or output.summary is None):
            raise result.failure
        if output.summary is None:
            raise _incomplete("backup", "summary")
        return output

    def snapshots(self, path: str) -> SnapshotList:
        """List this host's snapshots of a path, the newest first."""
        return self._list([f"--host={self.host}", f"--path={path}"])

    def all_snapshots(self) -> SnapshotList:
        """List the snapshots of every host and path, the newest first."""
        return self._list([])

    def _list(self, filters: Sequence[str]) -> SnapshotList:
        # Without a lock: nothing is read but what is listed, and a list needs no write access.
        arguments = ["snapshots", "--json", "--no-lock", *filters]
        output, result = self.runner.run(Command(arguments), SnapshotList)
        if result.failure and result.failure.code is ExitCode.NO_REPOSITORY:
            output, result = self.runner.run(Command(arguments, environment=WITHOUT_REGION), SnapshotList)
        if result.failure:
            raise result.failure
        if not output.was_printed:
            raise _incomplete("snapshots", "list")
        output.snapshots.sort(key=lambda snapshot: snapshot.time, reverse=True)
        return output

    def forget(self, path: Path, flags: Iterable[str]) -> ForgetOutput:
        """Apply a policy to this host's snapshots of a path."""
        output, result = self.runner.run(Command(self._forget(path, flags)), ForgetOutput)
        if result.failure:
            raise result.failure
        return output

    def forget_and_prune(self, path: Path, flags: Iterable[str]) -> ForgetAndPrune:
        """Apply a policy and prune in the same process, and say how far that went, even if it failed."""
        outputs: list[ForgetOutput] = []

        def new_output() -> ForgetOutput:
            outputs.append(ForgetOutput(self.runner.retrying.clock, prune_follows=True))
            return outputs[-1]

        try:
            _, result = self.runner.run(Command([*self._forget(path, flags), "--prune"], prunes=True), new_output)
        except Failure as stopped:  # by a signal: what was forgotten before is forgotten
            return ForgetAndPrune(tuple(outputs), stopped)
        return ForgetAndPrune(tuple(outputs), result.failure)

    def _forget(self, path: Path, flags: Iterable[str]) -> list[str]:
        return ["forget", "--json", f"--host={self.host}", f"--path={path}", *flags]

    def remove(self, snapshots: Sequence[Snapshot]) -> None:
        """Forget exactly these snapshots."""
        self._run(["forget", "--json", *(snapshot.id for snapshot in snapshots)])

    def repair_index(self) -> None:
        """Rebuild the index from the packs, so that data that was uploaded without an index is found again."""
        self._run(["repair", "index"])

    def prune(self) -> None:
        """Remove data that no snapshot uses."""
        self._run(["prune"], prunes=True)

    def check(self, subset: str | None, folder: Path) -> CheckOutput:
        """Check the repository's structure, and read a subset such as ``2/5`` of its data; errors are no failure.

        Under restic's exclusive lock: a prune or forget at the same time would look like damage, and somebody
        might then repair an intact repository. Other runs wait for it; a small subset keeps that short.

        Not with the cache (``--with-cache``): that holds the very files that are to be checked, and would hide that
        the backend lost them. restic makes another one in the folder, which must be empty: it is left there if
        restic is killed.
        """
        read = [f"--read-data-subset={subset}"] if subset else []
        output, result = self.runner.run(Command(["check", "--json", f"--cache-dir={folder}", *read]), CheckOutput)
        # restic also counts an error when it was stopped, found a lock, or could not open the repository.
        if result.failure and (result.failure.code is not ExitCode.DAMAGED or not output.first):
            raise result.failure
        other = None if phrases.is_pack_error(output.first) else classify_backend_failure(output.first)
        if other:
            raise other  # restic counts an outage that it gave up on as an error of the repository
        if output.summary is None:
            raise _incomplete("check", "summary")
        return output

    def unlock(self) -> int:
        """Remove the locks that restic considers stale; return how many there were."""
        output = self._output_of(["unlock"], TextOutput)
        return sum(phrases.removed_lock_count(line) for line in output.lines)

    def restore(self, snapshot: Snapshot, folder: Path, flags: Iterable[str]) -> tuple[RestoreOutput, Failure | None]:
        """Restore a snapshot over what is in the folder; return how far that went, and the failure if it failed.

        Owners that could not be kept are no failure: they are counted.
        """
        arguments = ["restore", "--json", snapshot.id, f"--target={folder}", *flags]
        output, result = self.runner.run(Command(arguments), RestoreOutput)
        if output.summary is None:
            return output, result.failure or _incomplete("restore", "summary")
        only_owners = output.not_owned > 0 and output.failed.count == 0
        return output, None if only_owners and result.exit_code == 1 else result.failure

    def list_files(self, snapshot: Snapshot, new_output: Callable[[], OutputT]) -> OutputT:
        """List every entry of a snapshot into an output of the caller's, under a lock."""
        return self._output_of(["ls", "--json", snapshot.id], new_output)

    def foreign_owners(self, snapshot: Snapshot) -> int:
        """Count the entries of a snapshot that do not belong to the user who runs the mover."""
        user, groups = os.geteuid(), {os.getegid(), *os.getgroups()}
        counter = self._output_of(["ls", "--json", "--no-lock", snapshot.id], lambda: ForeignOwnerCounter(user, groups))
        return counter.foreign

    def missing_bytes(self, snapshot: Snapshot, folder: Path) -> int:
        """Add up what of a snapshot's files is not in the folder yet."""
        counter = self._output_of(["ls", "--json", "--no-lock", snapshot.id], lambda: MissingBytesCounter(folder))
        return counter.bytes

    def _output_of(self, arguments: Sequence[str], new_output: Callable[[], OutputT]) -> OutputT:
        output, result = self.runner.run(Command(arguments), new_output)
        if result.failure:
            raise result.failure
        return output

    def _run(self, arguments: Sequence[str], *, prunes: bool = False) -> None:
        _, result = self.runner.run(Command(arguments, prunes=prunes), Discard)
        if result.failure:
            raise result.failure


def _incomplete(command: str, missing: str) -> Failure:
    return Failure(ExitCode.FAULT, f"restic {command} succeeded but printed no {missing}")
