"""Ways around release files and container registries, for machines that have neither.

Debian's packages and Go's modules stand in for what publishers release, and a Docker engine of our own for the
machine's. Nothing here is used where the usual way works.
"""
