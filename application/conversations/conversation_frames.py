import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Self

from application.ports.bell import LOOK_ANYWAY, Bell, Listener
from application.ports.conversations import ConversationViews
from application.ports.run_log import RunLog, RunReader
from domain.conversations import (
    REPORT_UNANSWERED,
    Frame,
    FrameId,
    MessageRole,
    MessageSaid,
    Notice,
    Run,
    Said,
    Shown,
    Standing,
    ToolAnswered,
    ToolCalled,
    Turn,
    conversation_topic,
    rebuilt,
)
from domain.ids import ConversationId, MessageId

Frames = AsyncGenerator[Frame | Said | Notice | None, None]

LOOK_AGAIN = 1.0
LOOK_AHEAD = 30.0
"""Seconds of a reply after which what was said meanwhile is looked for without a ring."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """Who is shown a conversation.

    Attributes:
        roles: whose messages they are shown, besides the assistant's.
        hidden_tools: which tools' use is kept from them.
        know_members: whether they may know who a member is, and not only their name.
    """

    roles: frozenset[MessageRole]
    hidden_tools: frozenset[str] = frozenset()
    know_members: bool = False


FOR_MEMBERS = Audience(roles=frozenset(MessageRole) - {MessageRole.ASSISTANT}, know_members=True)
FOR_VISITORS = Audience(roles=FOR_MEMBERS.roles - {MessageRole.VISITOR}, hidden_tools=frozenset({REPORT_UNANSWERED}))


@dataclass(frozen=True, slots=True)
class ConversationFrames:
    """What is shown of a conversation as it goes on. It only observes: it starts, repeats and ends nothing.

    Turns are told one after the other. What somebody says while a reply is being made is told at once, ahead of its
    turn and without a place, so that who resumes misses nothing.

    Who follows is also told how the conversation stands, and which messages' words are gone: first of all how it is
    now, whatever they were told before, and then each change at once, without a place.
    """

    views: ConversationViews
    log: RunLog
    bell: Bell

    async def __call__(
        self, conversation_id: ConversationId, last_id: str | None, audience: Audience, *, follow: bool
    ) -> Frames | None:
        """The frames behind `last_id`, or from the newest run's beginning when that is no frame's id.

        A None among them says that there are no more for now. Without `follow` they end with what there is when the
        newest run has ended, and when there is nothing to show, there are no frames at all: None.

        Args:
            conversation_id: of which conversation.
            last_id: the id of the last frame that was shown.
            audience: who it is shown.
            follow: whether they go on with what is yet to come.
        """
        position = FrameId.parse(last_id) if last_id else None
        frames = _Telling(self, conversation_id, audience, follow=follow).frames(position)
        return frames if follow else await _unless_empty(frames)


@dataclass(slots=True)
class _Telling:
    """One reader's way through a conversation.

    Attributes:
        told: the messages told ahead of their turn.
        looked_to: the last turn whose message was looked for.
        standing: how the conversation stood when that was told last.
        rung: whether that may have changed since.
    """

    source: ConversationFrames
    conversation_id: ConversationId
    audience: Audience
    follow: bool = field(kw_only=True)
    told: set[MessageId] = field(default_factory=set[MessageId])
    looked_to: int = 0
    standing: Standing | None = None
    rung: bool = True

    async def frames(self, position: FrameId | None) -> Frames:
        async with self.source.bell.listen(conversation_topic(self.conversation_id)) as news:
            turns, position = await self._first(position)
            number = position.turn if position else 1
            while True:
                if self.follow and self.rung:
                    self.rung = False
                    notices = await self._notices()
                    if notices is None:
                        return
                    for notice in notices:
                        yield notice
                for turn in turns:
                    async with aclosing(self._play(turn, position, news)) as frames:
                        async for frame in frames:
                            yield frame
                    number, position = turn.number + 1, None
                if not turns:
                    if not self.follow:
                        return
                    yield None
                    await news.heard(LOOK_ANYWAY)
                    self.rung = True
                turns = await self.source.views.turns_from(self.conversation_id, number)

    async def _notices(self) -> Sequence[Notice] | None:
        """What is new in how the conversation stands; None when it is gone."""
        now, before = await self.source.views.standing(self.conversation_id), self.standing
        if now is None:
            return None
        self.standing = now
        return now.since(before, identified=self.audience.know_members)

    async def _first(self, position: FrameId | None) -> tuple[Sequence[Turn], FrameId | None]:
        if position is not None:
            turns = await self.source.views.turns_from(self.conversation_id, position.turn)
            if turns and turns[0].number == position.turn and _may_have_shown(turns[0], position):
                return turns, position
        return await self.source.views.turns_from(self.conversation_id, None), None

    async def _play(self, turn: Turn, position: FrameId | None, news: Listener) -> Frames:
        said = self._said(turn)
        if said is not None and (position is None or position < turn.message_place):
            yield Said(turn.message_place, said)
        if turn.run is None:
            return
        shown, hidden = Shown(), set[str]()
        async with aclosing(self._made(turn.run, position, news)) as frames:
            async for frame in frames:
                if not isinstance(frame, Frame):
                    yield frame
                    continue
                shown, fresh = shown.then(frame)
                if self._hides(frame, hidden):
                    continue
                if fresh is not None and (position is None or fresh.id > position):
                    yield fresh

    async def _made(self, run: Run, position: FrameId | None, news: Listener) -> Frames:
        """The frames of the log as they come, then those of an ended run that it does not hold."""
        logged_to = FrameId(run.turn, run.attempt, run.last_sequence)
        self.rung = self.rung or not run.ended  # a ring heard along with the last frame is not acted upon here
        # Whoever was told from the database may have been shown nothing of the log, though it is there now.
        if position is None or not run.ended or position <= logged_to:
            async with self.source.log.follow(run.id) as reader, _Waiting(reader, news, heard=not run.ended) as waiting:
                while (frame := await waiting.next(0 if run.ended else LOOK_AGAIN)) or not run.ended:
                    if waiting.heard():
                        for ahead in await self._ahead(run):
                            yield ahead
                    yield frame
                    if frame is not None:
                        if frame.ends:
                            return
                        continue
                    latest = await self.source.views.run(run.id)
                    if latest is None:
                        return
                    run = latest
        if position != FrameId(run.turn, run.attempt, run.last_sequence):  # the end, which this reader has seen
            for frame in rebuilt(run):
                yield frame

    def _hides(self, frame: Frame, hidden: set[str]) -> bool:
        """Whether the frame is of the use of a tool that is not shown; notes a call in `hidden`, to know its answer."""
        match frame.event:
            case ToolCalled(id=call, tool=tool) if tool in self.audience.hidden_tools:
                hidden.add(call)
                return True
            case ToolAnswered(id=call):
                return call in hidden
            case _:
                return False

    async def _ahead(self, run: Run) -> Sequence[Said | Notice]:
        """How the conversation stands, and what was said in the turns behind that of the run, if it was not told."""
        notices = (await self._notices() or ()) if self.follow else ()
        found: list[Said] = []
        while turns := await self.source.views.turns_from(self.conversation_id, max(run.turn, self.looked_to) + 1):
            self.looked_to = turns[-1].number
            found += [Said(None, said) for turn in turns if (said := self._said(turn)) is not None]
            self.told |= {said.event.message.id for said in found}
        return (*notices, *found)

    def _said(self, turn: Turn) -> MessageSaid | None:
        message = turn.message
        if message is None or message.role not in self.audience.roles or message.id in self.told:
            return None
        return MessageSaid(message=message)


class _Waiting:
    """Waits for a reader's next frame and for news at once, and loses neither.

    With `heard` there is news from the beginning: it may have come before anybody waited.
    """

    def __init__(self, reader: RunReader, news: Listener, *, heard: bool) -> None:
        self._reader = reader
        self._news = news
        self._heard = heard
        self._frame: asyncio.Task[Frame | None] | None = None
        self._ring: asyncio.Task[bool] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in (self._frame, self._ring):
            if task is not None:
                task.cancel()
                await asyncio.wait([task])

    async def next(self, seconds: float) -> Frame | None:
        """The next frame, or None after so many seconds of silence, or earlier when there is news."""
        if self._frame is None:
            frame = await self._reader.next(0)
            if frame is not None or not seconds:
                return frame
            self._frame = asyncio.create_task(self._reader.next(seconds))
        self._ring = self._ring or asyncio.create_task(self._news.heard(LOOK_AHEAD))
        await asyncio.wait([self._frame, self._ring], return_when=asyncio.FIRST_COMPLETED)
        if not self._frame.done():
            return None
        # A reader may be reading when it is cancelled, and lose what it read: its wait is seen through.
        frame, self._frame = self._frame.result(), None
        return frame

    def heard(self) -> bool:
        """Whether there is news since the last time, or may be: a ring that never came may have been lost."""
        heard, self._heard = self._heard, False
        if self._ring is None or not self._ring.done():
            return heard
        self._ring = None
        return True


def _may_have_shown(turn: Turn, position: FrameId) -> bool:
    if turn.message is not None and position == turn.message_place:
        return True
    if turn.run is None:
        return False
    run = turn.run
    return position <= rebuilt(run)[-1].id if run.ended else position.attempt <= run.attempt


async def _unless_empty(frames: Frames) -> Frames | None:
    try:
        first = await anext(frames)
    except StopAsyncIteration:
        return None
    return _with_first(first, frames)


async def _with_first(first: Frame | Said | Notice | None, rest: Frames) -> Frames:
    async with aclosing(rest):
        yield first
        async for frame in rest:
            yield frame
