from adapters.memory.embedder import ScriptedEmbedder
from adapters.memory.job_progress import MemoryJobProgress
from adapters.memory.vector_indexes import MemoryVectorIndexes
from application.knowledge.index_vectors import IndexVectors, VectorIndexer
from tests.application.knowledge.unembedded import claim_of, embeddings, shelve
from tests.application.world import World


async def test_a_workspace_that_has_grown_large_gets_an_index_once(world: World) -> None:
    _, workspace = await world.owner()
    indexes, embedder = MemoryVectorIndexes(world.store, least=1), ScriptedEmbedder()
    indexer = VectorIndexer(indexes, embedder)
    await shelve(world, workspace.id, "One.", "Two.")
    found = embeddings(world)
    missing = await found.missing(embedder.name, workspace.id, 100)
    await found.put(embedder.name, {each.passage_id: (1.0,) for each in missing})

    assert await reported(indexer) == ["0 of 1 indexes built", "1 indexes built, 0 removed"]
    assert await reported(indexer) == ["0 indexes built, 0 removed"]

    await found.put("another", {each.passage_id: (1.0,) for each in missing})
    assert await reported(indexer) == ["0 indexes built, 1 removed"]


def test_there_is_one_such_job_at_a_time() -> None:
    assert (IndexVectors().unique_key, IndexVectors().workspace) == ("all", None)


async def reported(indexer: VectorIndexer) -> list[str | None]:
    """What the job notes while it runs."""
    progress = MemoryJobProgress()
    await indexer(IndexVectors(), claim_of(IndexVectors.type), progress)
    return [note for _, note in progress.reports]
