"""Log records as JSON lines."""

import time
from typing import Any

from pythonjsonlogger.json import JsonFormatter


class JsonLines(JsonFormatter):
    """One object a record: ``time`` in UTC, ``level`` in lower case, ``message``, and what else was given."""

    converter = staticmethod(time.gmtime)

    def __init__(self) -> None:
        super().__init__(
            "{asctime}{levelname}{message}",
            style="{",
            datefmt="%Y-%m-%dT%H:%M:%SZ",
            rename_fields={"asctime": "time", "levelname": "level"},
            json_ensure_ascii=False,
        )

    def process_log_record(self, log_data: dict[str, Any]) -> dict[str, Any]:
        """Write the level as the outcome object does."""
        return super().process_log_record({**log_data, "level": log_data["level"].lower()})
