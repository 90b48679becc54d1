"""A conversation as Markdown: it reads well, and nobody's words can pass for the page's own."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.actors import Actor, ActorType
from domain.conversations import (
    Channel,
    Conversation,
    Exchange,
    FeedbackValue,
    Message,
    MessageStatus,
    Run,
    RunErrorCode,
    RunStatus,
    Step,
)
from domain.conversations.export import literal, markdown_exchange, markdown_head, quoted
from domain.ids import ConversationId, UserId, WorkspaceId

AT = datetime(2026, 11, 21, 23, 30, tzinfo=UTC)
PRAGUE = "Europe/Prague"
MEMBER = Actor(ActorType.USER, uuid4(), "Maria *Member*")
STEPS = (
    Step(id="a", tool="list_services", args={}, offset=0, status="ok", output=[]),
    Step(id="b", tool="search_knowledge", args={"query": "x"}, offset=0, status="error", output="It failed."),
)


def conversation(name: str | None = "Vera") -> Conversation:
    started = Conversation.started(WorkspaceId(uuid4()), name, "vera@example.com" if name else None, AT)
    return replace(started, id=ConversationId(UUID(int=7)), channel=Channel.WHATSAPP, tags=("vip", "new"))


def asked(content: str = "What does it cost?") -> tuple[Conversation, Message, Run]:
    said, message = conversation().said_by_visitor(content, AT)
    return said, message, Run.answering(message, AT)


def answered(run: Run, conversation: Conversation, text: str, status: MessageStatus) -> Message:
    return conversation.said_by_assistant(run.reply_message_id, run.id, run.turn, text, status, AT)[1]


def test_the_head_tells_who_when_and_where() -> None:
    assert markdown_head(conversation(), "Harbour Studio", PRAGUE, AT).splitlines() == [
        "# Conversation with Vera",
        "",
        "- Business: Harbour Studio",
        "- Visitor: Vera, vera@example.com",
        "- Channel: whatsapp",
        "- Status: open",
        "- Tags: vip, new",
        "- Began: 2026-11-22 00:30",
        "- Exported: 2026-11-22 00:30",
        "- Times: Europe/Prague",
        "- Id: 00000000-0000-0000-0000-000000000007",
    ]


def test_who_has_no_name_is_the_visitor() -> None:
    head = markdown_head(conversation(None), "Harbour Studio", "UTC", AT)
    assert head.startswith("# Conversation with Visitor\n")
    assert "- Visitor:" not in head


def test_a_talk_with_a_companion_says_so() -> None:
    talk = Conversation.with_companion(WorkspaceId(uuid4()), UserId(MEMBER.id), AT)
    said, message = talk.said_to_companion("Hello", MEMBER, AT)
    run = Run.answering(message, AT).started(1, "m", "p", AT)
    run = replace(run, text="Hi.").completed(AT)
    assert markdown_head(talk, "Harbour Studio", "UTC", AT).startswith("# Conversation with your companion\n")
    page = markdown_exchange(Exchange(message, run, answered(run, said, "Hi.", MessageStatus.COMPLETE)), said, "UTC")
    assert page.split("\n\n")[0].startswith("\n**Maria \\*Member\\***")
    assert "**Companion**, 2026-11-21 23:30" in page


def test_an_answered_question_reads_well() -> None:
    said, message, run = asked("What does it cost?\nAnd when?")
    completed = replace(run.started(1, "m", "p", AT), text="120 CZK.", steps=STEPS).completed(AT)
    reply = answered(completed, said, "120 CZK.", MessageStatus.COMPLETE).rated(FeedbackValue.UP, "Thanks!", AT)
    assert markdown_exchange(Exchange(message, completed, reply), said, PRAGUE).splitlines() == [
        "",
        "**Vera**, 2026-11-22 00:30",
        "",
        "> What does it cost?  ",
        "> And when?",
        "",
        "**Assistant**, 2026-11-22 00:30",
        "",
        "> 120 CZK.",
        "",
        "*Feedback: up, “Thanks\\!”*",
        "",
        r"*Used list\_services, search\_knowledge (failed).*",
    ]


def test_a_members_words_stand_under_their_name() -> None:
    said, message = conversation().said_by_member("I can help.", MEMBER, AT)
    shown = markdown_exchange(Exchange(message, None, None), said, "UTC")
    assert shown == "\n**Maria \\*Member\\***, 2026-11-21 23:30\n\n> I can help.\n"


def test_what_was_blanked_is_told_to_be_gone() -> None:
    said, message, _ = asked("A secret")
    shown = markdown_exchange(Exchange(message.blanked(AT), None, None), said, "UTC")
    assert "*This message was removed.*" in shown
    assert "secret" not in shown


@pytest.mark.parametrize(
    ("status", "note"),
    [
        (RunStatus.QUEUED, "*The reply waits.*"),
        (RunStatus.RUNNING, "*The reply is being made.*"),
        (RunStatus.CANCELLED, "*The reply was stopped.*"),
        (RunStatus.FAILED, "*The reply failed: The assistant took too long. Please try again.*"),
    ],
)
def test_a_reply_that_did_not_come_to_its_end_is_said_to(status: RunStatus, note: str) -> None:
    said, message, run = asked()
    run = replace(run, status=status, error=RunErrorCode.TIMEOUT if status is RunStatus.FAILED else None)
    assert markdown_exchange(Exchange(message, run, None), said, "UTC").rstrip().splitlines()[-1] == note


def test_what_was_kept_of_a_stopped_reply_stands_before_the_note() -> None:
    said, message, run = asked()
    run = replace(run, text="Half").cancelled(AT)
    reply = answered(run, said, "Half", MessageStatus.PARTIAL)
    lines = markdown_exchange(Exchange(message, run, reply), said, "UTC").rstrip().splitlines()
    assert lines[-3:] == ["> Half", "", "*The reply was stopped.*"]


def test_an_answer_given_once_more_says_so() -> None:
    said, message, _ = asked()
    said, run = Run.answering_again(message, said, AT)
    assert "*Asked to answer once more:*" in markdown_exchange(Exchange(None, run, None), said, "UTC")


HOSTILE = [
    "# Conversation with nobody",
    "Title\n=====",
    "Title\n-----",
    "> quoted\nout",
    "</blockquote><h1>Forged</h1>",
    "**Assistant**, 2026-11-21 10:00\n\nSend money.",
    "![](https://evil.example/pixel)",
    "[text](javascript:alert(1))",
    "```\nfence",
    "~~~\nfence",
    "1. one\n2) two",
    "- list\n+ list",
    "| a | b |\n|---|---|",
    "&lt;h1&gt;",
    "line\r# heading\x0b# heading\x85# heading\u2028# heading",
    "<!-- hidden",
    "\\# escaped",
    "    indented\n\ttabbed",
    "[x]: https://evil.example",
]
# What begins a line or a span in CommonMark, unless a backslash stands before it.
_ACTIVE = re.compile(r"(?<!\\)(?:\\\\)*[`*_\[\]<&~|!]")
_BEGINS = re.compile(r"^> (?:[#+=:>-]|\d+[.)]|\s)")


@pytest.mark.parametrize("content", HOSTILE)
def test_words_cannot_pass_for_the_pages_own(content: str) -> None:
    said, message, _ = asked(content)
    page = markdown_exchange(Exchange(message, None, None), said, "UTC")
    _check_inert(page.split("\n", 3)[3].strip("\n"))


@given(st.text(st.sampled_from("ab \n\r\t#>-=+*_`~|[]()<>!&\\1.):\u2028漢"), max_size=40) | st.text(max_size=40))
def test_any_text_is_quoted_so_that_it_shows_as_it_is(text: str) -> None:
    _check_inert(quoted(text))
    shown = [re.sub(r"\\([!-/:-@[-`{-~])", r"\1", line[2:]).strip() for line in quoted(text).split("\n")]
    assert shown == ([" ".join(line.split()) for line in text.splitlines()] or [""])


@given(st.text(max_size=60))
def test_a_name_stays_on_its_line(name: str) -> None:
    assert len(literal(name).splitlines()) <= 1
    head = markdown_head(replace(conversation(), tags=(name,)), name, "UTC", AT)
    assert len(head.splitlines()) in {9, 11}


def _check_inert(quotation: str) -> None:
    for line in quotation.split("\n"):
        assert line.startswith(">")
        assert len(line.splitlines()) == 1
        assert not _BEGINS.search(line)
        assert not _ACTIVE.search(line[1:])
