from collections.abc import Sequence

import pytest

from adapters.redis.run_reader import RedisRunReader
from domain.conversations import Frame
from tests.contracts.run_log import LONG, SHORT, texts


class Stream:
    """What a run's stream holds, unless it cannot be read."""

    def __init__(self) -> None:
        self.frames: list[Frame] = []
        self.readable = True

    async def page(self, last: Frame | None) -> Sequence[Frame] | None:
        if not self.readable:
            return None
        return [frame for frame in self.frames if last is None or frame.id > last.id]


@pytest.fixture
def stream() -> Stream:
    return Stream()


@pytest.fixture
def reader(stream: Stream) -> RedisRunReader:
    """Its messages are numbers, each the sequence of a frame."""
    return RedisRunReader(lambda number: texts(int(number), int(number)), stream.page, lambda: True)


async def test_frames_missing_between_live_ones_are_read_from_the_stream(
    stream: Stream, reader: RedisRunReader
) -> None:
    reader.received(b"1")
    assert await reader.next(LONG) == texts(1, 1)[0]
    stream.frames = texts(1, 4)
    reader.received(b"4")

    assert [await reader.next(LONG) for _ in range(3)] == texts(2, 4)
    assert await reader.next(SHORT) is None


async def test_a_live_frame_waits_while_those_before_it_cannot_be_read(stream: Stream, reader: RedisRunReader) -> None:
    reader.received(b"1")
    assert await reader.next(LONG) == texts(1, 1)[0]
    stream.frames, stream.readable = texts(1, 3), False
    reader.received(b"3")
    assert await reader.next(SHORT) is None
    stream.readable = True

    assert [await reader.next(LONG) for _ in range(2)] == texts(2, 3)


async def test_it_reads_again_by_itself_when_the_stream_could_not_be_read(
    stream: Stream, reader: RedisRunReader
) -> None:
    stream.readable = False
    assert await reader.next(SHORT) is None
    stream.frames, stream.readable = texts(1, 1), True

    assert await reader.next(LONG) == texts(1, 1)[0]


async def test_what_is_lost_is_left_out(stream: Stream, reader: RedisRunReader) -> None:
    reader.received(b"1")
    assert await reader.next(LONG) == texts(1, 1)[0]
    assert stream.frames == []
    reader.received(b"7")
    reader.received(b"7")
    reader.received(b"8")

    assert [await reader.next(LONG) for _ in range(2)] == texts(7, 8)
    assert await reader.next(0) is None
