"""What every run log promises. A test class per adapter inherits the contract and overrides its fixtures."""

import asyncio
from collections.abc import Sequence
from uuid import uuid4

import pytest

from application.ports.run_log import LogLost, RunLog, RunReader, SlowReader, StaleAttempt
from domain.conversations import (
    Frame,
    FrameEvent,
    FrameId,
    MessageEnded,
    MessageStarted,
    ReplyCancelled,
    ReplyFailed,
    RunErrorCode,
    TextAdded,
    ToolAnswered,
    ToolCalled,
)
from domain.ids import MessageId, RunId

LONG = 20.0  # seconds, for what comes at once
SHORT = 0.1  # seconds, to see that nothing comes


def texts(first: int, last: int, *, attempt: int = 1) -> list[Frame]:
    """Frames with these sequences."""
    return [
        Frame(FrameId(1, attempt, sequence), TextAdded(text_chunk=f"{attempt}/{sequence} ", offset=sequence))
        for sequence in range(first, last + 1)
    ]


async def taken(reader: RunReader, amount: int) -> list[Frame]:
    """The next frames, fewer when it gets silent."""
    frames: list[Frame] = []
    while len(frames) < amount and (frame := await reader.next(LONG)):
        frames.append(frame)
    return frames


async def frames_of(log: RunLog, run_id: RunId) -> list[Frame]:
    """All frames in the log, in order; none when it is lost."""
    frames: list[Frame] = []
    async with log.follow(run_id) as reader:
        while frame := await reader.next(0):
            frames.append(frame)
    return frames


class RunLogContract:
    @pytest.fixture
    def log(self) -> RunLog:
        raise NotImplementedError

    @pytest.fixture
    def run_id(self) -> RunId:
        return RunId(uuid4())

    async def test_what_was_appended_is_read_in_order(self, log: RunLog, run_id: RunId) -> None:
        await log.append(run_id, texts(1, 2), anew=True)
        await log.append(run_id, texts(3, 3))

        assert await frames_of(log, run_id) == texts(1, 3)

    @pytest.mark.parametrize(
        "event",
        [
            MessageStarted(message_id=MessageId(uuid4()), run_id=RunId(uuid4()), attempt=3),
            TextAdded(text_chunk='\0 "quoted"\n\u2028 🛰 \U0010ffff', offset=12),
            ToolCalled(id="call-1", tool="search", args={"q": "é", "deep": {"list": [1, 2.5, None, True, "x"]}}),
            ToolAnswered(id="call-1", status="ok", data=[{"a": {"b": [1]}}, "text", 0]),
            ToolAnswered(id="call-1", status="error", error="It failed."),
            MessageEnded(message_id=MessageId(uuid4()), run_id=RunId(uuid4()), full_text="All of it."),
            ReplyCancelled(message_id=MessageId(uuid4()), run_id=RunId(uuid4()), full_text=""),
            ReplyFailed(
                code=RunErrorCode.INTERNAL,
                message="Sorry.",
                message_id=MessageId(uuid4()),
                run_id=RunId(uuid4()),
                full_text="Half",
            ),
        ],
        ids=lambda event: event.name,
    )
    async def test_every_event_comes_out_as_it_went_in(self, log: RunLog, run_id: RunId, event: FrameEvent) -> None:
        frame = Frame(FrameId(7, 2, 1), event)
        async with log.follow(run_id) as reader:
            await log.append(run_id, [frame], anew=True)

            assert await reader.next(LONG) == frame
        assert await frames_of(log, run_id) == [frame]

    async def test_a_log_that_was_never_begun_is_empty(self, log: RunLog, run_id: RunId) -> None:
        assert await frames_of(log, run_id) == []

    async def test_going_on_with_a_log_that_is_not_there_is_refused(self, log: RunLog, run_id: RunId) -> None:
        with pytest.raises(LogLost):
            await log.append(run_id, texts(1, 1))
        assert await frames_of(log, run_id) == []

    async def test_a_dropped_log_is_lost(self, log: RunLog, run_id: RunId) -> None:
        await log.append(run_id, texts(1, 2), anew=True)
        await log.drop([run_id])

        assert await frames_of(log, run_id) == []
        with pytest.raises(LogLost):
            await log.append(run_id, texts(3, 3))

    async def test_a_lost_log_can_be_begun_anew_at_any_sequence(self, log: RunLog, run_id: RunId) -> None:
        await log.append(run_id, texts(1, 2), anew=True)
        await log.drop([run_id])
        await log.append(run_id, texts(9, 10), anew=True)
        await log.append(run_id, texts(11, 11))

        assert await frames_of(log, run_id) == texts(9, 11)

    async def test_dropping_nothing_or_what_is_not_there_is_no_error(self, log: RunLog, run_id: RunId) -> None:
        await log.drop([])
        await log.drop([run_id])

    async def test_a_later_attempt_goes_on_in_the_same_log(self, log: RunLog, run_id: RunId) -> None:
        await log.append(run_id, texts(1, 5), anew=True)
        await log.append(run_id, texts(1, 2, attempt=2), anew=True)

        assert await frames_of(log, run_id) == [*texts(1, 5), *texts(1, 2, attempt=2)]

    @pytest.mark.parametrize("anew", [False, True])
    async def test_an_older_attempt_is_refused_and_seen_by_nobody(self, log: RunLog, run_id: RunId, anew: bool) -> None:
        await log.append(run_id, texts(1, 1), anew=True)
        async with log.follow(run_id) as reader:
            await log.append(run_id, texts(1, 1, attempt=2), anew=True)
            with pytest.raises(StaleAttempt):
                await log.append(run_id, texts(2, 3), anew=anew)
            await log.append(run_id, texts(2, 2, attempt=2))

            assert await taken(reader, 3) == [*texts(1, 1), *texts(1, 2, attempt=2)]
        assert await frames_of(log, run_id) == [*texts(1, 1), *texts(1, 2, attempt=2)]

    async def test_the_same_ids_are_refused(self, log: RunLog, run_id: RunId) -> None:
        await log.append(run_id, texts(1, 2), anew=True)

        with pytest.raises(StaleAttempt):
            await log.append(run_id, texts(2, 2))

    async def test_logs_are_kept_apart(self, log: RunLog, run_id: RunId) -> None:
        other = RunId(uuid4())
        await log.append(run_id, texts(1, 1), anew=True)
        async with log.follow(other) as reader:
            await log.append(run_id, texts(2, 2))

            assert await reader.next(SHORT) is None
        assert await frames_of(log, other) == []

    async def test_a_follower_gets_what_comes(self, log: RunLog, run_id: RunId) -> None:
        async with log.follow(run_id) as reader:
            await log.append(run_id, texts(1, 2), anew=True)
            await log.append(run_id, texts(3, 3))

            assert await taken(reader, 3) == texts(1, 3)

    async def test_a_follower_gets_what_was_there_first(self, log: RunLog, run_id: RunId) -> None:
        await log.append(run_id, texts(1, 3), anew=True)
        async with log.follow(run_id) as reader:
            await log.append(run_id, texts(4, 5))

            assert await taken(reader, 5) == texts(1, 5)
            assert await reader.next(SHORT) is None

    async def test_silence_is_none(self, log: RunLog, run_id: RunId) -> None:
        async with log.follow(run_id) as reader:
            assert await reader.next(0) is None
            assert await reader.next(SHORT) is None

    async def test_a_wait_ends_when_a_frame_comes(self, log: RunLog, run_id: RunId) -> None:
        async with log.follow(run_id) as reader, asyncio.TaskGroup() as group:
            waiting = group.create_task(reader.next(LONG))
            await asyncio.sleep(0)
            await log.append(run_id, texts(1, 1), anew=True)

            assert await waiting == texts(1, 1)[0]

    async def test_followers_who_join_while_it_is_written_get_all_in_order_once(
        self, log: RunLog, run_id: RunId
    ) -> None:
        amount = 300

        async def write() -> None:
            for frame in texts(1, amount):
                await log.append(run_id, [frame], anew=frame.id.sequence == 1)
                await asyncio.sleep(0)

        async def follow(after: int) -> Sequence[Frame]:
            while len(await frames_of(log, run_id)) < after:  # noqa: ASYNC110 (any moment will do)
                await asyncio.sleep(0)
            async with log.follow(run_id) as reader:
                return await taken(reader, amount)

        async with asyncio.TaskGroup() as group:
            followers = [group.create_task(follow(after)) for after in (0, 1, 50, 100, 200, amount)]
            group.create_task(write())

        assert all(follower.result() == texts(1, amount) for follower in followers)

    async def test_a_follower_gets_what_comes_after_the_log_was_lost(self, log: RunLog, run_id: RunId) -> None:
        async with log.follow(run_id) as reader:
            await log.append(run_id, texts(1, 2), anew=True)
            assert await taken(reader, 2) == texts(1, 2)
            await log.drop([run_id])
            await log.append(run_id, texts(5, 6), anew=True)

            assert await taken(reader, 2) == texts(5, 6)

    async def test_a_long_log_is_followed_from_its_start(self, log: RunLog, run_id: RunId) -> None:
        for first in range(1, 2_001, 100):
            await log.append(run_id, texts(first, first + 99), anew=first == 1)
        async with log.follow(run_id) as reader:
            assert await taken(reader, 2_000) == texts(1, 2_000)
        assert await frames_of(log, run_id) == texts(1, 2_000)

    async def test_a_reader_who_does_not_read_is_dropped_and_can_come_back(self, log: RunLog, run_id: RunId) -> None:
        async with log.follow(run_id) as reader, log.follow(run_id) as prompt:
            for first in range(1, 1_501, 50):
                await log.append(run_id, texts(first, first + 49), anew=first == 1)
                assert len(await taken(prompt, 50)) == 50

            with pytest.raises(SlowReader):
                await taken(reader, 1_500)
        async with log.follow(run_id) as again:
            assert await taken(again, 1_500) == texts(1, 1_500)
