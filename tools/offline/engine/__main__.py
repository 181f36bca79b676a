"""The keeper's process: `python -m tools.offline.engine FOLDER SCRATCH`."""

import signal
import sys
from pathlib import Path

from tools.offline.engine.keeper import keep

# Signals go to whoever started this process, whose end is the end of its stdin. Not ignored, which dockerd and the
# containers would inherit.
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, lambda *_: None)
keep(Path(sys.argv[1]), Path(sys.argv[2]))
