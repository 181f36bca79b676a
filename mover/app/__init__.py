"""Composition root: puts the parts of a run together, plans and executes its operations; and the other commands."""
