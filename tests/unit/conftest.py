"""What unit tests share. They need nothing but Python, pytest and hypothesis: no restic, no server, no engine."""

from tests.support.log_stream import log_stream

__all__ = ["log_stream"]
