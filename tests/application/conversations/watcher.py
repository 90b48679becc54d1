"""A client that watches a whole conversation, drops and resumes, and minds when the stream breaks its promises."""

import asyncio
from contextlib import aclosing, suppress

from application.conversations.conversation_frames import Audience, ConversationFrames, Frames
from domain.conversations import (
    ConversationStands,
    Frame,
    FrameId,
    MessageEnded,
    MessageStarted,
    Notice,
    ReplyCancelled,
    ReplyFailed,
    Said,
    TextAdded,
    WordsBlanked,
)
from domain.ids import ConversationId, MessageId
from tests.application.world import World


class Watcher:
    """What a client has of a conversation.

    Attributes:
        follows: whether the open connection goes on with what is yet to come.
        last_id: of the last frame that had one.
        said: the messages in the order in which they came first.
        texts, ends: of the replies, as they are shown and as their ends tell them.
        stands: how the conversation stands; None when the connection has not told yet.
        blanked: the messages whose words are gone.
    """

    def __init__(
        self, world: World, conversation_id: ConversationId, audience: Audience, last_id: str | None = None
    ) -> None:
        self._frames = ConversationFrames(world.conversations, world.log, world.bell)
        self._conversation_id = conversation_id
        self._audience = audience
        self._connection: Frames | None = None
        self._told: set[MessageId] = set()
        self._reply: MessageId | None = None
        self.follows = False
        self.last_id = FrameId.parse(last_id) if last_id else None
        self.said: list[MessageId] = []
        self.texts: dict[MessageId, str] = {}
        self.ends: dict[MessageId, str] = {}
        self.stands: ConversationStands | None = None
        self.blanked: set[MessageId] = set()

    async def read(self, amount: int = 10_000, silences: int = 1, *, follow: bool = False) -> None:
        """Reads so many frames, or until it was silent so many times or the stream closes; connects when it must."""
        while amount and silences:
            found = await self._next(follow=follow)
            if found is None:
                silences -= 1
                silences *= self._connection is not None
            else:
                amount -= 1
                self._take(found)

    async def hang_up(self) -> None:
        """Drops the connection, while waiting for what comes next."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        async with aclosing(connection):
            waiting = asyncio.ensure_future(anext(connection, None))
            await asyncio.sleep(0)
            waiting.cancel()
            with suppress(asyncio.CancelledError):
                await waiting

    async def _next(self, *, follow: bool) -> Frame | Said | Notice | None:
        if self._connection is None:
            self.stands, self.follows = None, follow
            last_id = str(self.last_id) if self.last_id else None
            self._connection = await self._frames(self._conversation_id, last_id, self._audience, follow=follow)
            self._told.clear()
        if self._connection is None:
            return None
        try:
            return await anext(self._connection)
        except StopAsyncIteration:
            self._connection = None
            return None

    def _take(self, found: Frame | Said | Notice) -> None:
        if isinstance(found, Notice):
            self._take_notice(found)
            return
        if found.id is not None:
            assert self.last_id is None or found.id > self.last_id
            self.last_id = found.id
        if isinstance(found, Frame):
            self._take_frame(found)
            return
        message = found.event.message
        assert message.role in self._audience.roles
        assert message.id not in self._told, "told twice on one connection"
        assert found.id is None or found.id == FrameId(message.turn, 0, 1)
        self._told.add(message.id)
        if message.id not in self.said:
            self.said.append(message.id)

    def _take_notice(self, notice: Notice) -> None:
        match notice.event:
            case ConversationStands() as stands:
                assert stands != self.stands, "nothing new"
                self.stands = stands
            case WordsBlanked(message_id=message_id):
                self.blanked.add(message_id)

    def _take_frame(self, frame: Frame) -> None:
        match frame.event:
            case MessageStarted(message_id=reply):
                self._reply = reply
                self.texts[reply] = ""
            case TextAdded(text_chunk=chunk, offset=offset):
                assert self._reply
                assert offset <= len(self.texts[self._reply])
                self.texts[self._reply] = self.texts[self._reply][:offset] + chunk
            case (
                MessageEnded(message_id=reply, full_text=text)
                | ReplyCancelled(message_id=reply, full_text=text)
                | ReplyFailed(message_id=reply, full_text=text)
            ):
                assert reply not in self.ends
                assert reply == self._reply
                self.ends[reply] = text
            case _:
                pass
