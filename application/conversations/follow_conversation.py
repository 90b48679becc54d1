from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from application.ports.bell import LOOK_ANYWAY, Bell
from application.ports.conversations import ConversationViews
from application.ports.run_log import RunLog
from domain.access import Caller
from domain.conversations import Frame, FrameId, Run, Shown, conversation_topic, rebuilt
from domain.ids import ConversationId

Frames = AsyncGenerator[Frame | None, None]

LOOK_AGAIN = 1.0


@dataclass(frozen=True, slots=True)
class FollowConversation:
    """Shows a visitor the replies as they are made. It only observes: it starts, repeats and ends nothing."""

    views: ConversationViews
    log: RunLog
    bell: Bell

    async def __call__(
        self, caller: Caller, conversation_id: ConversationId, last_id: str | None, *, follow: bool
    ) -> Frames | None:
        """The frames behind `last_id`, or from the newest run's beginning when that is no frame's id.

        A None among them says that there are no more for now. Without `follow` they end with the newest run's end, and
        when there is nothing to show, there are no frames at all: None. With `follow` they go on with the runs to come.

        Raises:
            NotFound: it is not the caller's conversation.
        """
        caller.must_visit(conversation_id)
        position = FrameId.parse(last_id) if last_id else None
        frames = self._frames(conversation_id, position, follow=follow)
        return frames if follow else await _unless_empty(frames)

    async def _frames(self, conversation_id: ConversationId, position: FrameId | None, *, follow: bool) -> Frames:
        async with self.bell.listen(conversation_topic(conversation_id)) as news:
            runs, position = await self._first(conversation_id, position)
            number = position.number if position else 1
            while True:
                for run in runs:
                    async with aclosing(self._play(run, position)) as frames:
                        async for frame in frames:
                            yield frame
                    number, position = run.number + 1, None
                if not runs:
                    if not follow or not await self.views.exists(conversation_id):
                        return
                    yield None
                    await news.heard(LOOK_ANYWAY)
                runs = await self.views.runs_from(conversation_id, number)

    async def _first(
        self, conversation_id: ConversationId, position: FrameId | None
    ) -> tuple[Sequence[Run], FrameId | None]:
        if position is not None:
            runs = await self.views.runs_from(conversation_id, position.number)
            if runs and runs[0].number == position.number and _may_have_shown(runs[0], position):
                return runs, position
        return await self.views.runs_from(conversation_id, None), None

    async def _play(self, run: Run, position: FrameId | None) -> Frames:
        shown = Shown()
        async with aclosing(self._told(run, position)) as frames:
            async for frame in frames:
                shown, fresh = (shown, None) if frame is None else shown.then(frame)
                if frame is None or (fresh is not None and (position is None or fresh.id > position)):
                    yield fresh

    async def _told(self, run: Run, position: FrameId | None) -> Frames:
        """The frames of the log as they come, then those of an ended run that it does not hold."""
        logged_to = FrameId(run.number, run.attempt, run.last_sequence)
        # Whoever was told from the database may have been shown nothing of the log, though it is there now.
        if position is None or not run.ended or position <= logged_to:
            async with self.log.follow(run.id) as reader:
                while (frame := await reader.next(0 if run.ended else LOOK_AGAIN)) or not run.ended:
                    yield frame
                    if frame is not None:
                        if frame.ends:
                            return
                        continue
                    latest = await self.views.run(run.id)
                    if latest is None:
                        return
                    run = latest
        if position != FrameId(run.number, run.attempt, run.last_sequence):  # the end, which this reader has seen
            for frame in rebuilt(run):
                yield frame


def _may_have_shown(run: Run, position: FrameId) -> bool:
    return position <= rebuilt(run)[-1].id if run.ended else position.attempt <= run.attempt


async def _unless_empty(frames: Frames) -> Frames | None:
    try:
        first = await anext(frames)
    except StopAsyncIteration:
        return None
    return _with_first(first, frames)


async def _with_first(first: Frame | None, rest: Frames) -> Frames:
    async with aclosing(rest):
        yield first
        async for frame in rest:
            yield frame
