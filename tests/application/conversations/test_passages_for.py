from adapters.memory.language_model import ScriptedLanguageModel
from application.conversations.passages_for import ENOUGH, LEADING
from tests.application.conversations.script import saying
from tests.application.world import World

HAIRCUTS = [f"Haircut number {number}." for number in range(ENOUGH + 2)]
OTHERS = [f"Shave {number}." for number in range(LEADING + 5)]


async def passages(world: World, paragraphs: list[str], *questions: str) -> list[str]:
    """The passages that come with the last of the questions, each paragraph being one."""
    owner, workspace = await world.owner()
    text = "\n\n".join(f"# Heading {place}\n\n{paragraph}" for place, paragraph in enumerate(paragraphs))
    await world.edit(owner, workspace, {"knowledge_base": text})
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
