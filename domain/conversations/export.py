"""A conversation as a page of Markdown (CommonMark), in which nobody's words can pass for the page's own."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from domain.conversations.conversation import Conversation
from domain.conversations.message import Message, MessageRole, MessageStatus
from domain.conversations.run import RUN_ERRORS, Run, RunErrorCode, RunStatus, Step

_INLINE = re.compile(r"([\\`*_\[\]<>&~|!])")
_LEADING = re.compile(r"^(\s*)(?:([#+=:-])|(\d+)([.)]))")
_NOTES = {RunStatus.CANCELLED: "The reply was stopped.", RunStatus.QUEUED: "The reply waits."}


@dataclass(frozen=True, slots=True)
class Exchange:
    """A turn of a conversation as it was in the end.

    Attributes:
        message: what somebody other than the assistant said; None when an earlier message is answered once more.
        run: which answers it; None for what the assistant does not answer.
        reply: what the run said, as far as it said anything and has ended.
    """

    message: Message | None
    run: Run | None
    reply: Message | None


def markdown_head(conversation: Conversation, business_name: str, timezone: str, at: datetime) -> str:
    """The title and what is known of the conversation, exported at the moment `at`; times are in `timezone`."""
    zone, visitor = ZoneInfo(timezone), conversation.visitor
    facts = {
        "Business": literal(business_name),
        "Visitor": ", ".join(literal(part) for part in (visitor.name, visitor.email) if part),
        "Channel": conversation.channel,
        "Status": conversation.status,
        "Tags": ", ".join(literal(tag) for tag in conversation.tags),
        "Began": _time(conversation.created_at, zone),
        "Exported": _time(at, zone),
        "Times": literal(timezone),
        "Id": str(conversation.id),
    }
    lines = [f"- {name}: {value}" for name, value in facts.items() if value]
    title = "your companion" if conversation.user_id else _name(conversation)
    return "\n".join([f"# Conversation with {title}", "", *lines, ""])


def markdown_exchange(exchange: Exchange, conversation: Conversation, timezone: str) -> str:
    """The turn: who said what and when, each quoted, with small notes of what the assistant did for it."""
    return "".join(f"\n{block}\n" for block in _blocks(exchange, conversation, ZoneInfo(timezone)))


def literal(text: str) -> str:
    """The text on one line, so that Markdown shows it as it is."""
    escaped = _INLINE.sub(r"\\\1", " ".join(text.split()))
    return _LEADING.sub(_escape_leading, escaped)


def quoted(text: str) -> str:
    """The text as a quotation that shows its lines as they are."""
    lines = [literal(line) for line in text.splitlines()] or [""]
    hard = [f"> {line}  " if line else ">" for line in lines[:-1]]  # two spaces: the line ends here
    return "\n".join([*hard, f"> {lines[-1]}".rstrip()])


def _blocks(exchange: Exchange, conversation: Conversation, zone: ZoneInfo) -> Iterator[str]:
    if exchange.message is not None:
        yield from _said(exchange.message, _author(exchange.message, conversation), zone)
    if exchange.run is None:
        return
    if exchange.message is None:
        yield "*Asked to answer once more:*"
    if exchange.reply is not None:
        yield from _said(exchange.reply, "Companion" if conversation.user_id else "Assistant", zone)
    yield from _notes(exchange.run, exchange.reply)


def _said(message: Message, author: str, zone: ZoneInfo) -> Iterator[str]:
    yield f"**{author}**, {_time(message.created_at, zone)}"
    yield "*This message was removed.*" if message.blanked_at else quoted(message.content)
    feedback = message.metadata.get("feedback")
    if isinstance(feedback, dict):
        note = feedback.get("note")
        said = f", “{literal(note)}”" if isinstance(note, str) and note else ""
        yield f"*Feedback: {literal(str(feedback.get('value')))}{said}*"


def _notes(run: Run, reply: Message | None) -> Iterator[str]:
    if run.steps:
        yield f"*Used {', '.join(map(_used, run.steps))}.*"
    if run.status is RunStatus.FAILED:
        yield f"*The reply failed: {RUN_ERRORS[run.error or RunErrorCode.INTERNAL]}*"
    elif run.status is RunStatus.RUNNING:
        yield "*The reply is being made.*"
    elif run.status in _NOTES and (reply is None or reply.status is MessageStatus.PARTIAL):
        yield f"*{_NOTES[run.status]}*"


def _used(step: Step) -> str:
    return literal(step.tool) + ("" if step.status == "ok" else " (failed)")


def _author(message: Message, conversation: Conversation) -> str:
    return _name(conversation) if message.role is MessageRole.VISITOR else literal(message.author.name)


def _name(conversation: Conversation) -> str:
    return literal(conversation.visitor.name or "Visitor")


def _time(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"


def _escape_leading(found: re.Match[str]) -> str:
    indent, mark, digits, dot = found.groups()
    return f"{indent}\\{mark}" if mark else f"{indent}{digits}\\{dot}"
