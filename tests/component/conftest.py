"""What tests with real restic share: movers, each in a folder of its own; .tools/bin holds the two restics."""

import pytest

from tests.support.log_stream import log_stream
from tests.support.mover_process import TOOLS
from tests.support.movers import fresh, history, mover, prepared_movers, restic, saved
from tests.support.restic_versions import NEWEST, OLDEST

__all__ = ["fresh", "history", "log_stream", "mover", "prepared_movers", "restic", "saved"]


@pytest.fixture(scope="session", autouse=True)
def restics() -> None:
    """Fail at once where there is no restic to test with, which is no reason to leave a test out."""
    if lacking := [name for name in (NEWEST, OLDEST) if not (TOOLS / name).exists()]:
        pytest.fail(f"no {' and '.join(lacking)} in .tools/bin: run `make tools`", pytrace=False)
