from dataclasses import replace
from datetime import UTC, datetime

from domain.actors import ASSISTANT, Actor, ActorType
from domain.conversations import Conversation, MessageStatus
from domain.conversations.companion_prompt import VERSION, companion_prompt
from domain.conversations.reply_prompt import Addressee
from domain.identity import Profile
from domain.ids import MessageId, RunId, UserId, new_id
from domain.memories.recall import Recalled
from domain.memories.tiers import Tier
from domain.prompts import FENCE, AssistantTurn, UserTurn
from tests.domain.test_recall import a_passage
from tests.domain.test_reply_prompt import FACTS, WORKSPACE

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
USER = UserId(new_id(AT))
ADA = Addressee.of(USER, "Ada Byron", Profile(preferred_name="Ada", pronouns="she/her", timezone="Asia/Tokyo"))


def test_a_user_is_called_as_they_prefer() -> None:
    assert ADA.name == "Ada"
    assert Addressee.of(USER, "Ada Byron", Profile()).name == "Ada Byron"


def test_the_instructions_say_who_is_talked_with_and_when_it_is_there() -> None:
    prompt = companion_prompt(FACTS, ADA, (), AT)
    assert prompt.version == VERSION
    assert "companion of Ada," in prompt.instructions
    assert "she/her" in prompt.instructions
    assert "Monday, 2026-03-02 18:00 where they are (Asia/Tokyo)" in prompt.instructions
    unknown = companion_prompt(FACTS, replace(ADA, name="", pronouns=""), (), AT)
    assert "companion of your user," in unknown.instructions
    assert "pronouns" not in unknown.instructions


def test_what_is_told_to_visitors_assistants_is_not_for_companions() -> None:
    assert FACTS.assistant.instructions not in companion_prompt(FACTS, ADA, (), AT).instructions


def test_each_memory_is_fenced_behind_its_mark() -> None:
    recalled = [
        Recalled(passage=a_passage(1, f"I like {FENCE} tea."), tier=Tier.PERSONAL, at=AT),
        Recalled(passage=a_passage(2, "I ran."), tier=Tier.TASK, at=AT),
    ]
    prompt = companion_prompt(FACTS, ADA, recalled, AT)
    assert prompt.cites
    assert prompt.system.count(FENCE) == 2
    assert "[[1]] personal memory, 2026-03-02\nI like [passages] tea." in prompt.system
    assert "[[2]] task memory, 2026-03-02\nI ran." in prompt.system


def test_the_user_speaks_in_their_turns_and_the_companion_in_its_own() -> None:
    conversation = Conversation.with_companion(WORKSPACE, USER, AT)
    conversation, said = conversation.said_to_companion("Hello", Actor(ActorType.USER, USER, "Ada"), AT)
    message_id, run_id = MessageId(new_id(AT)), RunId(new_id(AT))
    conversation, reply = conversation.said_by_assistant(message_id, run_id, 1, "Hi.", MessageStatus.COMPLETE, AT)
    _, again = conversation.said_to_companion("Who am I?", Actor(ActorType.USER, USER, "Ada"), AT)
    facts = replace(FACTS, history=[said, reply, again], addressee=ADA)
    prompt = companion_prompt(facts, ADA, (), AT)
    assert prompt.turns == (UserTurn(text="Hello"), AssistantTurn(text="Hi."), UserTurn(text="Who am I?"))
    assert facts.questions == ("Who am I?", "Hello")
    assert reply.author == ASSISTANT
