import asyncio
import contextlib
import sys
from asyncio import StreamReader, StreamWriter
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Sequence
from typing import cast

import msgspec
from typing_extensions import override

from adapters.documents.child import Answer, Order
from adapters.documents.kinds import Kind, kind_of
from adapters.documents.reading import cleaned
from application.ports.text_extractor import Extracted, TextExtractor, Unreadable
from domain.knowledge import TEXT_LENGTH

_MOST_TOLD = 6 * TEXT_LENGTH + 64 * 1024
"""Bytes of an answer: a character of JSON takes at most six, and what is around the text is small."""
_CHUNK = 64 * 1024
_COMMAND = (sys.executable, "-I", "-B", "-X", "utf8", "-m", "adapters.documents.child")


class DocumentTextExtractor(TextExtractor):
    """Reads each file in a process of its own, which has no environment, may write no file, and is bounded.

    It is not trusted: what it answers is read up to a bound, whatever a hostile file has made of it.

    Text in UTF-8 needs no reading, and so no process.

    Args:
        seconds: after which reading is given up. memory: bytes that it may take.
        at_once: how many files are read at the same time; others wait.
        command: the process, which tests put others in place of.
    """

    def __init__(
        self, seconds: int = 60, memory: int = 1024**3, at_once: int = 2, command: Sequence[str] = _COMMAND
    ) -> None:
        self._seconds = seconds
        self._memory = memory
        self._slots = asyncio.Semaphore(at_once)
        self._command = command

    @override
    async def extract(self, data: bytes, media_type: str, name: str) -> Extracted:
        if not data:
            raise Unreadable("The file is empty.")
        kind = kind_of(data, media_type, name)
        if kind is Kind.TEXT and (plain := _plain(data)) is not None:
            return await asyncio.to_thread(cleaned, Extracted(text=plain))
        order = Order(kind=kind, media_type=media_type, seconds=self._seconds, memory=self._memory)
        async with self._slots:
            answer = await self._answer(order, data)
        if answer.unreadable is not None:
            raise Unreadable(answer.unreadable)
        return Extracted(text=answer.text, title=answer.title)

    async def _answer(self, order: Order, data: bytes) -> Answer:
        child = await asyncio.create_subprocess_exec(*self._command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env={})
        try:
            async with asyncio.timeout(self._seconds):
                told = await _told(child, msgspec.json.encode(order) + b"\n" + data)
            return msgspec.json.decode(told, type=Answer)
        except TimeoutError as error:
            raise Unreadable(f"The {order.kind} file takes too long to be read.") from error
        except msgspec.DecodeError as error:
            raise Unreadable(f"The {order.kind} file cannot be read: it takes too much.") from error
        finally:
            await _ended(child)


def _plain(data: bytes) -> str | None:
    """The text, when it is in UTF-8 and no bytes in it are of something else."""
    try:
        found = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    return None if "\0" in found else found


async def _told(child: Process, given: bytes) -> bytes:
    """What the child answers, at most one chunk more than `_MOST_TOLD`."""
    source, sink = cast("StreamReader", child.stdout), cast("StreamWriter", child.stdin)
    feeding = asyncio.create_task(_feed(sink, given))
    told = bytearray()
    try:
        while len(told) <= _MOST_TOLD and (chunk := await source.read(_CHUNK)):
            told += chunk
    finally:
        feeding.cancel()
    return bytes(told)


async def _feed(sink: StreamWriter, given: bytes) -> None:
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # it has ended, or has read enough
        sink.write(given)
        await sink.drain()
    sink.close()


async def _ended(child: Process) -> None:
    if child.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            child.kill()
    # A process counts as ended once its pipes are, and that of a full buffer is not looked at.
    source = cast("StreamReader", child.stdout)
    while await source.read(_CHUNK):
        pass
    await child.wait()
