"""What a run can be configured with: the environment, read and validated as a whole."""
