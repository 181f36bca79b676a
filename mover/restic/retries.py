"""Retries a restic command during an outage of its backend, each time in a new restic process.

restic retries single requests for 15 minutes by itself. If a whole process ends because the backend is unreachable,
it is started again here, and the time that all of them spend without a backend is bounded by ``RETRY_TIMEOUT``.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

from mover.config.secrets import Redactor
from mover.exit_codes import ExitCode
from mover.platform.cache_volume import CacheVolume
from mover.platform.clock import Clock
from mover.restic.environment import cache_environment, cache_flags
from mover.restic.errors.classify import classify
from mover.restic.errors.retry_watch import RetryWatch
from mover.restic.messages import Message, StatusMessage, without_secrets
from mover.restic.parsers import TextOutput
from mover.restic.process import Restic
from mover.restic.process_result import ProcessResult
from mover.restic.restic_command import Command

log = logging.getLogger(__name__)

MAX_WAIT_SECONDS = 30.0
"""Longest wait between two processes."""


class Output(Protocol):
    """What is kept of one process's messages."""

    def handle(self, message: Message) -> None:
        """Take in a message."""


OutputT = TypeVar("OutputT", bound=Output)


@dataclass(frozen=True)
class RetryingRestic:
    """Runs restic commands, each again while the backend is unreachable."""

    restic: Restic
    flags: tuple[str, ...]
    """Global flags that every command gets."""
    cache: CacheVolume
    retry_timeout: float
    """Seconds that a command goes on against an unreachable backend."""
    clock: Clock
    progress: Callable[[StatusMessage], None]
    redact: Redactor
    """Takes the secrets out of what restic prints."""

    def run(self, command: Command, new_output: Callable[[], OutputT]) -> tuple[OutputT, ProcessResult]:
        """Run a command until it ends for another reason than its backend; the output is that of the last process."""
        outage = Outage(self.retry_timeout, self.clock)
        attempt = self._run_once(command, new_output, outage)
        if not outage.allows_retry(attempt[1]):
            return attempt
        log_retry(attempt[1], outage)
        # Loaded late: not needed unless there is an outage.
        from tenacity import Retrying, retry_if_result, stop_never, wait_random_exponential  # noqa: PLC0415

        # The first retry starts at once: restic itself has waited before it ended.
        retrying = Retrying(
            retry=retry_if_result(lambda attempt: outage.allows_retry(attempt[1])),
            stop=stop_never,  # allows_retry ends the loop
            wait=lambda state: min(wait_random_exponential(max=MAX_WAIT_SECONDS)(state), outage.seconds_left),
            before_sleep=lambda state: log_retry(state.outcome.result()[1], outage) if state.outcome else None,
            sleep=self.restic.shutdown.sleep,
        )
        return retrying(self._run_once, command, new_output, outage)

    def ask(self, arguments: Sequence[str]) -> list[str] | None:
        """Run a command for its plain text alone; ``None`` if it failed."""
        output, result = self.run(Command(arguments), TextOutput)
        return None if result.failure else output.lines

    def _run_once(
        self, command: Command, new_output: Callable[[], OutputT], outage: "Outage"
    ) -> tuple[OutputT, ProcessResult]:
        output = new_output()
        watch = RetryWatch(outage.seconds_left, self.clock, self.redact)

        def handle(message: Message) -> None:
            output.handle(without_secrets(message, self.redact))
            if isinstance(message, StatusMessage):
                self.progress(message)

        result = self.restic.run(self._complete(command), watch, handle)
        # A snapshot that lacks files was saved before the signal came. A forget ends with 3 if it was cut off.
        partial = result.exit_code == ExitCode.PARTIAL and result.command == "backup"
        if result.exit_code != ExitCode.DONE and not partial:
            self.restic.shutdown.check()
        result.failure = watch.failure or classify(result, self.redact)
        outage.note(watch.failing_since)
        return output, result

    def _complete(self, command: Command) -> Command:
        """Add what every command gets."""
        return replace(
            command,
            arguments=[*command.arguments, *self.flags, *cache_flags(self.cache)],
            environment={**cache_environment(self.cache), **command.environment},
        )


class Outage:
    """How long the backend has been unreachable for one command, over all its processes.

    restic goes on for 15 minutes by itself, and that counts: the two never add up.
    """

    def __init__(self, timeout: float, clock: Clock) -> None:
        self._timeout = timeout
        self._clock = clock
        self._began: float | None = None

    @property
    def seconds_left(self) -> float:
        """Seconds of the timeout that are left."""
        return self._timeout - (self._clock.monotonic() - self._began if self._began is not None else 0)

    def note(self, failing_since: float | None) -> None:
        """Let the outage begin when the first process's requests began to fail, or now."""
        if self._began is None:
            self._began = failing_since if failing_since is not None else self._clock.monotonic()

    def allows_retry(self, result: ProcessResult) -> bool:
        """Whether a process failed because its backend is unreachable, and there is time left for another one."""
        unreachable = result.failure is not None and result.failure.code is ExitCode.UNREACHABLE
        return unreachable and self.seconds_left > 0


def log_retry(result: ProcessResult, outage: Outage) -> None:
    """Log that a command is retried, and why."""
    if result.failure:
        log.warning(f"{result.failure.message}; retrying for up to {outage.seconds_left:.0f} s (RETRY_TIMEOUT)")
