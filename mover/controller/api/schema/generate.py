"""Writes the CustomResourceDefinitions of `mover.controller.api.crds` from the declared fields: ``make crds``.

The files are committed, so that `mover crds` and kustomize need no more than the files. Only this module writes YAML.
"""

from pathlib import Path
from typing import Any

import yaml

from mover.controller.api import crds
from mover.controller.api.schema.definition import DEFINITIONS

HEADER = "# Generated from mover/controller/api/schema by `make crds`: change the fields there.\n"
LINE_LENGTH = 116


class _Dumper(yaml.SafeDumper):
    """Indents lists, as kubectl's users do, and writes what occurs twice twice."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002
        super().increase_indent(flow, indentless=False)

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002
        return True


def generated() -> dict[str, str]:
    """Return the name and the content of each file."""
    return {f"{definition.kind.plural}.yaml": _written(definition.manifest()) for definition in DEFINITIONS}


def write(folder: Path) -> None:
    """Write the files into a folder."""
    for name, text in generated().items():
        (folder / name).write_text(text, encoding="utf-8")


def _written(manifest: dict[str, Any]) -> str:
    return HEADER + str(yaml.dump(manifest, Dumper=_Dumper, sort_keys=False, width=LINE_LENGTH, allow_unicode=True))


if __name__ == "__main__":
    write(Path(crds.__file__).parent)
