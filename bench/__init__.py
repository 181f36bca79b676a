"""The benchmark (`make bench`): what the mover costs compared with restic alone."""
