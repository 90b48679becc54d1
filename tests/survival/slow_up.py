"""`flightdeck up` with the slow worker."""

import sys
import time
from argparse import Namespace
from pathlib import Path

from entrypoints.cli.up import run

WORKER = (sys.executable, str(Path(__file__).with_name("slow_worker.py")))

if __name__ == "__main__":
    sys.exit(run(Namespace(workers=1, begun=time.monotonic()), worker=WORKER))
