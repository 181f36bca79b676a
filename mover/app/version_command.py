"""``mover --version``: the version of the installed restic, or why none can be used."""

from collections.abc import Mapping

from mover.config.restic_variables import PASSED
from mover.platform.clock import Clock
from mover.platform.signals import ShutdownSignal
from mover.restic import version
from mover.restic.process import Restic
from mover.restic.process_cost import ProcessCost


def restic_version(environment: Mapping[str, str], shutdown: ShutdownSignal) -> str:
    """Ask restic for its version.

    Raises:
        Failure: there is none, or it is too old.
        OSError: it can't be started.
    """
    allowed = {name: value for name, value in environment.items() if PASSED.fullmatch(name)}
    executable = version.locate(allowed.get("PATH", ""))
    return version.identify(Restic(executable, allowed, shutdown, Clock(), ProcessCost()), None).text
