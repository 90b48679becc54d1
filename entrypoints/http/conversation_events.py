"""Conversations as server-sent events, for both sides."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from application.conversations.conversation_frames import Frames
from application.ports.conversations import MessageView
from domain.conversations import Frame, Notice, Said
from entrypoints.http.edge.streams import ServerEvent

EVENTS = """\
Each event's `data` is a JSON object, and its `id` is for `Last-Event-ID`. A reply is, in this order:

- `message_start` `{message_id, run_id, attempt}`: its text is empty; it comes again when a new attempt begins.
- any number of `delta` `{text_chunk, offset}` (the text is now `text[:offset] + text_chunk`, in code points; an empty
  chunk cuts), `tool_call` `{id, tool, args}` and `tool_result` `{id, status: ok|error, data, error}`.
- one end, after which the stream closes unless `follow` is asked: `message_end` `{message_id, run_id, full_text}`,
  `cancelled` `{message_id, run_id, full_text}` or `error` `{code, message, message_id, run_id, full_text}`, where
  `code` is `model_unavailable`, `model_refused`, `timeout`, `limit_reached` or `internal`. `full_text` was kept.

What people say is `message`, a whole MessageView. Said while a reply is made, it comes at once, without an `id`, and
may come once more in its turn after a reconnect: know it by the `id` in its data.

With `follow` the stream also tells how things stand now, without an `id`: first of all as they are, also to who
resumes, and then each change at once.

- `conversation` `{status, handled_by, handler, waiting}`: who answers (the person who has taken over is `{name, id}`
  to members and `{name}` to visitors, else null), and whether a person was asked for who has not come yet.
- `message_blanked` `{message_id}`: the words of this message are gone, whatever else the stream shows of it, before or
  after. It begins with those that were taken away last, 100 at most.

A comment comes in silence."""


async def events_of(frames: Frames) -> AsyncGenerator[ServerEvent | None, None]:
    """The frames, as they are told."""
    async with aclosing(frames):
        async for frame in frames:
            yield _event(frame) if frame else None


def _event(frame: Frame | Said | Notice) -> ServerEvent:
    place = str(frame.id) if frame.id else None
    if isinstance(frame, Said):
        return ServerEvent(id=place, event=frame.event.name, data=MessageView.of(frame.event.message))
    return ServerEvent(id=place, event=frame.event.name, data=frame.event)
