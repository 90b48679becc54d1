"""Flightdeck as the processes a person starts, for the tests of its command line and of what it survives."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from random import SystemRandom
from types import MappingProxyType

import psutil

ROOT = Path(__file__).parents[1]
FLIGHTDECK = (sys.executable, "-m", "entrypoints.cli.main")
DEADLINE = 40.0  # seconds, for what takes a few at most
_PORTS = range(20_000, 32_000)  # below those that Linux and macOS give who asks for any
# Reads a pipe of which the tests alone hold the other end; in a session of its own, so that no Ctrl-C ends it first.
_LEASH = 'read -r line; kill -s CONT "$1"; kill -s TERM "$1"'
_OURS = (
    "DATABASE_URL REDIS_URL SECRET_KEY SECRET_KEY_PREVIOUS PORT HOST BASE_URL ENVIRONMENT CORS_ORIGINS "
    "OPENAI_API_KEY GROQ_API_KEY ANTHROPIC_API_KEY LLM_BASE_URL LLM_CHAIN TEXT_MODEL_NAME WORKER_METRICS_PORT "
    "SMTP_HOST SMTP_PORT SMTP_SECURITY SMTP_USER SMTP_PASSWORD SMTP_CA_FILE MAIL_FROM "
    "AUTH_MODE SIGNUP OWNER_EMAIL BLOB_STORE BLOB_DIRECTORY BLOB_QUOTA"
).split()


@dataclass(frozen=True, slots=True)
class Done:
    """How a command ended: its exit code and what it said."""

    code: int
    out: str
    err: str


@dataclass(frozen=True, slots=True)
class Instance:
    """A running `flightdeck up`; what it and its children say is in `said`."""

    process: subprocess.Popen[str]
    home: Path
    port: int
    said: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def child(self, mark: str) -> psutil.Process:
        """The child, of up, whose name or command line has `mark` in it."""
        for child in psutil.Process(self.process.pid).children():
            if child.status() != psutil.STATUS_ZOMBIE and mark in " ".join([child.name(), *child.cmdline()]):
                return child
        raise LookupError(mark)

    def family(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def interrupt(self) -> int:
        """As a terminal's Ctrl-C does: to the whole foreground process group; the exit code."""
        os.killpg(self.process.pid, signal.SIGINT)
        return self.process.wait(DEADLINE)


def environment(home: Path, **more: str) -> dict[str, str]:
    """The environment of a person who has set nothing but these."""
    kept = {
        name: value for name, value in os.environ.items() if name not in _OURS and not name.startswith("FLIGHTDECK_")
    }
    return {**kept, "PYTHONPATH": str(ROOT), "FLIGHTDECK_HOME": str(home), **more}


def run(*arguments: str, env: Mapping[str, str], cwd: Path) -> Done:
    """Runs a command of `flightdeck` to its end, in a directory without `.env`."""
    done = subprocess.run(  # noqa: S603 (a command of ours)
        [*FLIGHTDECK, *arguments], env=env, cwd=cwd, capture_output=True, text=True, timeout=DEADLINE, check=False
    )
    return Done(done.returncode, done.stdout, done.stderr)


@contextmanager
def up(
    folder: Path,
    settings: Mapping[str, str] = MappingProxyType({}),
    *,
    command: Sequence[str] = (*FLIGHTDECK, "up"),
    wait: bool = True,
) -> Generator[Instance]:
    """`flightdeck up` with its home in `folder`, on a free port, ready when `wait`; ended with the block."""
    port = free_port()
    said = folder / f"said-{port}"
    env = environment(folder / "home", PORT=str(port), **settings)
    with said.open("w", encoding="utf-8") as out:
        process = subprocess.Popen(  # noqa: S603 (a command of ours)
            command, env=env, cwd=folder, stdout=out, stderr=out, text=True, start_new_session=True
        )
    instance = Instance(process, folder / "home", int(env["PORT"]), said)
    with leashed(process.pid):
        try:
            if wait:
                eventually(lambda: "ready in" in said.read_text(encoding="utf-8") or process.poll() is not None)
                assert process.poll() is None, said.read_text(encoding="utf-8")
            yield instance
        finally:
            process.send_signal(signal.SIGCONT)
            process.terminate()
            try:
                process.wait(DEADLINE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextmanager
def leashed(pid: int) -> Generator[None]:
    """While the block lasts, the process is asked to end when this one dies, however it does."""
    command = ("/bin/sh", "-c", _LEASH, "leash", str(pid))
    with subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True) as watcher:  # noqa: S603 (ours)
        try:
            yield
        finally:
            watcher.kill()


def free_port() -> int:
    """One that can be bound now, and that the system gives nobody who asks for any port before it is."""
    for port in SystemRandom().sample(_PORTS, 100):
        with suppress(OSError), closing(socket.create_server(("127.0.0.1", port))):
            return port
    raise LookupError("no port is free")


def gone(process: psutil.Process) -> bool:
    """Whether it has ended, even when nobody has taken note of it yet."""
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def eventually(condition: Callable[[], bool]) -> None:
    """Waits until a condition holds, and fails when it never does."""
    deadline = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)
