"""A restic backup runtime for one volume, with results that can be relied on, and its Kubernetes controller."""

__version__ = "0.1.0"
