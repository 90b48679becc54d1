"""A client of the stream that does what the protocol says, and minds when the stream does not."""

from contextlib import aclosing

from domain.conversations import Frame, FrameId, MessageEnded, MessageStarted, ReplyCancelled, ReplyFailed, TextAdded
from tests.application.world import Visit, World


class Reader:
    """What a client has of one run."""

    def __init__(self, world: World, visit: Visit) -> None:
        self._world = world
        self._visit = visit
        self._attempt = 0
        self.text = ""
        self.last_id: FrameId | None = None
        self.full_text: str | None = None

    async def read(self, amount: int) -> None:
        """Connects, resumes where it was, and drops the connection after so many frames or silences."""
        frames = await self._world.show(self._visit, str(self.last_id) if self.last_id else None)
        assert frames is not None
        length: int | None = None
        async with aclosing(frames):
            async for frame in frames:
                if isinstance(frame, Frame):
                    length = self._take(frame, length)
                amount -= 1
                if amount <= 0 or self.full_text is not None:
                    return

    def _take(self, frame: Frame, length: int | None) -> int | None:
        assert self.last_id is None or frame.id > self.last_id
        self.last_id = frame.id
        match frame.event:
            case MessageStarted(attempt=attempt):
                assert attempt >= self._attempt
                assert attempt > self._attempt or length is None
                self._attempt = attempt
                self.text = ""
                return 0
            case TextAdded(text_chunk=chunk, offset=offset):
                assert length in {None, offset} if chunk else offset < len(self.text)
                assert offset <= len(self.text)
                self.text = self.text[:offset] + chunk
                return offset + len(chunk)
            case MessageEnded(full_text=text) | ReplyCancelled(full_text=text) | ReplyFailed(full_text=text):
                self.full_text = text
            case _:
                pass
        return length
