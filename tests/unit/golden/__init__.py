"""Every message a person can see, as it is in tests/golden: those that need Python alone."""
