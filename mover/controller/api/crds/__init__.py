"""The CustomResourceDefinitions of the controller, one file for each: what users write, checked and explained.

What belongs to both resources reads the same in both files. Rules in CEL stand where a pattern's or a bound's own
message wouldn't help.
"""

from importlib import resources

FILES = ("replicationsources.yaml", "replicationdestinations.yaml")


def manifest() -> str:
    """Return all of them as one YAML stream, for `kubectl apply`."""
    folder = resources.files(__name__)
    return "---\n".join((folder / name).read_text(encoding="utf-8") for name in FILES)
