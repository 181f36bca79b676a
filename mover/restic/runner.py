"""Running restic until it has an answer, or until trying again is of no use."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

from mover.config.secrets import Redactor
from mover.exit_codes import ExitCode
from mover.platform.cache_volume import CacheVolume
from mover.platform.clock import Clock
from mover.restic.errors.classify import RetryWatch, classify
from mover.restic.messages import Message, StatusMessage, without_secrets
from mover.restic.parsers import TextOutput
from mover.restic.process import Command, ProcessResult, Restic

log = logging.getLogger(__name__)

LONGEST_WAIT = 30.0
"""Seconds between two processes."""


class Output(Protocol):
    """What is kept of one process's messages."""

    def handle(self, message: Message) -> None:
        """Take notice of a message."""


Kind = TypeVar("Kind", bound=Output)


class Recovery(Protocol):
    """Something that can be done about a failed command."""

    def try_recover(self, ended: ProcessResult, waited: float) -> bool:
        """Do it, if it fits; whether it makes sense to try again. ``waited``: seconds since the first attempt."""


@dataclass(frozen=True)
class ResticRunner:
    """Runs restic commands, each as often as it takes."""

    restic: Restic
    flags: tuple[str, ...]
    """Global flags that every command gets."""
    cache: CacheVolume
    retry_timeout: float
    """Seconds a command goes on against a backend that can't be reached."""
    clock: Clock
    progress: Callable[[StatusMessage], None]
    redact: Redactor
    """Takes the secrets out of what restic says."""
    recoveries: tuple[Recovery, ...] = ()

    def run(self, command: Command, answer: Callable[[], Kind]) -> tuple[Kind, ProcessResult]:
        """Run a command to its end; the answer is that of the last process alone."""
        began = self.clock.monotonic()
        while True:
            attempt = self._through_outages(command, answer)
            ended = attempt[1]
            if not any(remedy.try_recover(ended, self.clock.monotonic() - began) for remedy in self.recoveries):
                return attempt

    def ask(self, arguments: Sequence[str]) -> list[str] | None:
        """Run a command for its plain text alone; nothing where it failed."""
        answer, ended = self._through_outages(Command(arguments), TextOutput)
        return None if ended.failure else answer.lines

    def _through_outages(self, command: Command, answer: Callable[[], Kind]) -> tuple[Kind, ProcessResult]:
        outage = _Outage(self.retry_timeout, self.clock)
        first = self._once(command, answer, outage)
        if not outage.may_pass(first):
            return first
        # Imported where it is needed: most runs never meet an outage.
        from tenacity import Retrying, retry_if_result, stop_never, wait_random_exponential  # noqa: PLC0415

        again = Retrying(
            retry=retry_if_result(outage.may_pass),
            stop=stop_never,  # the outage itself ends, and may_pass with it
            wait=lambda state: min(wait_random_exponential(max=LONGEST_WAIT)(state), outage.seconds_left),
            sleep=self.restic.stopping.sleep,
        )
        return again(self._once, command, answer, outage)

    def _once(self, command: Command, new_answer: Callable[[], Kind], outage: "_Outage") -> tuple[Kind, ProcessResult]:
        answer = new_answer()
        watch = RetryWatch(outage.seconds_left, self.clock, self.redact)

        def handle(message: Message) -> None:
            answer.handle(without_secrets(message, self.redact))
            if isinstance(message, StatusMessage):
                self.progress(message)

        whole = replace(
            command,
            arguments=[*command.arguments, *self.flags, *self.cache.flags],
            environment={**self.cache.environment, **command.environment},
        )
        ended = self.restic.run(whole, watch, handle)
        # A snapshot that lacks files was saved before the signal came. A forget ends with 3 where it was cut off.
        partial = ended.exit_code == ExitCode.PARTIAL and ended.command == "backup"
        if ended.exit_code != ExitCode.DONE and not partial:
            self.restic.stopping.check()
        ended.failure = watch.failure or classify(ended, self.redact)
        outage.note(watch.failing_since)
        return answer, ended


class _Outage:
    """How long the backend has been out of reach for one command, over all its processes.

    restic goes on for 15 minutes by itself, and that counts: the two never add up.
    """

    def __init__(self, longest: float, clock: Clock) -> None:
        self._longest = longest
        self._clock = clock
        self._began: float | None = None

    @property
    def seconds_left(self) -> float:
        return self._longest - (self._clock.monotonic() - self._began if self._began is not None else 0)

    def note(self, failing_since: float | None) -> None:
        if self._began is None:
            self._began = failing_since if failing_since is not None else self._clock.monotonic()

    def may_pass(self, attempt: tuple[Output, ProcessResult]) -> bool:
        """Whether the attempt failed for want of a backend, and there is time left for another one."""
        _, ended = attempt
        if ended.failure is None or ended.failure.code is not ExitCode.UNREACHABLE or self.seconds_left <= 0:
            return False
        log.warning("%s Trying again for up to %.0f s.", ended.failure.sentence, self.seconds_left)
        return True
