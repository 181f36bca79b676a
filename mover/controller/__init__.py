"""The controller: watches ReplicationSources and ReplicationDestinations, and runs the Jobs that move their data.

Bottom up: `kube` talks to any Kubernetes API, `api` reads the custom resources, `resources` builds and
checks the objects around one, `reconcile` decides and writes, `workers` runs all that as threads of one process.
"""
