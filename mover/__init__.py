"""A restic backup runtime for one volume: backup, retention, prune, check and restore, told truthfully."""

__version__ = "0.1.0"
