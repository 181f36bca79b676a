"""Upper limits of the settings that are also fields of the custom resources.

A module of its own so that the controller can share them without the settings of a run.
"""

MOST_DAYS = 36500
"""Of an interval between prunes or checks."""

MOST_PREVIOUS = 1_000_000
"""Snapshots to go back from the latest one."""
