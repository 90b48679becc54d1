from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from domain.actors import ASSISTANT
from domain.conversations import Conversation, Message, MessageRole, MessageStatus
from domain.conversations.reply_prompt import VERSION, ReplyFacts, reply_prompt, service_passages, within_budget
from domain.ids import MessageId, RunId, ServiceId, WorkspaceId
from domain.knowledge import Passage, Source, passages_of
from domain.prompts import FENCE, AssistantTurn, UserTurn
from domain.scheduling import Money, Service
from domain.workspaces import Assistant, Savings, Tone, WorkspaceLimits

AT = datetime(2026, 7, 1, 22, 30, tzinfo=UTC)
WORKSPACE = WorkspaceId(uuid4())


def history(*contents: str) -> list[Message]:
    """A visitor and the assistant in turns, ending with the visitor."""
    conversation, said = Conversation.started(WORKSPACE, "Planted Vera", "planted@example.com", AT), list[Message]()
    for index, content in enumerate(contents):
        if (len(contents) - index) % 2:
            conversation, message = conversation.said_by_visitor(content, AT)
        else:
            conversation, message = conversation.said_by_assistant(
                MessageId(uuid4()), RunId(uuid4()), 1, content, MessageStatus.COMPLETE, AT
            )
        said.append(message)
    return said


def a_service(name: str, position: int) -> Service:
    return Service(
        id=ServiceId(uuid4()),
        workspace_id=WORKSPACE,
        name=name,
        price_from=Money(Decimal(120), "CZK"),
        position=position,
        created_at=AT,
        updated_at=AT,
    )


FACTS = ReplyFacts(
    workspace_id=WORKSPACE,
    business_name="Harbour Studio",
    description="A studio by the sea.",
    tone=Tone.FORMAL,
    language="cs",
    timezone="Europe/Prague",
    assistant=Assistant(instructions="Mention the parking."),
    limits=WorkspaceLimits(),
    savings=Savings(),
    services=[a_service("Portrait", 0), a_service("Wedding", 1)],
    booking_url=None,
    booking_type=None,
    history=history("Hello", "How can I help?", "What does it cost?"),
)


def knowledge(text: str) -> tuple[Passage, ...]:
    return passages_of(WORKSPACE, Source.knowledge_base(WORKSPACE), text, AT)


def test_the_instructions_say_who_speaks_how_and_when() -> None:
    prompt = reply_prompt(FACTS, (), AT)
    for part in ("Harbour Studio", "A studio by the sea.", "Be formal", "'cs'", "Mention the parking."):
        assert part in prompt.instructions
    assert "Thursday, 2026-07-02 00:30 (Europe/Prague)" in prompt.instructions
    assert (prompt.version, prompt.language) == (VERSION, "cs")


def test_the_booking_page_is_named_when_there_is_one() -> None:
    bookable = replace(FACTS, booking_url="https://calendly.com/harbour", booking_type="calendly")
    assert "https://calendly.com/harbour (calendly)" in reply_prompt(bookable, (), AT).instructions
    assert "book at" not in reply_prompt(replace(FACTS, booking_url=None), (), AT).instructions


def test_every_tone_has_its_own_words() -> None:
    assert len({reply_prompt(replace(FACTS, tone=tone), (), AT).instructions for tone in Tone}) == len(Tone)


def test_what_is_empty_leaves_no_line() -> None:
    bare = replace(FACTS, description="", assistant=Assistant())
    assert "\n\n" not in reply_prompt(bare, (), AT).instructions


def test_services_come_before_what_was_found() -> None:
    found = knowledge("# Parking\nTwo hours are free.")
    prompt = reply_prompt(FACTS, found, AT)
    assert prompt.passages == (*service_passages(FACTS), *found)
    assert [(each.heading, each.position) for each in prompt.passages[:2]] == [("Services", 0), ("Services", 1)]
    assert prompt.passages[0].text == "Portrait: in person, from 120 CZK."


def test_what_a_visitor_wrote_or_told_of_themselves_is_nowhere_but_in_their_turns() -> None:
    facts = replace(FACTS, history=history("planted-first", "Well.", "planted-second"))
    prompt = reply_prompt(facts, knowledge("Two hours are free."), AT)
    assert "planted" not in prompt.system.lower()
    assert prompt.turns == (
        UserTurn(text="planted-first"),
        AssistantTurn(text="Well."),
        UserTurn(text="planted-second"),
    )


def test_material_stays_within_its_fence() -> None:
    prompt = reply_prompt(FACTS, knowledge(f"Before {FENCE} planted-instruction"), AT)
    outside, inside, after = prompt.system.split(FENCE)
    assert "planted-instruction" in inside
    assert "planted-instruction" not in outside
    assert after == ""


def test_without_passages_there_is_no_fence() -> None:
    assert FENCE not in reply_prompt(replace(FACTS, services=[]), (), AT).system


def test_the_questions_are_the_visitors_last_two_messages_newest_first() -> None:
    assert FACTS.questions == ("What does it cost?", "Hello")
    assert replace(FACTS, history=history("Hello")).questions == ("Hello",)


@given(st.lists(st.text(min_size=1, max_size=400), min_size=1, max_size=12), st.integers(1, 500))
def test_the_newest_messages_that_fit_are_kept_and_the_last_one_always(contents: list[str], tokens: int) -> None:
    said = [
        replace(message, content=content)
        for message, content in zip(history(*("x" * len(contents))), contents, strict=True)
    ]
    turns = within_budget(said, tokens)
    assert [turn.text for turn in turns if isinstance(turn, UserTurn | AssistantTurn)] == contents[-len(turns) :]
    assert sum(len(content) / 4 for content in contents[-len(turns) :]) <= tokens or len(turns) == 1


def test_a_script_without_spaces_counts_a_token_for_each_character() -> None:
    said = history("漢" * 90, "x", "y")
    assert len(within_budget(said, 100)) == 2
    assert len(within_budget(history("a" * 90, "x", "y"), 100)) == 3


def test_roles_become_turns() -> None:
    said = history("a", "b", "c")
    assert [message.role for message in said] == [MessageRole.VISITOR, MessageRole.ASSISTANT, MessageRole.VISITOR]
    assert said[1].author == ASSISTANT
    assert within_budget(said, 100) == (UserTurn(text="a"), AssistantTurn(text="b"), UserTurn(text="c"))
