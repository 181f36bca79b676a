"""What the read-only commands share: settings, and a log on stderr, so that stdout has nothing but their output."""

import sys
from collections.abc import Mapping

from mover.config.environment_reader import EnvironmentReader
from mover.config.reporting_settings import read_reporting
from mover.config.restic_variables import redactor
from mover.config.settings import Settings, SettingsError, read_settings
from mover.exit_codes import ExitCode, Failure
from mover.reporting import log_output


def settings_and_log(environment: Mapping[str, str]) -> Settings:
    """Read the settings, and send log records to stderr.

    Raises:
        Failure: the settings are wrong; its message has a line for each problem.
    """
    reader = EnvironmentReader(environment, redactor(environment))
    log_output.start(read_reporting(reader), reader.redact, sys.stderr)
    try:
        return read_settings(reader)
    except SettingsError as error:
        raise Failure(ExitCode.USAGE, "\nmover: ".join(error.problems)) from error
