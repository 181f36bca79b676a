"""restic: its process, its messages, its commands and what its failures mean."""
