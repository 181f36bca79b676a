"""The operating system: clock, signals, volumes, file locks, memory limit.

It starts no restic and calls no Kubernetes. What it knows of them is what the operating system shows: which directories
of the cache volume are restic's and may be wiped, which share of the memory is for restic's heap, and that Kubernetes
reads the termination log.
"""
