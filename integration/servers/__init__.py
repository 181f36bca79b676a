"""Real servers on loopback, well-behaved and not, each a context manager that cleans up after itself."""
