"""Each operation, with real restic on local repositories."""
