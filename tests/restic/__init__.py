"""Fast tests of restic's door: its process, messages and verdicts."""
