"""One run, from environment to exit code: settings, plan, operations, outcome.

Every way in which a run can end goes through here, so that each is reported once: as exit code, outcome and log.
"""

import logging
import os
from collections.abc import Callable, Mapping, Sequence
from io import TextIOWrapper
from typing import TextIO

from mover.app import plan
from mover.app.bootstrap import RuntimeContext, repository_of_run, restic_with_retries
from mover.app.executor import execute
from mover.app.validation import joined, validated_settings
from mover.config.environment_reader import EnvironmentReader
from mover.config.reporting_settings import ReportingSettings, read_reporting
from mover.config.restic_variables import redactor
from mover.config.secrets import Redactor
from mover.config.settings import Settings, SettingsError
from mover.exit_codes import ExitCode, Failure
from mover.operations.context import OperationContext
from mover.platform.cache_volume import CacheVolume
from mover.platform.clock import Clock, write_time
from mover.platform.file_lock import FileLock
from mover.platform.signals import ShutdownSignal
from mover.reporting import log_output, run_exit_code, summary, termination
from mover.reporting.outcome import Outcome
from mover.reporting.progress import FRAMES_IN_A_LOG, FRAMES_ON_A_TERMINAL, Bar, in_the_log
from mover.state.marker_file import MarkerFile
from mover.state.run_journal import this_run
from mover.state.store import StateStore
from mover.warning_reasons import WarningReason

log = logging.getLogger(__name__)


def run_operations(
    words: Sequence[str],
    environment: Mapping[str, str],
    shutdown: ShutdownSignal,
    stream: TextIO,
    subcommands: Sequence[str] = (),
) -> int:
    """Run the operations that the command line names, and report the outcome; return the exit code."""
    clock, outcome = Clock(), Outcome()
    began = clock.monotonic()
    reader = EnvironmentReader(environment, redactor(environment))
    reporting = read_reporting(reader)
    runtime = _runtime(shutdown, clock, outcome, reader.redact, _start_log(reporting, reader.redact, stream))
    outcome.problem = _failure_of(
        lambda: _perform(words, validated_settings(reader, words, subcommands), outcome, runtime), reader.redact
    )
    _report(outcome, reporting, stream, clock, began)
    return run_exit_code.of_process(outcome.code, reporting.treat_as_success)


def _start_log(reporting: ReportingSettings, redact: Redactor, stream: TextIO) -> Bar | None:
    """Send the log to the stream; return a progress bar if it is a terminal that shows the log as text."""
    # A file name may hold what the terminal's encoding can't write, and a log is read while it grows.
    if isinstance(stream, TextIOWrapper):
        stream.reconfigure(line_buffering=True, errors="backslashreplace")
    bar = Bar(stream) if stream.isatty() and not log_output.is_json(reporting, stream) else None
    log_output.start(reporting, redact, stream, bar.clear if bar else lambda: None)
    return bar


def _runtime(
    shutdown: ShutdownSignal, clock: Clock, outcome: Outcome, redact: Redactor, bar: Bar | None
) -> RuntimeContext:
    return RuntimeContext(
        shutdown=shutdown,
        clock=clock,
        cost=outcome.restic,
        progress=bar.show if bar else in_the_log(clock),
        redact=redact,
        progress_fps=FRAMES_ON_A_TERMINAL if bar else FRAMES_IN_A_LOG,
    )


def _failure_of(work: Callable[[], None], redact: Redactor) -> Failure | None:
    """Run ``work``; return the failure that ended the run outside of any operation, if any."""
    try:
        work()
    except SettingsError as error:
        for problem in error.problems:
            log.error(problem)
        return Failure(ExitCode.USAGE, joined(error.problems))
    except Failure as failure:
        log.error(failure.message)
        return failure
    except Exception as error:  # the last resort: a fault is reported like any other outcome
        log.exception("internal error of the mover")
        return Failure(ExitCode.FAULT, f"Internal error of the mover: {type(error).__name__}: {redact(str(error))}")
    return None


def _report(outcome: Outcome, reporting: ReportingSettings, stream: TextIO, clock: Clock, began: float) -> None:
    text = termination.report(outcome, reporting, clock)
    if log_output.is_json(reporting, stream):
        termination.write_last_record(text, stream)
    else:
        for line in summary.summarize(outcome, clock.monotonic() - began):
            log.info(line)


def _perform(names: Sequence[str], settings: Settings, outcome: Outcome, runtime: RuntimeContext) -> None:
    """Run the plan with the cache volume locked and this run in the journal."""
    volume = CacheVolume(settings.cache, outcome.warn)
    volume.prepare()
    file_lock = FileLock(settings.cache)
    try:
        if not volume.problem:
            _lock_cache_volume(file_lock, settings, outcome, runtime)
        store = _store(names, settings, volume, outcome, runtime.clock)
        if file_lock.descriptor is not None:
            store.file.remove_temporary_files()
        with restic_with_retries(settings, volume, runtime, file_lock) as retrying:
            for unfinished in store.begin_run():
                outcome.warn(WarningReason.UNFINISHED_RUN, unfinished.unfinished_message())
            try:
                repository = repository_of_run(retrying, settings, store, file_lock)
                context = OperationContext(
                    settings, repository, store, runtime.clock, outcome.warn, runtime.shutdown.sleep
                )
                execute(plan.make(names, settings), context, outcome)
            finally:
                store.end_run(may_have_left_lock=retrying.restic.may_have_left_lock)
    finally:
        file_lock.release()


def _lock_cache_volume(file_lock: FileLock, settings: Settings, outcome: Outcome, runtime: RuntimeContext) -> None:
    """Lock the cache volume for this run, if its file system supports locks."""
    try:
        file_lock.acquire(settings.lock_timeout, runtime.clock, runtime.shutdown)
    except OSError as error:
        outcome.warn(
            WarningReason.CACHE_NOT_LOCKED,
            f"RESTIC_CACHE_DIR: cannot lock {settings.cache} ({error.strerror}); never let two movers use it at once",
        )
        return
    _record_holder(file_lock, runtime.clock)


def _record_holder(file_lock: FileLock, clock: Clock) -> None:
    """Write the holder into the lock file, for the messages of waiting runs; skipped if the volume is full."""
    try:
        file_lock.record_holder(f"PID {os.getpid()} on host {os.uname().nodename} since {write_time(clock.now())}")
    except OSError as error:
        log.debug("cannot write the holder of the cache volume's lock: %s", error.strerror)


def _store(names: Sequence[str], settings: Settings, volume: CacheVolume, outcome: Outcome, clock: Clock) -> StateStore:
    now = clock.now()
    file = MarkerFile(settings.cache, settings.repository.id)
    state, problems = file.load(now)
    for problem in problems:
        outcome.warn(WarningReason.STATE_UNUSABLE, problem)
    return StateStore(state, file, volume, clock, outcome.warn, this_run(now, names))
