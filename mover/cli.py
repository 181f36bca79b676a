"""The command line."""

import contextlib
import importlib
import os
import sys
from collections.abc import Iterator

import click

from mover import __version__
from mover.config.operation import ASKABLE
from mover.platform.signals import ShutdownSignal

OPERATIONS = {
    "backup": "Save a snapshot of DATA_DIR; then forget and prune as the settings say.",
    "prune": "Remove the data that no snapshot uses any more.",
    "check": "Check the repository.",
    "restore": "Restore a snapshot into DATA_DIR.",
    "unlock": "Remove stale locks.",
}

EXAMPLES = """\b
Examples:
  mover backup                 back up, forget, and prune if it is due
  mover unlock backup prune    one after the other
  RESTORE_AS_OF=2026-01-31T12:00:00Z mover restore
  mover snapshots --json
\b
RESTIC_REPOSITORY and RESTIC_PASSWORD say where the snapshots are, as for
restic itself; docs/settings.md has every variable, docs/exit-codes.md every
exit code.
"""


ELSEWHERE = {"controller": "mover.controller.command"}
"""Commands that stand in a module of their own, under their name; loaded only where they are called or listed."""


class _Commands(click.Group):
    """Takes any number of operations where a subcommand stands."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] in self.commands or args[0] in ELSEWHERE:
            return super().resolve_command(ctx, args)
        return "", run, args  # so that its usage reads as one types it

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted([*super().list_commands(ctx), *ELSEWHERE])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in ELSEWHERE:
            command: click.Command = getattr(importlib.import_module(ELSEWHERE[cmd_name]), cmd_name)
            return command
        return super().get_command(ctx, cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Operations (one or more, run in the order given)"):
            formatter.write_dl(list(OPERATIONS.items()))
        super().format_commands(ctx, formatter)


def _print_version(context: click.Context, _: click.Parameter, wanted: bool) -> None:  # noqa: FBT001  click's signature
    if not wanted or context.resilient_parsing:
        return
    from mover.app.reports import restic_version  # noqa: PLC0415  not needed elsewhere

    click.echo(f"mover {__version__}")
    with _sentences():
        click.echo(f"restic {restic_version(os.environ)}")
    context.exit()


@click.group(
    cls=_Commands,
    epilog=EXAMPLES,
    subcommand_metavar="OPERATION [OPERATION …]",
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Show the versions of mover and restic.",
)
def cli() -> None:
    """Back up one volume with restic, and restore it."""


@contextlib.contextmanager
def _sentences() -> Iterator[None]:
    """End a report that failed with one sentence and the failure's exit code."""
    from mover.exit_codes import Failure  # noqa: PLC0415

    try:
        yield
    except Failure as failure:
        click.echo(f"mover: {failure.sentence}", err=True)
        sys.exit(failure.code)


@click.command("run", epilog=EXAMPLES, options_metavar="", short_help="operations")
@click.argument("operations", nargs=-1, required=True, metavar=f"{{{'|'.join(ASKABLE)}}} …")
@click.pass_obj
def run(stopping: ShutdownSignal, operations: tuple[str, ...]) -> None:
    """Run operations, in the order given."""
    from mover.app.run import run_operations  # noqa: PLC0415  not needed for --help and --version

    sys.exit(run_operations(operations, os.environ, stopping, sys.stdout))


@cli.command(short_help="List the snapshots of this volume.")
@click.option("--all", "every", is_flag=True, help="Those of every host and path in the repository.")
@click.option("--json", "as_json", is_flag=True, help="As restic's own JSON.")
@click.pass_obj
def snapshots(stopping: ShutdownSignal, *, every: bool, as_json: bool) -> None:
    """List the snapshots of this host and path, the newest first."""
    from mover.app.reports import snapshots_report  # noqa: PLC0415

    with _sentences():
        click.echo(snapshots_report(os.environ, stopping, every=every, as_json=as_json))


@cli.command(short_help="Show what the mover remembers of this repository.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def status(*, as_json: bool) -> None:
    """Show what the marker file knows, and when prune and check are due; the repository is not asked."""
    from mover.app.reports import status_report  # noqa: PLC0415

    with _sentences():
        click.echo(status_report(os.environ, as_json=as_json))


@cli.command(short_help="Print the custom resources that the controller serves.")
def crds() -> None:
    """Print the CustomResourceDefinitions of ReplicationSource and ReplicationDestination, for kubectl apply -f -."""
    from mover.controller.api.crds import manifest  # noqa: PLC0415

    click.echo(manifest(), nl=False)
