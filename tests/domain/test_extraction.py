"""What of a message is worth remembering; the sentences are ours, said on Saturday 21 November 2026 in Prague."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.memories import CollectionKind, MemoryMetadata, Tier
from domain.memories.extraction import MOST_PROPOSALS, Proposal, proposals
from domain.text import text

AT = datetime(2026, 11, 21, 10, tzinfo=UTC)
SAME = ""
PERSONAL, PROJECT, TASK = Tier.PERSONAL, Tier.PROJECT, Tier.TASK
LIKES, GOAL, STRESS = CollectionKind.PREFERENCES, CollectionKind.GOAL, CollectionKind.STRESSOR_LOG

Block = tuple[str, str, str | None] | None


def found(said: str) -> tuple[Proposal, ...]:
    return proposals(said, AT, "Europe/Prague")


def contents(said: str) -> list[str]:
    return [proposal.content for proposal in found(said)]


def block_of(metadata: MemoryMetadata) -> Block:
    """The one block that there is, in short."""
    if metadata.emotion:
        return "emotion", metadata.emotion.label, metadata.emotion.about
    for name, block in (("task", metadata.task), ("goal", metadata.goal)):
        if block:
            return name, block.title, str(block.due) if block.due else None
    return None


WORTH: list[tuple[str, str, Tier, CollectionKind | None, Block]] = [
    ("I prefer window seats on long flights.", SAME, PERSONAL, LIKES, None),
    ("I really like black coffee.", SAME, PERSONAL, LIKES, None),
    ("I love hiking in the mountains.", SAME, PERSONAL, LIKES, None),
    ("I hate mushrooms.", SAME, PERSONAL, LIKES, None),
    ("I can't stand loud music.", SAME, PERSONAL, LIKES, None),
    ("I can't eat peanuts.", SAME, PERSONAL, LIKES, None),
    ("I don't like early meetings.", SAME, PERSONAL, LIKES, None),
    ("I'm allergic to penicillin.", SAME, PERSONAL, LIKES, None),
    ("I am not a fan of horror films.", SAME, PERSONAL, LIKES, None),
    ("Sushi is my favourite food.", SAME, PERSONAL, LIKES, None),
    ("My sister's name is Anna.", SAME, PERSONAL, None, None),
    ("My sister is called Anna.", SAME, PERSONAL, None, None),
    ("My older brother is a pilot.", SAME, PERSONAL, None, None),
    ("My son can't eat gluten.", SAME, PERSONAL, None, None),
    ("My dog's name is Rex.", SAME, PERSONAL, None, None),
    ("My wife Jana works at the hospital.", SAME, PERSONAL, None, None),
    ("My birthday is on 4 March.", SAME, PERSONAL, None, None),
    ("Our anniversary is June 12th.", SAME, PERSONAL, None, None),
    ("Anna's birthday is on 9 May.", SAME, PERSONAL, None, None),
    ("My favourite colour is dark green.", SAME, PERSONAL, None, None),
    ("My shoe size is 43.", SAME, PERSONAL, None, None),
    ("My phone number is 555 0134.", SAME, PERSONAL, None, None),
    ("Call me Annie.", SAME, PERSONAL, None, None),
    ("My name is Marek Novák.", SAME, PERSONAL, None, None),
    ("I go by Sam.", SAME, PERSONAL, None, None),
    ("I live in Prague.", SAME, PERSONAL, None, None),
    ("I work as a software engineer at a small studio.", SAME, PERSONAL, None, None),
    ("I was born in Brno.", SAME, PERSONAL, None, None),
    ("I'm from Portugal.", SAME, PERSONAL, None, None),
    ("I'm vegetarian.", SAME, PERSONAL, None, None),
    ("I'm not vegetarian anymore.", SAME, PERSONAL, None, None),
    ("I'm a morning person.", SAME, PERSONAL, None, None),
    ("I am 34 years old.", SAME, PERSONAL, None, None),
    ("I have two daughters.", SAME, PERSONAL, None, None),
    ("I have asthma.", SAME, PERSONAL, None, None),
    ("I speak Czech and German.", SAME, PERSONAL, None, None),
    ("I play the violin.", SAME, PERSONAL, None, None),
    ("I just moved to Lisbon.", SAME, PERSONAL, None, None),
    ("I'm married.", SAME, PERSONAL, None, None),
    ("I just got engaged.", SAME, PERSONAL, None, None),
    (
        "I have to send the report by Friday.",
        "I have to send the report by Friday (2026-11-27).",
        TASK,
        None,
        ("task", "Send the report by Friday", "2026-11-27"),
    ),
    (
        "I need to call the dentist tomorrow.",
        "I need to call the dentist tomorrow (2026-11-22).",
        TASK,
        None,
        ("task", "Call the dentist tomorrow", "2026-11-22"),
    ),
    (
        "I will send Petra the slides next Monday.",
        "I will send Petra the slides next Monday (2026-11-23).",
        TASK,
        None,
        ("task", "Send Petra the slides next Monday", "2026-11-23"),
    ),
    (
        "Remind me to water the plants on Sunday.",
        "Remind me to water the plants on Sunday (2026-11-22).",
        TASK,
        None,
        ("task", "Water the plants on Sunday", "2026-11-22"),
    ),
    (
        "I must renew my passport by the end of the month.",
        "I must renew my passport by the end of the month (2026-11-30).",
        TASK,
        None,
        ("task", "Renew my passport by the end of the month", "2026-11-30"),
    ),
    (
        "I promised to help Jan move in two weeks.",
        "I promised to help Jan move in two weeks (2026-12-05).",
        TASK,
        None,
        ("task", "Help Jan move in two weeks", "2026-12-05"),
    ),
    (
        "I have a dentist appointment next Tuesday.",
        "I have a dentist appointment next Tuesday (2026-11-24).",
        TASK,
        None,
        ("task", "I have a dentist appointment next Tuesday", "2026-11-24"),
    ),
    ("My flight is on 3 December.", SAME, TASK, None, ("task", "My flight is on 3 December", "2026-12-03")),
    ("I want to learn Spanish.", SAME, PROJECT, GOAL, ("goal", "Learn Spanish", None)),
    (
        "I'd like to run a marathon next spring.",
        "I'd like to run a marathon next spring (2027-03-01 to 2027-05-31).",
        PROJECT,
        GOAL,
        ("goal", "Run a marathon next spring", "2027-05-31"),
    ),
    ("I'm training for a triathlon.", SAME, PROJECT, GOAL, ("goal", "A triathlon", None)),
    (
        "My goal is to read twenty books by 31 December.",
        SAME,
        PROJECT,
        GOAL,
        ("goal", "Read twenty books by 31 December", "2026-12-31"),
    ),
    ("I'm saving up for a new bike.", SAME, PROJECT, GOAL, ("goal", "A new bike", None)),
    ("I'm stressed about the product launch.", SAME, TASK, STRESS, ("emotion", "stressed", "the product launch")),
    ("I've been anxious because of the exam.", SAME, TASK, STRESS, ("emotion", "anxious", "the exam")),
    (
        "I'm nervous about the exam tomorrow.",
        "I'm nervous about the exam tomorrow (2026-11-22).",
        TASK,
        STRESS,
        ("emotion", "nervous", "the exam tomorrow"),
    ),
    ("Public speaking makes me nervous.", SAME, TASK, STRESS, ("emotion", "nervous", "Public speaking")),
    ("By the way, I prefer mornings for meetings, thanks.", "I prefer mornings for meetings.", PERSONAL, LIKES, None),
    (
        "Remember that the gate code is 4711 at the office.",
        "The gate code is 4711 at the office.",
        PERSONAL,
        None,
        None,
    ),
    ("Please remember: I prefer short answers.", "I prefer short answers.", PERSONAL, LIKES, None),
    (
        "I moved to Berlin last spring.",
        "I moved to Berlin last spring (2026-03-01 to 2026-05-31).",
        PERSONAL,
        None,
        None,
    ),
    ("I was born in May.", SAME, PERSONAL, None, None),
    ("I was born in November.", SAME, PERSONAL, None, None),
    ("My birthday is in May.", SAME, PERSONAL, None, None),
    ("I work on Fridays.", SAME, PERSONAL, None, None),
    ("I hate Mondays.", SAME, PERSONAL, LIKES, None),
    ("I love Christmas in Vienna.", SAME, PERSONAL, LIKES, None),
    ("I moved to Berlin in May.", SAME, PERSONAL, None, None),
    ("I just got engaged today.", "I just got engaged today (2026-11-21).", PERSONAL, None, None),
    ("I'm from the Netherlands.", SAME, PERSONAL, None, None),
    ("I am from a small village near Brno.", SAME, PERSONAL, None, None),
    ("My job is a nurse in Brno.", SAME, PERSONAL, None, None),
    ("Nací en mayo.", SAME, PERSONAL, None, None),
    ("Ich esse gern Pizza.", SAME, PERSONAL, LIKES, None),
    ("Ich trinke keinen Kaffee.", SAME, PERSONAL, LIKES, None),
    ("Ich komme aus der Schweiz.", SAME, PERSONAL, None, None),
    (
        "I have to call mum on 29 February.",
        SAME,
        PROJECT,
        None,
        ("task", "Call mum on 29 February", "2028-02-29"),
    ),
    ("I have to water the plants on Mondays.", SAME, TASK, None, ("task", "Water the plants on Mondays", None)),
    ("Ich bevorzuge Tee.", SAME, PERSONAL, LIKES, None),
    ("Ich heiße Jonas.", SAME, PERSONAL, None, None),
    ("Meine Schwester heißt Anna.", SAME, PERSONAL, None, None),
    ("Ich wohne in Wien.", SAME, PERSONAL, None, None),
    (
        "Ich muss morgen den Bericht schicken.",
        "Ich muss morgen (2026-11-22) den Bericht schicken.",
        TASK,
        None,
        ("task", "Morgen den Bericht schicken", "2026-11-22"),
    ),
    ("Ich möchte Spanisch lernen.", SAME, PROJECT, GOAL, ("goal", "Spanisch lernen", None)),
    ("Ich bin allergisch gegen Nüsse.", SAME, PERSONAL, LIKES, None),
    ("Prefiero el té.", SAME, PERSONAL, LIKES, None),
    ("Me llamo Lucía.", SAME, PERSONAL, None, None),
    ("Mi hermana se llama Ana.", SAME, PERSONAL, None, None),
    (
        "Tengo que llamar al médico mañana.",
        "Tengo que llamar al médico mañana (2026-11-22).",
        TASK,
        None,
        ("task", "Llamar al médico mañana", "2026-11-22"),
    ),
    ("Quiero aprender alemán.", SAME, PROJECT, GOAL, ("goal", "Aprender alemán", None)),
    ("Vivo en Sevilla.", SAME, PERSONAL, None, None),
    ("Soy alérgica a los cacahuetes.", SAME, PERSONAL, LIKES, None),
    ("Je préfère le thé.", SAME, PERSONAL, LIKES, None),
    ("Je m'appelle Chloé.", SAME, PERSONAL, None, None),
    ("Ma sœur s'appelle Anne.", SAME, PERSONAL, None, None),
    ("J’habite à Lyon.", "J'habite à Lyon.", PERSONAL, None, None),  # noqa: RUF001 (the apostrophe that people type)
    (
        "Je dois appeler le dentiste demain.",
        "Je dois appeler le dentiste demain (2026-11-22).",
        TASK,
        None,
        ("task", "Appeler le dentiste demain", "2026-11-22"),
    ),
    ("Je voudrais apprendre le tchèque.", SAME, PROJECT, GOAL, ("goal", "Apprendre le tchèque", None)),
    ("Jmenuji se Petr.", SAME, PERSONAL, None, None),
    ("Moje sestra se jmenuje Anna.", SAME, PERSONAL, None, None),
    ("Bydlím v Brně.", SAME, PERSONAL, None, None),
    ("Mám rád čaj.", SAME, PERSONAL, LIKES, None),
    ("Nesnáším houby.", SAME, PERSONAL, LIKES, None),
    (
        "Musím zítra poslat zprávu.",
        "Musím zítra (2026-11-22) poslat zprávu.",
        TASK,
        None,
        ("task", "Zítra poslat zprávu", "2026-11-22"),
    ),
    ("Chci se naučit německy.", SAME, PROJECT, GOAL, ("goal", "Se naučit německy", None)),
    ("Jsem alergický na ořechy.", SAME, PERSONAL, LIKES, None),
]

NOTHING: list[str] = [
    "Do I prefer window seats?",
    "I prefer tea, don't I?",
    "What is my sister's name?",
    "Is my birthday on 4 March?",
    "If I were rich, I would live in Rome.",
    "If I move, I will live in Prague.",
    "I would prefer a table outside.",
    "I might like jazz.",
    "Maybe I want to learn Spanish.",
    "I think I prefer tea.",
    "Imagine I live in Paris. I work as a spy.",
    "My boss said I have to work on Sunday.",
    "Anna says I like tea.",
    "She told me I need to rest more.",
    "He likes tea.",
    "Anna prefers coffee.",
    '"I prefer tea" is a strange sentence.',
    "> I prefer tea.",
    "Anna: I prefer tea.",
    "Translate this to German: I prefer tea.",
    "Please translate the following. I live in Prague.",
    "Write an email to my boss. I have to cancel the meeting on Friday.",
    "I like it.",
    "I love you.",
    "I love that.",
    "I prefer this one.",
    "I hate to bother you.",
    "I'd like to know the price.",
    "I'd like to book a table for two.",
    "I want to ask something.",
    "I want to die.",
    "I want to go home.",
    "I will think about it.",
    "I'll let you know.",
    "I'll be back.",
    "I have to go.",
    "I have to admit that was funny.",
    "I need to know the opening hours.",
    "I need help.",
    "Call me back tomorrow.",
    "Call me when you are done.",
    "Call me later.",
    "My point is that tea is better.",
    "My question is simple.",
    "My head is killing me.",
    "My computer is broken.",
    "My sister is sick.",
    "My sister is coming over.",
    "My brother is here.",
    "My password is hunter2.",
    "My PIN is 4711.",
    "My credit card number is 4111 1111 1111 1111.",
    "I'm a bit tired.",
    "I'm tired.",
    "I am here.",
    "I'm a bot.",
    "I have a question.",
    "I have a problem with my order.",
    "I work on it.",
    "I'm fine, thanks.",
    "I like how you explain things.",
    "I like your idea.",
    "I prefer not to say.",
    "I was late yesterday.",
    "Remember to use bullet points.",
    "Remember that.",
    "Remember that it is closed on Mondays.",
    "Remember: buy milk.",
    "My flight is on 3 December 2025.",
    "I have to answer the letter of 4 March 2024.",
    "I have a dentist appointment.",
    "Thanks!",
    "Good morning.",
    "What do you know about me?",
    "Tell me about my sister.",
    "Forget that I live in Prague.",
    "I wish I lived in Prague.",
    "I used to live in Berlin.",
    "The lyrics go like this:\nI love rock and roll.",
    "```\nI prefer tea.\n```",
    "I'm kidding, I hate cats.",
    "I dreamed I live in a castle.",
    "You said I prefer tea.",
    "According to Anna, my birthday is on 4 March.",
    "Ich mag das.",
    "Mag ich Tee?",
    "Wenn ich reich wäre, würde ich in Wien wohnen.",
    "Anna sagt, ich mag Tee.",
    "Vielleicht mag ich Tee.",
    "¿Prefiero el té?",
    "Si fuera rico, viviría en Roma.",
    "Me gusta eso.",
    "Est-ce que je préfère le thé?",
    "Si j'étais riche, je vivrais à Rome.",
    "J'aime ça.",
    "Kdybych byl bohatý, bydlel bych v Praze.",
    "Mám rád to.",
    "Bydlím v Praze?",
    "Tell me more about window seats.",
    "I prefer whatever you suggest.",
    "My guess is that I like tea.",
    "I am about to leave.",
    "I'm not sure I want to learn Spanish.",
    "My friend wrote: I hate mushrooms.",
    "Pretend that you are a pirate. I love rum.",
    "I want it now.",
    "I need to do this.",
    "I will.",
    "Here is my letter. I live in Prague.",
    "Summarise this text. I have two daughters.",
    "My brother said my birthday is on 4 March.",
    "I had to send the report by Friday.",
    "Let's say I live in Rome.",
    "What if I am allergic to nuts?",
    "I could live in Rome.",
    "Can I prefer tea?",
    "Unless I am vegan, I eat meat.",
    "My access token is abc.",
    "I like these.",
    "I love what you did.",
    "My job is done.",
    "My birthday is over.",
    "My car is in the garage.",
    "I am from work.",
    "I work from home today.",
    "I love the weather this week.",
    "Ich esse heute Pizza.",
    "Ich esse gerade gern Pizza.",
    "Ich esse Pizza.",
    "Ich komme aus der Arbeit.",
    "Ich bin aus.",
]


@pytest.mark.parametrize(("said", "content", "tier", "kind", "block"), WORTH, ids=[row[0] for row in WORTH])
def test_what_users_tell_of_themselves_is_proposed(
    said: str, content: str, tier: Tier, kind: CollectionKind | None, block: Block
) -> None:
    (proposal,) = found(said)

    assert proposal.content == (content or said)
    assert (proposal.tier, proposal.kind, block_of(proposal.metadata)) == (tier, kind, block)


@pytest.mark.parametrize("said", NOTHING, ids=[f"{place}" for place, _ in enumerate(NOTHING)])
def test_what_is_no_statement_of_theirs_gives_nothing(said: str) -> None:
    assert contents(said) == []


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("My name is Anna and I live in Prague.", ["My name is Anna.", "I live in Prague."]),
        ("I like tea but I hate coffee.", ["I like tea.", "I hate coffee."]),
        ("Hi! I prefer tea. Do I prefer coffee? I live in Brno.", ["I prefer tea.", "I live in Brno."]),
        ("I prefer tea, but my sister hates it.", ["I prefer tea."]),
        ("- I prefer tea.\n- I live in Brno.", ["I prefer tea.", "I live in Brno."]),
        ("I prefer tea. i prefer TEA!", ["I prefer tea."]),
        ("I live in Brno. Translate the rest. I live in Rome.", ["I live in Brno."]),
        ("I live in Brno. She wrote:\nI live in Rome.", ["I live in Brno."]),
        ("Please remember that the bins go out on Monday.", ["The bins go out on Monday."]),
        ("Ich wohne in Wien und ich mag Tee.", ["Ich wohne in Wien.", "Ich mag Tee."]),
    ],
)
def test_each_clause_counts_by_itself(said: str, told: list[str]) -> None:
    assert contents(said) == told


def test_days_are_those_of_the_users_time_zone() -> None:
    late = datetime(2026, 11, 21, 23, 30, tzinfo=UTC)
    (there,) = proposals("I have to call Petra tomorrow.", late, "Europe/Prague")
    (here,) = proposals("I have to call Petra tomorrow.", late, "UTC")

    assert there.metadata.task is not None
    assert here.metadata.task is not None
    assert (there.metadata.task.due, here.metadata.task.due) == (date(2026, 11, 23), date(2026, 11, 22))


def test_a_task_that_is_due_when_tasks_are_forgotten_is_kept_like_a_project() -> None:
    (soon,) = found("I have to renew my passport by 15 December.")
    (late,) = found("I have to renew my passport by 15 March.")

    assert (soon.tier, late.tier) == (Tier.TASK, Tier.PROJECT)


def test_a_long_message_gives_only_so_many() -> None:
    said = " ".join(f"My favourite colour number {number} is blue." for number in range(50))
    told = " ".join(f"I live in Town{number}." for number in range(50))

    assert len(found(f"{said} {told}")) == MOST_PROPOSALS


STATEMENTS = st.sampled_from([row[0] for row in WORTH])
BEFORE = st.sampled_from(["", "Hello. ", "Well, good morning! ", "Thanks for yesterday.\n\n"])


@given(BEFORE, STATEMENTS)
def test_a_statement_is_found_behind_what_says_nothing(before: str, said: str) -> None:
    assert contents(before + said) == contents(said)


@given(STATEMENTS)
def test_what_is_asked_quoted_or_told_by_others_gives_nothing(said: str) -> None:
    plain = said.rstrip(".")

    for other in (
        f"{plain}?",
        f'"{said}"',
        f"> {said}",
        f"Anna: {said}",
        f"Translate this: {said}",
        f"```\n{said}\n```",
    ):
        assert contents(other) == []


@given(st.text(max_size=400))
def test_any_text_gives_proposals_that_can_be_stored(said: str) -> None:
    for proposal in found(said.replace("\x00", "")):
        assert proposal.metadata.checked() == proposal.metadata
        assert text(proposal.content, at="/content", least=1, most=600) == proposal.content


@given(
    st.lists(st.sampled_from("I my prefer tea have to call Anna by Friday is name . , ? if and".split()), max_size=60)
)
def test_whatever_order_words_have_proposals_are_whole_sentences(said: list[str]) -> None:
    for content in contents(" ".join(said)):
        assert content[0].isupper()
        assert content.endswith(".")
        assert "?" not in content
