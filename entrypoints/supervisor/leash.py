import asyncio
import os
import signal
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Self

# Becomes the command by exec, so that the child's pid and exit code are its own, and leaves behind a watcher: a shell
# in the child's process group, reading the pipe of which only the owner holds the other end. While the watcher lives,
# the kernel cannot give the child's pid to anyone else, so its signals never hit a stranger. The watcher is no child
# of the command (its parent exits at once), as PostgreSQL takes the death of a child it does not know for a crash.
# Where nobody reaps orphans (a container whose first process is no init) an ended child stays as a zombie, hence the
# look at its state.
_LEASH = r"""
exec 3<&0 </dev/null
( {
    read -r line <&3
    kill -s "$1" $$
    tries=0
    while [ $tries -lt "$2" ] && kill -0 $$; do
        state=; read -r state </proc/$$/stat
        case "$state" in *") Z "*) break ;; esac
        sleep 0.1
        tries=$((tries + 1))
    done
    kill -s KILL -- -$$
} >/dev/null 2>&1 & )
exec 3<&-
shift 2
exec "$@"
"""
LOWEST_DESCRIPTOR = 10
"""A child inherits files from this number on; the leash uses some below, as far as a shell can name them."""
_LOG_LIMIT = 16 * 1024 * 1024  # bytes; what is longer at a start is set aside as <log>.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """A program to run on a leash.

    `stop_signal` asks it to end; after `patience` seconds it is killed, with all of its process group. `env` replaces
    the environment when given. Output goes to our own stdout and stderr, or is appended to `log`. `descriptors` are
    open files of ours, from `LOWEST_DESCRIPTOR` on, that the child inherits under the same numbers.
    """

    name: str
    command: tuple[str, ...]
    env: Mapping[str, str] | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    patience: float = 4.0
    log: Path | None = None
    cwd: Path | None = None
    descriptors: tuple[int, ...] = ()


class Leashed:
    """A running child that ends when we do: by `stop`, and by its own watcher when we exit or are killed.

    It runs in a session of its own, so that Ctrl-C in the terminal reaches only us.
    """

    def __init__(self, child: Child, process: asyncio.subprocess.Process, leash: int) -> None:
        self._child = child
        self._process = process
        self._leash: int | None = leash

    @classmethod
    async def start(cls, child: Child, *, lock: int | None = None) -> Self:
        """Run the child; it holds the descriptor `lock` open for as long as it lives."""
        read, leash = os.pipe()
        try:
            process = await _spawn(child, read, lock)
        except BaseException:
            os.close(leash)
            raise
        finally:
            os.close(read)
        return cls(child, process, leash)

    @property
    def pid(self) -> int:
        """The child's own process id."""
        return self._process.pid

    @property
    def ended(self) -> bool:
        """Whether the child itself is gone."""
        return self._process.returncode is not None

    async def wait(self) -> int:
        """The exit code (negative: the signal it died of), after the rest of its process group was killed."""
        code = await self._process.wait()
        if self._leash is not None:
            self.kill()
            os.close(self._leash)
            self._leash = None
        return code

    async def stop(self, hurry: asyncio.Event | None = None) -> int:
        """Ask the child to end, kill it when it does not in time or when `hurry` is set, and return its exit code."""
        with suppress(ProcessLookupError):
            self._process.send_signal(self._child.stop_signal)
        ended = asyncio.ensure_future(self._process.wait())
        hurried = asyncio.ensure_future((hurry or asyncio.Event()).wait())
        await asyncio.wait({ended, hurried}, timeout=self._child.patience, return_when=asyncio.FIRST_COMPLETED)
        hurried.cancel()
        if not ended.done():
            self.kill()
        return await self.wait()

    def kill(self) -> None:
        """Kill the child and all of its process group at once."""
        if self._leash is None:
            return  # the watcher is gone as well, so the number may be another's by now
        with suppress(ProcessLookupError, PermissionError):  # macOS answers so for a group of zombies
            os.killpg(self._process.pid, signal.SIGKILL)


async def _spawn(child: Child, leash: int, lock: int | None) -> asyncio.subprocess.Process:
    tries = str(round(child.patience * 10))
    with _output(child.log) as out:
        return await asyncio.create_subprocess_exec(
            *("/bin/sh", "-c", _LEASH, "leash", child.stop_signal.name.removeprefix("SIG"), tries, *child.command),
            stdin=leash,
            stdout=out,
            stderr=out,
            env=child.env,
            cwd=child.cwd,
            start_new_session=True,
            pass_fds=child.descriptors if lock is None else (lock, *child.descriptors),
        )


def _output(log: Path | None) -> AbstractContextManager[IO[bytes] | None]:
    if log is None:
        return nullcontext()
    if log.exists() and log.stat().st_size > _LOG_LIMIT:
        log.replace(log.with_name(f"{log.name}.1"))
    return log.open("ab")


def last_words(child: Child) -> str:
    """The last line in the child's log and where to read the others, for the sentence that says it failed."""
    if child.log is None:
        return "see above"
    with child.log.open("rb") as file:
        file.seek(-min(4096, os.fstat(file.fileno()).st_size), os.SEEK_END)
        lines = file.read().decode(errors="replace").strip().splitlines()
    return f"{lines[-1] if lines else 'it said nothing'} (see {child.log})"
