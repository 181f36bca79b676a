"""One session, from environment to exit code: settings, plan, restic, outcome."""

import logging
import os
from collections.abc import Mapping, Sequence
from io import TextIOWrapper
from typing import TextIO

from mover.app import plan
from mover.app.bootstrap import RuntimeContext, attempts, remedied
from mover.app.executor import execute
from mover.config.field_reader import Reader
from mover.config.restic_variables import redactor
from mover.config.settings import Settings, SettingsError, data_dir, read_reporting, read_settings
from mover.exit_codes import ExitCode, Failure
from mover.operations.context import OperationContext
from mover.platform.cache_volume import CacheVolume
from mover.platform.clock import Clock, write_time
from mover.platform.data_volume import entries
from mover.platform.file_lock import FileLock
from mover.platform.signals import ShutdownSignal
from mover.reporting import log_output, termination
from mover.reporting.outcome import Outcome
from mover.reporting.progress import FRAMES_IN_A_LOG, FRAMES_ON_A_TERMINAL, Bar, in_the_log
from mover.state.repository_state import MarkerFile
from mover.state.run_journal import this_run
from mover.state.store import StateStore

log = logging.getLogger(__name__)


def run_operations(
    names: Sequence[str], environment: Mapping[str, str], stopping: ShutdownSignal, stream: TextIO
) -> int:
    """Run a chain of operations and tell what became of it; return the exit code."""
    # A file name may hold what the terminal's encoding can't write, and a log is read while it grows.
    if isinstance(stream, TextIOWrapper):
        stream.reconfigure(line_buffering=True, errors="backslashreplace")
    clock, outcome, reader = Clock(), Outcome(), Reader(environment, redactor(environment))
    began = clock.monotonic()
    reporting, redact = read_reporting(reader), reader.redact
    bar = Bar(stream) if stream.isatty() and not log_output.is_json(reporting, stream) else None
    log_output.start(reporting, redact, stream, bar)
    around = RuntimeContext(
        stopping=stopping,
        clock=clock,
        cost=outcome.restic,
        progress=bar.show if bar else in_the_log(clock),
        redact=redact,
        frames=FRAMES_ON_A_TERMINAL if bar else FRAMES_IN_A_LOG,
    )
    try:
        settings = _settings(reader, names)
        _perform(names, settings, outcome, around)
    except SettingsError as error:
        for problem in error.problems:
            log.error(problem)
        outcome.problem = Failure(ExitCode.USAGE, _listed(error.problems))
    except Failure as failure:
        log.error(failure.sentence)
        outcome.problem = failure
    except Exception as error:  # the last resort: a fault must be told like any other outcome
        log.exception("a fault of the mover itself")
        outcome.problem = Failure(
            ExitCode.FAULT, f"A fault of the mover itself: {type(error).__name__}: {redact(str(error))}."
        )
    text = termination.tell(outcome, reporting, clock)
    if log_output.is_json(reporting, stream):
        termination.last_record(text, stream)
    else:
        for line in termination.summary(outcome, clock.monotonic() - began):
            log.info(line)
    return termination.exit_code(outcome, reporting)


def _settings(reader: Reader, names: Sequence[str]) -> Settings:
    """Validate the command line and the environment together, so that every problem is told at once."""
    reader.problems += plan.problems(names)
    if {"backup", "restore"} & set(names):
        try:
            entries(data_dir(reader))
        except Failure as missing:
            reader.object(missing.sentence)
    return read_settings(reader)


def _perform(names: Sequence[str], settings: Settings, outcome: Outcome, around: RuntimeContext) -> None:
    volume = CacheVolume(settings.cache, outcome.warn)
    volume.prepare()
    file_lock = FileLock(settings.cache)
    try:
        if not volume.problem:
            _take(file_lock, settings, outcome, around)
        record = _record(names, settings, volume, outcome, around.clock)
        handles = () if file_lock.handle is None else (file_lock.handle,)
        with attempts(settings, volume, around, handles) as plain:
            record.begin()
            try:
                repository = remedied(plain, settings, record, file_lock)
                execute(
                    plan.make(names, settings), OperationContext(settings, repository, record, around.clock, outcome)
                )
            finally:
                record.end(left_a_lock=plain.restic.left_a_lock)
    finally:
        file_lock.release()


def _take(file_lock: FileLock, settings: Settings, outcome: Outcome, around: RuntimeContext) -> None:
    """Have the cache volume for this run alone, where its file system knows such a thing."""
    try:
        file_lock.take(settings.lock_timeout, around.clock, around.stopping)
        file_lock.sign(f"process {os.getpid()} on {os.uname().nodename} since {write_time(around.clock.now())}")
    except OSError as error:
        outcome.warn(f"The cache volume can't be locked ({error.strerror}); don't let two movers use it at once.")


def _record(
    names: Sequence[str], settings: Settings, volume: CacheVolume, outcome: Outcome, clock: Clock
) -> StateStore:
    now = clock.now()
    file = MarkerFile(settings.cache, settings.repository.id)
    marker, complaints = file.load(now)
    for complaint in complaints:
        outcome.warn(complaint)
    return StateStore(marker, file, volume, clock, outcome.warn, this_run(now, names))


def _listed(problems: Sequence[str]) -> str:
    return (
        problems[0]
        if len(problems) == 1
        else f"{len(problems)} settings are wrong: {'; '.join(problem.removesuffix('.') for problem in problems)}"
    )
