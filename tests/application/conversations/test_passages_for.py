from adapters.memory.language_model import ScriptedLanguageModel
from application.conversations.passages_for import ENOUGH, LEADING
from domain.ids import new_id
from domain.knowledge import Source, SourceKind, Standing
from tests.application.conversations.script import saying
from tests.application.knowledge.shelf import put
from tests.application.world import World

HAIRCUTS = [f"Haircut number {number}." for number in range(ENOUGH + 2)]
OTHERS = [f"Shave {number}." for number in range(LEADING + 5)]


async def passages(world: World, paragraphs: list[str], *questions: str, embedded: bool = False) -> list[str]:
    """The passages that come with the last of the questions, each paragraph being one."""
    owner, workspace = await world.owner()
    text = "\n\n".join(f"# Heading {place}\n\n{paragraph}" for place, paragraph in enumerate(paragraphs))
    await world.edit(owner, workspace, {"knowledge_base": text})
    if embedded:
        await world.embed()
    visit = await world.visit("ada")
    model = ScriptedLanguageModel(*(saying("Well.") for _ in questions))
    for question in questions:
        await world.say(visit, question)
        await world.reply(await world.claim(), model)
    return [passage.text for passage in model.prompts[-1].passages]


async def test_a_question_that_finds_enough_brings_the_best_and_nothing_else(world: World) -> None:
    found = await passages(world, [*OTHERS, *HAIRCUTS], "Tell me about shaves", "haircut")

    assert len(found) == ENOUGH
    assert set(found) <= set(HAIRCUTS)


async def test_a_question_that_finds_little_is_helped_by_the_one_before(world: World) -> None:
    found = await passages(world, [*OTHERS, *HAIRCUTS], "haircut", "And how long?")

    assert len(found) == ENOUGH
    assert set(found) <= set(HAIRCUTS)


async def test_with_little_found_the_beginning_is_read_once_and_behind_what_was_found(world: World) -> None:
    found = await passages(world, ["We are open.", *OTHERS, "One haircut."], "One haircut?")

    assert found[0] == "One haircut."
    assert found[1:] == ["We are open.", *OTHERS][:LEADING]


async def test_of_a_small_knowledge_base_everything_is_read_once(world: World) -> None:
    assert await passages(world, ["One haircut.", "One shave."], "shave?") == ["One shave.", "One haircut."]


async def test_what_is_found_by_its_meaning_alone_comes_with_the_question(world: World) -> None:
    found = await passages(world, [*OTHERS, "Colourists work here."], "Who does colouring?", embedded=True)

    assert found[0] == "Colourists work here."


async def test_what_is_like_a_vague_question_keeps_no_help_of_the_one_before_away(world: World) -> None:
    found = await passages(world, [*OTHERS, *HAIRCUTS], "haircut", "And how long?", embedded=True)

    assert len(set(found) & set(HAIRCUTS)) >= ENOUGH


async def test_memories_and_messages_never_come_with_a_visitors_question(world: World) -> None:
    _, workspace = await world.owner()
    now = world.clock.now()
    for kind in (SourceKind.MEMORY, SourceKind.MESSAGE):
        await put(world, workspace.id, Source(kind, new_id(now)), "A haircut, planted.", Standing(at=now))

    assert await passages(world, ["One haircut."], "haircut?", embedded=True) == ["One haircut."]
