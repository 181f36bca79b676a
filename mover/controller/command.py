"""The command line of the controller. Loaded for `mover --help` too, so it loads nothing of the controller itself."""

import sys
from datetime import timedelta
from pathlib import Path

import click

from mover.config.settings import LogFormat, LogLevel
from mover.platform.signals import ShutdownSignal

EXTRA = "mover controller needs more than the mover itself: pip install 'restic-mover[controller]'"

EXAMPLES = """\b
Examples:
  mover controller --image registry.example/mover:0.1.0
      in a pod: with its service account, for all namespaces
  mover controller --image registry.example/mover:0.1.0 --namespace photos
      for the resources of one namespace only
  MOVER_IMAGE=registry.example/mover:0.1.0 mover controller \\
      --kubeconfig ~/.kube/config --context test --health 127.0.0.1:8081
\b
mover crds prints the resources it serves; deploy/ installs both.
"""


class Address(click.ParamType[tuple[str, int]]):
    """HOST:PORT, or :PORT for all of the machine's addresses."""

    name = "address"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, int]:
        """Return host and port."""
        host, colon, port = str(value).rpartition(":")
        if not colon or not port.isdecimal() or int(port) > 65535:  # noqa: PLR2004  the largest port there is
            self.fail(f"{value!r} is not HOST:PORT, such as 127.0.0.1:8081", param, ctx)
        return host.strip("[]"), int(port)


@click.command(epilog=EXAMPLES, short_help="Serve ReplicationSources and ReplicationDestinations.")
@click.option(
    "--kubeconfig", type=click.Path(path_type=Path), help="Credentials; else those of the pod, else kubectl's."
)
@click.option("--context", help="The kubeconfig's context to use; else its current one.")
@click.option("--namespace", help="Serve this namespace only; else all of them.")
@click.option("--image", envvar="MOVER_IMAGE", required=True, show_envvar=True, help="The mover's container image.")
@click.option(
    "--spread/--no-spread", default=True, show_default=True, help="Start syncs of the same schedule a little apart."
)
@click.option(
    "--health",
    type=Address(),
    default=":8081",
    show_default=True,
    metavar="HOST:PORT",
    help="Where /healthz and /readyz are served.",
)
@click.option("--log-level", type=click.Choice([level.value for level in LogLevel]), default="info", show_default=True)
@click.option(
    "--log-format",
    type=click.Choice([form.value for form in LogFormat]),
    help="Else text on a terminal, JSON anywhere else.",
)
@click.pass_obj
def controller(  # noqa: PLR0913  one argument for each option
    stopping: ShutdownSignal,
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
    """Make the Jobs that ReplicationSources and ReplicationDestinations ask for, and say how they ended.

    Ends with 0 when asked to by SIGTERM; what is under way goes on, and is taken up by the next controller.
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
    workers.run(api, options, stopping, namespace=namespace, address=health)
