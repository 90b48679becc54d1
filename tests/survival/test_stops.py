"""The whole of `flightdeck up` ends while a stream is open and a reply is being made."""

import asyncio
import os
import signal
from pathlib import Path

import pytest

from tests.http.system import Visitor
from tests.processes import DEADLINE, Instance, eventually, gone, up
from tests.survival.conftest import QUESTION, SETTINGS, SLOW, Desk, Reader, assert_whole, desk_of


async def interrupted(instance: Instance, number: signal.Signals) -> tuple[Visitor, Reader]:
    """A visitor whose reply was being made, and its reader, when the instance was ended so."""
    async with desk_of(instance) as desk:
        visitor = await desk.visitor()
        (await visitor.say(QUESTION)).raise_for_status()
        reader = Reader(desk.client, visitor)
        following = asyncio.create_task(reader.follow())
        await reader.heard(3)
        os.killpg(instance.process.pid, number)
        await asyncio.to_thread(instance.process.wait, DEADLINE)
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
    return visitor, reader


async def resumed(desk: Desk, visitor: Visitor, former: Reader) -> Reader:
    """The reader, at the end of the reply, which it has read on from where it was."""
    again = Visitor(desk.client, visitor.conversation_id, visitor.token)
    reader = Reader(desk.client, again, former.events)
    async with asyncio.timeout(DEADLINE):
        await reader.follow()
    return reader


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 0), (signal.SIGTERM, 0), (signal.SIGKILL, -9)])
async def test_nothing_is_left_running_and_the_next_start_finishes_the_reply(
    tmp_path: Path, whole_reply: str, number: signal.Signals, code: int
) -> None:
    with up(tmp_path, SETTINGS, command=SLOW) as first:
        family = first.family()
        visitor, reader = await interrupted(first, number)
        assert first.process.returncode == code
        eventually(lambda: all(map(gone, family)))
    assert "Traceback" not in first.said.read_text(encoding="utf-8")
    with up(tmp_path, SETTINGS, command=SLOW) as second:
        async with desk_of(second) as desk:
            assert_whole(await resumed(desk, visitor, reader), whole_reply)
