"""Fields that both resources have, and that belong to no group of fields."""

from dataclasses import dataclass

from mover.controller.api.schema.field_types import Choice, Flag, Section, object_name
from mover.controller.api.schema.volume_fields import VolumeFields


@dataclass(frozen=True)
class SpecFields:
    """What both resources have, each in its own way."""

    spec: Section
    restic: Section
    copy_method: Choice
    data: VolumeFields
    """The volume that the controller creates: of a source the copy, of a destination the one to restore into."""


PAUSED = Flag("paused", "Suspend new syncs; a running sync completes. Defaults to false.")
REPOSITORY = object_name(
    "repository",
    "Name of the Secret, in the same namespace, with the repository's URL (RESTIC_REPOSITORY), its password "
    "(RESTIC_PASSWORD) and the backend's credentials (AWS_ACCESS_KEY_ID, ...). Each volume should have a repository of "
    "its own.",
    "Secret",
    required="set it to the name of the Secret with RESTIC_REPOSITORY, RESTIC_PASSWORD and the backend's credentials",
)
