"""`flightdeck up` with two watched workers."""

import sys
import time
from argparse import Namespace
from pathlib import Path

from entrypoints.cli.up import run

WORKER = (sys.executable, str(Path(__file__).with_name("watched_worker.py")))

if __name__ == "__main__":
    sys.exit(run(Namespace(workers=2, begun=time.monotonic()), worker=WORKER))
