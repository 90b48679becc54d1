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
    assert _valkey(instance, b"FLUSHALL") == b"+OK\r\n"


def answers(instance: Instance) -> bool:
    """Whether Valkey answers at this moment."""
    try:
        return _valkey(instance, b"PING") == b"+PONG\r\n"
    except OSError:
        return False


def _valkey(instance: Instance, command: bytes) -> bytes:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(addresses(instance)[1].removeprefix("unix://"))
        connection.sendall(command + b"\r\n")
        return connection.recv(10)


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
