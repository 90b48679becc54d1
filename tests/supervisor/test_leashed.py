import signal
import subprocess
import sys
from contextlib import suppress

import psutil
import pytest

from tests.processes import ROOT, eventually, gone, leashed

_OWNER = """
import signal, subprocess
from tests.processes import leashed
with subprocess.Popen(["sleep", "600"], start_new_session=True) as process, leashed(process.pid):
    print(process.pid, flush=True)
    signal.pause()
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_what_tests_have_started_ends_with_them_however_they_end(number: signal.Signals) -> None:
    command = [sys.executable, "-c", _OWNER]
    with subprocess.Popen(command, cwd=ROOT, stdout=-1, stderr=-1, text=True) as owner:  # noqa: S603 (ours)
        assert owner.stdout
        started = psutil.Process(int(owner.stdout.readline()))
        owner.send_signal(number)
        try:
            eventually(lambda: gone(started))
        finally:
            with suppress(psutil.NoSuchProcess):
                started.kill()
            owner.kill()


def test_what_has_ended_leaves_no_watcher() -> None:
    before = set(psutil.Process().children())
    with leashed(2**22 + 1):  # more than any process has
        assert set(psutil.Process().children()) - before
    assert set(psutil.Process().children()) <= before
