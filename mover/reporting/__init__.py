"""How a run is reported: log records, progress, the outcome object, the exit code and the summary."""
