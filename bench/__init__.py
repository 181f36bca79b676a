"""What the mover costs over raw restic, measured side by side (`make bench`)."""
