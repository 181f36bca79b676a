"""Every message a person can see, as it is in tests/golden: those of runs with real restic."""
