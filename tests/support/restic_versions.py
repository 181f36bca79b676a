"""Which restics a test runs with."""

import pytest

NEWEST = "restic"
OLDEST = "restic-0.18"
"""Names in `.tools/bin`."""

both_restics = pytest.mark.parametrize("restic", [NEWEST, OLDEST], indirect=True)
"""For what the versions might do differently."""
