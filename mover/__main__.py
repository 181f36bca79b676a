"""The start of the process: signals first, so that none is lost while the rest is loaded."""

import sys

from mover.platform.signals import ShutdownSignal


def main() -> None:
    """Run the command line; the console script's entry point."""
    shutdown = ShutdownSignal()
    shutdown.install()
    # Loaded only now: a SIGTERM that comes while PID 1 still imports must not be lost.
    from mover.cli import cli  # noqa: PLC0415

    sys.exit(cli.main(obj=shutdown, prog_name="mover"))


if __name__ == "__main__":
    main()
