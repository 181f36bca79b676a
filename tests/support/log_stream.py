"""The mover's logger, for tests that write log records themselves."""

import io
import logging
from collections.abc import Iterator

import pytest


@pytest.fixture
def log_stream() -> Iterator[io.StringIO]:
    """A stream for log records; the mover's logger is as before after the test."""
    mover = logging.getLogger("mover")
    handlers, level, propagate = mover.handlers, mover.level, mover.propagate
    yield io.StringIO()
    mover.handlers, mover.propagate = handlers, propagate
    mover.setLevel(level)
