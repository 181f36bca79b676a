"""The CustomResourceDefinitions of the controller, one file for each, as ``make crds`` generates them.

The files are all that `mover crds` and ``kubectl apply -k deploy/`` read, and need no more than the mover. They are
generated from `mover.controller.api.schema`.
"""

from importlib import resources

FILES = ("replicationsources.yaml", "replicationdestinations.yaml")


def manifest() -> str:
    """Return all of them as one YAML stream, for ``kubectl apply -f -``."""
    folder = resources.files(__name__)
    return "---\n".join((folder / name).read_text(encoding="utf-8") for name in FILES)
