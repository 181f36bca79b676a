"""The command line: which operations and other commands there are, and their help.

It loads nothing of restic and no operation: ``--help`` is to be quick, and a signal is to be noticed soon.
"""

import contextlib
import importlib
import os
import sys
from collections.abc import Iterator

import click

from mover import __version__
from mover.config.operation import COMMANDS
from mover.exit_codes import ExitCode, Failure
from mover.platform.signals import ShutdownSignal

EXAMPLES = """\b
Examples:
  mover backup                 back up, forget, and prune if it is due
  mover unlock backup prune    one after the other
  RESTORE_AS_OF=2026-01-31T12:00:00Z mover restore
  mover snapshots --json
\b
RESTIC_REPOSITORY and RESTIC_PASSWORD say where the snapshots are, as for
restic itself; docs/settings.md lists every variable, docs/exit-codes.md every
exit code.
"""


LAZY_COMMANDS = {"controller": "mover.controller.command"}
"""Commands in a module of their own, under their name; loaded only where they are called or listed."""


class _Commands(click.Group):
    """Takes any number of operations where a subcommand stands."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] in self.commands or args[0] in LAZY_COMMANDS:
            return super().resolve_command(ctx, args)
        return "", run, args  # no name, so that the usage line matches what users type

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted([*super().list_commands(ctx), *LAZY_COMMANDS])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in LAZY_COMMANDS:
            command: click.Command = getattr(importlib.import_module(LAZY_COMMANDS[cmd_name]), cmd_name)
            return command
        return super().get_command(ctx, cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Operations (one or more, run in the order given)"):
            formatter.write_dl([(operation.value, operation.help) for operation in COMMANDS])
        super().format_commands(ctx, formatter)


class _Operations(click.Command):
    """The command that has no name of its own: its arguments are the names."""

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write_usage(ctx.command_path.rstrip(), " ".join(self.collect_usage_pieces(ctx)))


def _print_version(context: click.Context, _: click.Parameter, wanted: bool) -> None:  # noqa: FBT001  click's signature
    if not wanted or context.resilient_parsing:
        return
    from mover.app.version_command import restic_version  # noqa: PLC0415  not needed elsewhere

    click.echo(f"mover {__version__}")
    with _failures_as_messages():
        found = restic_version(os.environ, context.obj)
    click.echo(f"restic {found}")
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
def _failures_as_messages() -> Iterator[None]:
    """End a command that failed with its message and exit code."""
    try:
        yield
    except Failure as failure:
        click.echo(f"mover: {failure.message}", err=True)
        sys.exit(failure.code)
    except OSError as error:
        click.echo(f"mover: cannot run {error.filename or 'restic'}: {error.strerror}", err=True)
        sys.exit(ExitCode.FAULT)


@click.command(
    "run",
    cls=_Operations,
    epilog=EXAMPLES,
    options_metavar="",
    short_help="operations",
    # Unknown options are reported like unknown operations: with an outcome object.
    context_settings={"ignore_unknown_options": True},
)
@click.argument("operations", nargs=-1, required=True, metavar=f"{{{'|'.join(COMMANDS)}}} …", type=click.UNPROCESSED)
@click.pass_context
def run(context: click.Context, operations: tuple[str, ...]) -> None:
    """Run operations, in the order given."""
    from mover.app.run import run_operations  # noqa: PLC0415  not needed for --help and --version

    subcommands = sorted([*cli.commands, *LAZY_COMMANDS])
    sys.exit(run_operations(operations, os.environ, context.obj, sys.stdout, subcommands))


@cli.command(short_help="List the snapshots of this volume.")
@click.option("--all", "every", is_flag=True, help="Show snapshots of all hosts and paths.")
@click.option("--json", "as_json", is_flag=True, help="Print restic's own JSON.")
@click.pass_obj
def snapshots(shutdown: ShutdownSignal, *, every: bool, as_json: bool) -> None:
    """List the snapshots of RESTIC_HOST and DATA_DIR, newest first."""
    from mover.app.snapshots_command import snapshots_report  # noqa: PLC0415

    with _failures_as_messages():
        text = snapshots_report(os.environ, shutdown, every=every, as_json=as_json)
    click.echo(text)


@cli.command(short_help="Show the state kept for this repository.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def status(*, as_json: bool) -> None:
    """Show what the marker file holds, and when prune and check are due, without reading the repository."""
    from mover.app.status_command import status_report  # noqa: PLC0415

    with _failures_as_messages():
        text = status_report(os.environ, as_json=as_json)
    click.echo(text)


@cli.command(short_help="Print the CustomResourceDefinitions of the controller.")
def crds() -> None:
    """Print the CustomResourceDefinitions of ReplicationSource and ReplicationDestination, for kubectl apply -f -."""
    from mover.controller.api.crds import manifest  # noqa: PLC0415

    click.echo(manifest(), nl=False)
