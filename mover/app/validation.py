"""What has to hold before anything runs: command line, settings and volume, checked together.

All problems are reported together, so that users can fix them in one go.
"""

from collections.abc import Sequence

from mover.app import plan
from mover.config.environment_reader import EnvironmentReader
from mover.config.operation import COMMANDS, Operation
from mover.config.settings import Settings, data_dir, read_settings
from mover.exit_codes import Failure
from mover.platform.data_volume import entries


def validated_settings(reader: EnvironmentReader, words: Sequence[str], subcommands: Sequence[str]) -> Settings:
    """Read the settings for a run of operations.

    Raises:
        SettingsError: something is wrong with the command line, the settings or the volume.
    """
    for problem in plan.problems(words, subcommands):
        reader.problem(problem)
    if any(Operation(word).uses_data_volume for word in words if word in COMMANDS):
        try:
            entries(data_dir(reader))
        except Failure as missing:
            reader.problem(missing.message)
    return read_settings(reader)


def joined(problems: Sequence[str]) -> str:
    """Join all problems into one line, for the outcome."""
    if len(problems) == 1:
        return problems[0]
    return f"{len(problems)} problems: {'; '.join(problem.removesuffix('.') for problem in problems)}"
