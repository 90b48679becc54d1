"""What a scripted model says, in few words."""

from application.ports.language_model import Finished, ModelEvent, StopReason, TextDelta
from domain.conversations import (
    Frame,
    FrameEvent,
    MessageEnded,
    MessageStarted,
    ReplyCancelled,
    TextAdded,
    ToolAnswered,
    ToolCalled,
)
from domain.jobs import Claim
from domain.prompts import ToolCall
from tests.application.world import World, job_of
from tests.contracts.run_log import frames_of

END = Finished(reason=StopReason.END)
TOOLS = Finished(reason=StopReason.TOOLS)


def saying(*texts: str) -> list[ModelEvent]:
    """A whole answer in these pieces."""
    return [*map(TextDelta, texts), END]


def calling(tool: str, args: dict[str, object] | None, *texts: str, call_id: str = "call") -> list[ModelEvent]:
    """An answer that says these texts and then calls a tool."""
    return [*map(TextDelta, texts), ToolCall(id=call_id, tool=tool, args=args), TOOLS]


def told(frames: list[Frame]) -> list[str]:
    """The frames as short lines."""
    return [_line(frame.event) for frame in frames]


async def log_of(world: World, claim: Claim) -> list[str]:
    """The live log of the reply that the claim's job makes, as short lines."""
    return told(await frames_of(world.log, job_of(claim).run_id))


def _line(event: FrameEvent) -> str:
    match event:
        case MessageStarted():
            line = f"start {event.attempt}"
        case TextAdded():
            line = f"{event.offset}:{event.text_chunk}"
        case ToolCalled():
            line = f"{event.tool}?"
        case ToolAnswered():
            line = event.status
        case MessageEnded():
            line = f"end:{event.full_text}"
        case ReplyCancelled():
            line = f"cancelled:{event.full_text}"
        case _:
            line = f"{event.code}:{event.full_text}"
    return line
