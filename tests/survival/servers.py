"""The processes of an instance, and how to hurt them."""

import signal
import socket
from collections.abc import Generator
from contextlib import contextmanager

import psutil

from tests.processes import Instance, eventually, gone

API, POSTGRES, VALKEY = "--sockets", "postgres", "valkey-server"


def addresses(instance: Instance) -> list[str]:
    """Those of PostgreSQL and Valkey."""
    return (instance.home / "run" / "addresses").read_text(encoding="utf-8").split()


def flush(instance: Instance) -> None:
    """Empties Valkey."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(addresses(instance)[1].removeprefix("unix://"))
        connection.sendall(b"FLUSHALL\r\n")
        assert connection.recv(10) == b"+OK\r\n"


@contextmanager
def unattended(instance: Instance) -> Generator[None]:
    """What dies is not started again meanwhile."""
    instance.process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        instance.process.send_signal(signal.SIGCONT)


def kill(instance: Instance, mark: str) -> None:
    """Kills the child whose name or command line has `mark` in it."""
    end(instance.child(mark))


def end(process: psutil.Process) -> None:
    """Kills the process, and returns when it is gone."""
    process.kill()
    eventually(lambda: gone(process))
