"""The command line of the controller.

Loaded for `mover --help` too, so it imports the controller itself, and what only that needs, when it is run.
"""

import sys
from datetime import timedelta
from pathlib import Path

import click

from mover.config.reporting_settings import LogFormat, LogLevel
from mover.platform.signals import ShutdownSignal

EXTRA = "mover controller: dependencies are not installed; install the mover with its extra 'controller'"

EXAMPLES = """\b
Examples:
  mover controller --image registry.example/mover:0.1.0
      in a pod: uses its service account, serves all namespaces
  mover controller --image registry.example/mover:0.1.0 --namespace photos
      serves one namespace only
  MOVER_IMAGE=registry.example/mover:0.1.0 mover controller \\
      --kubeconfig ~/.kube/config --context test --health 127.0.0.1:8081
\b
mover crds prints the custom resource definitions; deploy/ installs both.
"""


class Address(click.ParamType[tuple[str, int]]):
    """HOST:PORT, or :PORT for all addresses of the machine, IPv4 and IPv6."""

    name = "address"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, int]:
        """Return host and port."""
        host, colon, port = str(value).rpartition(":")
        if not colon or not port.isdecimal() or int(port) > 65535:  # noqa: PLR2004  the largest port there is
            self.fail(f"{value!r}: must be HOST:PORT, such as 127.0.0.1:8081", param, ctx)
        return host.strip("[]"), int(port)


@click.command(epilog=EXAMPLES, short_help="Serve ReplicationSources and ReplicationDestinations.")
@click.option(
    "--kubeconfig",
    type=click.Path(path_type=Path),
    help="Path to kubeconfig (default: in-cluster, then ~/.kube/config).",
)
@click.option("--context", help="Context of the kubeconfig (default: its current context).")
@click.option("--namespace", help="Namespace to serve (default: all namespaces).")
@click.option("--image", envvar="MOVER_IMAGE", required=True, show_envvar=True, help="Container image of the mover.")
@click.option(
    "--spread/--no-spread",
    default=True,
    show_default=True,
    help="Spread syncs of the same schedule over up to a minute.",
)
@click.option(
    "--health",
    type=Address(),
    default=":8081",
    show_default=True,
    metavar="HOST:PORT",
    help="Address on which /healthz and /readyz are served.",
)
@click.option(
    "--log-level",
    type=click.Choice([level.value for level in LogLevel]),
    default="info",
    show_default=True,
    help="Least severe log records to print.",
)
@click.option(
    "--log-format",
    type=click.Choice([form.value for form in LogFormat]),
    help="Log format (default: text on a TTY, JSON otherwise).",
)
@click.pass_obj
def controller(  # noqa: PLR0913  one argument for each option
    shutdown: ShutdownSignal,
    *,
    kubeconfig: Path | None,
    context: str | None,
    namespace: str | None,
    image: str,
    spread: bool,
    health: tuple[str, int],
    log_level: str,
    log_format: str | None,
) -> None:
    """Run a mover Job for each sync of a ReplicationSource or ReplicationDestination, and report its result.

    SIGTERM ends it with exit code 0; running syncs continue, and the next controller resumes them.
    """
    try:
        from mover.controller import log_context, workers  # noqa: PLC0415  not needed for --help
        from mover.controller.kube.api_errors import CredentialsError  # noqa: PLC0415
        from mover.controller.kube.client import connect  # noqa: PLC0415
        from mover.controller.reconcile.decide import Options  # noqa: PLC0415
    except ModuleNotFoundError as missing:
        raise click.UsageError(f"{EXTRA} ({missing})") from missing

    log_context.start(sys.stdout, LogLevel(log_level), LogFormat(log_format) if log_format else None)
    try:
        api = connect(kubeconfig, context)
    except CredentialsError as error:
        raise click.UsageError(str(error)) from error
    options = Options(image=image) if spread else Options(image=image, spread=timedelta(0))
    workers.run(api, options, shutdown, namespace=namespace, address=health)
