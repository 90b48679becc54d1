"""What the offline model says as a companion: only what the user told it, and the tools they ask for."""

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from adapters.offline.companion import companion_reply
from adapters.offline.replies import reply_to
from domain.ids import PassageId, WorkspaceId
from domain.knowledge import Passage, Source, SourceKind
from domain.prompts import AssistantTurn, Prompt, Tool, ToolCall, ToolTurn, UserTurn

TOOLS = tuple(Tool(name=name, description=name, parameters={}) for name in ("remember", "recall", "forget"))
UNKNOWN = "I don't know that. Tell me, and I will remember it."


def a_passage(number: int, text: str, kind: SourceKind = SourceKind.MEMORY, heading: str = "") -> Passage:
    return Passage(
        id=PassageId(UUID(int=number)),
        workspace_id=WorkspaceId(UUID(int=7)),
        source=Source(kind, UUID(int=number)),
        position=0,
        heading=heading,
        text=text,
        start=0,
        end=len(text),
    )


PASSAGES = (
    a_passage(1, "My sister's name is Mia."),
    a_passage(2, "I am allergic to peanuts."),
    a_passage(3, "The Wi-Fi password is harbour.", SourceKind.DOCUMENT, "House › Wi-Fi"),
    a_passage(4, "What does the harbour tram cost?", SourceKind.MESSAGE, "Ada, Monday 2 March 2026"),
    a_passage(5, "The harbour tram was late.", SourceKind.MESSAGE, "Ada, Monday 2 March 2026"),
    a_passage(6, "You told me: “The tram was expensive.”", SourceKind.MESSAGE, "Companion, Monday 2 March 2026"),
)


def asked(text: str, language: str = "en", passages: tuple[Passage, ...] = PASSAGES) -> Prompt:
    return Prompt(
        version="companion-1",
        language=language,
        instructions="",
        passages=passages,
        turns=(UserTurn(text=text),),
        cites=True,
    )


@pytest.mark.parametrize(
    ("question", "reply"),
    [
        pytest.param("What is my sister's name?", "You told me: “My sister's name is Mia.” [[1]]", id="a memory"),
        pytest.param(
            "Do you remember my sister's name?", "You told me: “My sister's name is Mia.” [[1]]", id="remember"
        ),
        pytest.param("Tell me what I am allergic to", "You told me: “I am allergic to peanuts.” [[2]]", id="tell me"),
        pytest.param("What is the Wi-Fi password?", "The Wi-Fi password is harbour. (Wi-Fi) [[3]]", id="a document"),
        pytest.param(
            "What did I say about the harbour tram?",
            "You told me: “The harbour tram was late.” (Monday 2 March 2026) [[5]]",
            id="a message, and neither a question nor a reply",
        ),
        pytest.param(
            "What did I say about the harbour tram last spring?",
            "You told me: “The harbour tram was late.” (Monday 2 March 2026) [[5]]",
            id="a message of a time",
        ),
        pytest.param(
            "Yesterday, what did I say about the harbour tram?",
            "You told me: “The harbour tram was late.” (Monday 2 March 2026) [[5]]",
            id="a time before what is asked",
        ),
        pytest.param("What do I have to do next week?", UNKNOWN, id="what was never planned"),
        pytest.param("What is my brother's name?", UNKNOWN, id="what nobody told it"),
        pytest.param("Remember when we met?", UNKNOWN, id="a question that only begins like a wish"),
        pytest.param("I bought a bike.", "Thank you for telling me.", id="what is only told"),
        pytest.param("Hello!", "Hello! What is on your mind?", id="a greeting"),
        pytest.param("Thanks!", "You are welcome!", id="thanks"),
        pytest.param("Bye", "Goodbye! I will be here.", id="a goodbye"),
    ],
)
def test_a_question_is_answered_by_quoting_with_marks(question: str, reply: str) -> None:
    assert reply_to(asked(question), TOOLS).text == reply


PLANS = (
    a_passage(1, "I am allergic to peanuts."),
    a_passage(2, "Renew the passport next week (2026-11-23 to 2026-11-29)."),
    a_passage(3, "See the dentist on Tuesday (2026-11-24)."),
    a_passage(4, "Plant the tree on 2026-02-30."),
    a_passage(5, "Pay the rent on 2026-12-01."),
    a_passage(6, "The fair is on 2026-11-27.", SourceKind.DOCUMENT),
)


@pytest.mark.parametrize(
    ("question", "reply"),
    [
        pytest.param(
            "What do I have to do next week?",
            "You told me: “Renew the passport next week (2026-11-23 to 2026-11-29).” [[2]] "
            "“See the dentist on Tuesday (2026-11-24).” [[3]]",
            id="within",
        ),
        pytest.param("What is there to do next month?", "You told me: “Pay the rent on 2026-12-01.” [[5]]", id="a day"),
        pytest.param("What do I have to do in 3 weeks?", UNKNOWN, id="nothing then"),
        pytest.param("What do I have to do?", UNKNOWN, id="no time at all"),
    ],
)
def test_asked_for_a_time_alone_it_tells_what_is_noted_for_that_time(question: str, reply: str) -> None:
    prompt = replace(asked(question, passages=PLANS), today=date(2026, 11, 20))
    assert reply_to(prompt, TOOLS).text == reply


@pytest.mark.parametrize(
    ("language", "wish", "content"),
    [
        ("en", "Remember that my dog is called Rex", "My dog is called Rex."),
        ("en", "Please don\u2019t forget: the rent is due on Friday!", "The rent is due on Friday!"),
        ("en", "Could you keep in mind that I like tea", "I like tea."),
        ("de", "Merk dir, dass mein Hund Rex heißt", "Mein Hund Rex heißt."),
        ("es", "Recuerda que mi perro se llama Rex", "Mi perro se llama Rex."),
        ("fr", "N'oublie pas que mon chien s'appelle Rex", "Mon chien s'appelle Rex."),
        ("cs", "Zapamatuj si, že můj pes je Rex", "Můj pes je Rex."),
        ("cs", "Remember that my dog is called Rex", "My dog is called Rex."),
    ],
)
def test_what_is_to_be_remembered_goes_to_the_tool(language: str, wish: str, content: str) -> None:
    (call,) = reply_to(asked(wish, language), TOOLS).calls
    assert (call.tool, call.args) == ("remember", {"content": content})


@pytest.mark.parametrize(
    ("language", "wish", "what"),
    [
        ("en", "forget that", ""),
        ("en", "Forget it!", ""),
        ("en", "Please forget what I told you about my sister.", "my sister"),
        ("en", "Forget that my dog is called Rex", "my dog is called Rex"),
        ("en", "Can you forget about the tram", "the tram"),
        ("de", "Vergiss das", ""),
        ("de", "Vergiss, dass mein Hund Rex heißt", "mein Hund Rex heißt"),
        ("es", "Olvida eso", ""),
        ("fr", "Oublie ça", ""),
        ("cs", "Zapomeň na to", ""),
    ],
)
def test_what_is_to_be_forgotten_goes_to_the_tool(language: str, wish: str, what: str) -> None:
    (call,) = reply_to(asked(wish, language), TOOLS).calls
    assert (call.tool, call.args) == ("forget", {"what": what})


@pytest.mark.parametrize("text", ["Forgetting things worries me.", "Vergiss nicht", "Remember?", "Remember that."])
def test_what_is_no_wish_calls_nothing(text: str) -> None:
    assert reply_to(asked(text, "de" if text.startswith("Vergiss") else "en"), TOOLS).calls == ()


def test_a_tool_that_is_not_offered_is_not_called() -> None:
    assert companion_reply(asked("Forget that"), ()).calls == ()


@pytest.mark.parametrize(
    ("tool", "output", "failed", "reply"),
    [
        ("remember", '{"mark": "[[9]]", "text": "I like tea."}', False, "I will remember that: “I like tea.” [[9]]"),
        (
            "forget",
            '{"text": "I like tea."}',
            False,
            "I have forgotten that: “I like tea.” You can restore it for 30 days.",
        ),
        ("forget", '"There is no such memory."', True, "What am I to forget? Tell me in a few words."),
        ("remember", "nonsense", True, UNKNOWN),
        ("recall", "[]", False, UNKNOWN),
    ],
)
def test_it_tells_what_came_of_a_tool(tool: str, output: str, failed: bool, reply: str) -> None:
    call = ToolCall(id="call_1", tool=tool, args={})
    turns = (
        UserTurn(text="So?"),
        AssistantTurn(text="", calls=(call,)),
        ToolTurn(call_id="call_1", tool=tool, output=output, failed=failed),
    )
    assert reply_to(replace(asked("So?"), turns=turns), TOOLS).text == reply


@pytest.mark.parametrize(
    ("question", "told"),
    [
        pytest.param("What's my wife's name?", "My wife is called Eva.", id="who is called so has a name"),
        pytest.param("Who is my doctor?", "My doctor is Dr. Novak.", id="who"),
        pytest.param("Where do I work?", "I work as a nurse.", id="a word that says nothing of a business"),
        pytest.param("What is my brother's name?", None, id="a name that nobody told"),
        pytest.param("What is my landlord's name?", None, id="somebody of whom no name is told"),
        pytest.param("What is my job?", None, id="what is called otherwise"),
    ],
)
def test_what_a_person_asks_of_themselves_is_found_by_all_its_words(question: str, told: str | None) -> None:
    texts = (
        "My wife is called Eva.",
        "My doctor is Dr. Novak.",
        "I work as a nurse.",
        "I hate mushrooms.",
        "My landlord lives upstairs.",
    )
    passages = tuple(a_passage(number, text) for number, text in enumerate(texts, start=1))
    turns = (UserTurn(text="What do I hate?"), AssistantTurn(text="Mushrooms."), UserTurn(text=question))
    reply = reply_to(replace(asked(question, passages=passages), turns=turns), TOOLS)
    assert reply.text == (f"You told me: “{told}” [[{texts.index(told) + 1}]]" if told else UNKNOWN)


def test_without_any_turn_it_takes_note_of_nothing() -> None:
    assert reply_to(replace(asked(""), turns=()), TOOLS).text == "Thank you for telling me."
