"""The demo: a volume backed up, lost and restored with the mover, shown as a user would type it."""
