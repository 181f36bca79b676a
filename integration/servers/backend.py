"""A place for a repository on a server, as a Secret describes it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from integration.servers.s3 import TOOLS

WRONG = "a-wrong-password-or-key"


@dataclass(frozen=True)
class Backend:
    """A repository that is not there yet, and what opens the door to it."""

    repository: str
    variables: Mapping[str, str]
    """What restic wants in its environment."""
    secrets: Sequence[str] = ()
    """Values that must not be shown."""
    wrong: Mapping[str, str] = field(default_factory=dict)
    """Variables with credentials that the server refuses."""
    wrong_secret: str = WRONG
    """What is secret of them."""
    launcher: Sequence[str] = ()
    """What starts the mover so that it can reach the server."""
    wrong_launcher: Sequence[str] | None = None
    """What starts it with wrong credentials, if they are none of its variables."""
    search_path: Path = TOOLS
    """Where the restic is that knows the backend."""

    def with_wrong_credentials(self) -> "Backend":
        """Return the same repository as somebody meets it whom the server refuses."""
        launcher = self.launcher if self.wrong_launcher is None else self.wrong_launcher
        variables = {**self.variables, **self.wrong}
        return replace(self, variables=variables, secrets=(self.wrong_secret,), launcher=launcher)

    def shown_in(self, text: str) -> list[str]:
        """Return what of the secrets stands in a text; of a key in PEM any line of it."""
        lines = [line for secret in self.secrets for line in secret.splitlines() if "PRIVATE KEY" not in line]
        assert all(lines), "a secret should be something that can be looked for"
        return [line for line in lines if line in text]
