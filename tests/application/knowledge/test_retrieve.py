import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest

from adapters.memory.embedder import ScriptedEmbedder
from application.knowledge.retrieve import EMBEDDING_SECONDS, Retrieved
from application.ports.embedder import EmbedderError, EmbedderMisconfigured, EmbedderUnavailable
from application.ports.passage_search import Coverage
from domain.ids import UserId, WorkspaceId, new_id
from domain.knowledge import Filters, Source, SourceKind, Standing
from domain.memories import Tier
from tests.application.jumping import jump
from tests.application.knowledge.shelf import put
from tests.application.world import World

TEXTS = ("The kiln is hot.", "The kiln is cold.", "Glazes are mixed here.", "Clay is kept dry.")


async def known(world: World, texts: Sequence[str]) -> WorkspaceId:
    """A workspace with a document for each text."""
    _, workspace = await world.owner()
    now = world.clock.now()
    for text in texts:
        await put(world, workspace.id, Source(SourceKind.DOCUMENT, new_id(now)), text, Standing(at=now))
    return workspace.id


async def embed(world: World, workspace_id: WorkspaceId, *, but: str = "") -> None:
    """Gives all passages vectors, save that with this text."""
    missing = await world.embeddings.missing(world.embedder.name, workspace_id, 1_000)
    chosen = [each for each in missing if each.words != but]
    vectors = await world.embedder.embed([each.words for each in chosen])
    pairs = zip(chosen, vectors, strict=True)
    await world.embeddings.put(world.embedder.name, {each.passage_id: vector for each, vector in pairs})


async def found(world: World, workspace_id: WorkspaceId, query: str, limit: int = 10) -> Retrieved:
    filters = Filters(workspace_id=workspace_id, at=world.clock.now())
    return await world.retrieve(query, "en", filters, limit)


def texts_of(retrieved: Retrieved) -> list[str]:
    return [hit.found.passage.text for hit in retrieved.hits]


async def test_words_alone_find_what_has_no_vector_yet(world: World) -> None:
    workspace_id = await known(world, TEXTS)
    retrieved = await found(world, workspace_id, "hot kiln")

    assert texts_of(retrieved) == ["The kiln is hot.", "The kiln is cold."]
    assert (retrieved.semantic, retrieved.embedder) == (Coverage.NONE, world.embedder.name)
    assert retrieved.hits[0].parts.lexical == 1
    assert retrieved.hits[0].parts.semantic == 0


async def test_with_vectors_all_that_pass_the_filters_are_found_the_best_first(world: World) -> None:
    workspace_id = await known(world, TEXTS)
    await embed(world, workspace_id)
    retrieved = await found(world, workspace_id, "hot kiln")

    assert retrieved.semantic is Coverage.FULL
    assert set(texts_of(retrieved)) == set(TEXTS)
    assert texts_of(retrieved)[0] == "The kiln is hot."
    assert retrieved.hits[0].parts.lexical + retrieved.hits[0].parts.semantic == pytest.approx(1)
    assert len((await found(world, workspace_id, "hot kiln", 3)).hits) == 3


async def test_where_some_have_vectors_the_others_are_found_by_their_words(world: World) -> None:
    workspace_id = await known(world, TEXTS)
    await embed(world, workspace_id, but="The kiln is hot.")
    retrieved = await found(world, workspace_id, "kilns")

    assert retrieved.semantic is Coverage.PARTIAL
    assert set(texts_of(retrieved)) == set(TEXTS)


@pytest.mark.parametrize("error", [EmbedderUnavailable("away"), EmbedderMisconfigured("no key")])
async def test_an_embedder_that_fails_leaves_the_search_by_words(world: World, error: EmbedderError) -> None:
    world.embedder = ScriptedEmbedder()
    workspace_id = await known(world, TEXTS)
    await embed(world, workspace_id)
    world.embedder = ScriptedEmbedder(error)
    retrieved = await found(world, workspace_id, "glaze")

    assert texts_of(retrieved) == ["Glazes are mixed here."]
    assert retrieved.semantic is Coverage.NONE


def test_an_embedder_that_hangs_is_waited_for_only_so_long() -> None:
    async def main() -> None:
        world = World(embedder=ScriptedEmbedder())
        workspace_id = await known(world, TEXTS)
        await embed(world, workspace_id)
        world.embedder = ScriptedEmbedder(asyncio.Event())
        began = asyncio.get_running_loop().time()

        assert texts_of(await found(world, workspace_id, "glaze")) == ["Glazes are mixed here."]
        assert asyncio.get_running_loop().time() - began == pytest.approx(EMBEDDING_SECONDS, abs=0.1)

    jump(main())


async def test_nothing_is_embedded_for_what_has_no_vectors(world: World) -> None:
    world.embedder = embedder = ScriptedEmbedder()
    workspace_id = await known(world, TEXTS)
    await found(world, workspace_id, "glaze")

    assert embedder.texts == []


async def test_in_an_empty_workspace_nothing_is_found_and_nothing_embedded(world: World) -> None:
    world.embedder = embedder = ScriptedEmbedder()
    _, workspace = await world.owner()
    retrieved = await found(world, workspace.id, "anything")

    assert (retrieved.hits, retrieved.semantic) == ([], Coverage.FULL)
    assert embedder.texts == []


async def test_of_one_query_among_several_the_vector_is_made_once(world: World) -> None:
    world.embedder = embedder = ScriptedEmbedder()
    workspace_id = await known(world, TEXTS)
    await embed(world, workspace_id)
    await put(
        world,
        workspace_id,
        Source(SourceKind.MEMORY, new_id(world.clock.now())),
        "My kiln.",
        Standing(at=world.clock.now()),
    )
    made = len(embedder.texts)
    among = [_only(world, workspace_id, kind) for kind in (SourceKind.DOCUMENT, SourceKind.MEMORY, SourceKind.MESSAGE)]
    together = await world.retrieve.each("hot kiln", "en", [(filters, 2) for filters in among])

    assert embedder.texts[made:] == [["hot kiln"]]
    assert [len(each.hits) for each in together] == [2, 1, 0]
    assert [each.semantic for each in together] == [Coverage.FULL, Coverage.NONE, Coverage.FULL]
    assert together == [await world.retrieve("hot kiln", "en", filters, 2) for filters in among]


def _only(world: World, workspace_id: WorkspaceId, kind: SourceKind) -> Filters:
    return Filters(workspace_id=workspace_id, kinds=frozenset({kind}), at=world.clock.now())


async def test_of_two_alike_the_newer_the_more_lasting_and_the_more_used_comes_first(world: World) -> None:
    now = world.clock.now()
    user_id = UserId(new_id(now))
    base = Standing(owner_id=user_id, at=now - timedelta(days=400), tier=Tier.TASK)
    for better in (
        Standing(owner_id=user_id, at=now, tier=Tier.TASK),
        Standing(owner_id=user_id, at=base.at, tier=Tier.PERSONAL),
    ):
        mine = World()
        _, workspace = await mine.owner()
        await _remember(mine, workspace.id, [base, better])
        hits = (await found(mine, workspace.id, "kettle")).hits
        assert [hit.found.standing for hit in hits] == [better, base]
        assert 1 >= hits[0].parts.score > hits[1].parts.score > 0.8


async def _remember(world: World, workspace_id: WorkspaceId, standings: Sequence[Standing]) -> None:
    for text, standing in zip(
        ("The red kettle whistles in June.", "A blue kettle was bought in May."), standings, strict=True
    ):
        await put(world, workspace_id, Source(SourceKind.MEMORY, new_id(world.clock.now())), text, standing)


async def test_what_repeats_a_better_one_comes_last_and_is_not_lost(world: World) -> None:
    same = [f"We fire stoneware on Fridays at {word} degrees here in the yard." for word in ("high", "higher")]
    workspace_id = await known(world, [*same, "Stoneware is heavy."])
    texts = texts_of(await found(world, workspace_id, "stoneware fire Fridays high"))

    assert texts == [same[0], "Stoneware is heavy.", same[1]]


async def test_the_same_search_has_the_same_answer(world: World) -> None:
    workspace_id = await known(world, [f"The kiln number {number}." for number in range(30)])
    await embed(world, workspace_id)

    assert await found(world, workspace_id, "kiln") == await found(world, workspace_id, "kiln")
