"""What the mover does, one file for each operation.

Each has a function ``perform(run, step)`` that returns one line on what was done, or ``None`` where there was
nothing to be recorded, and raises ``Failure`` where it failed.
"""
