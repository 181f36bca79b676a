"""Tests of pure logic, and of real restic on local repositories."""
