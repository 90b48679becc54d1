from collections.abc import Sequence
from datetime import timedelta

from adapters.memory.embedder import ScriptedEmbedder
from adapters.memory.job_progress import MemoryJobProgress
from application.knowledge.embed_missing import EmbedMissing, MissingEmbedder
from application.knowledge.embed_passages import EmbedPassages
from domain.jobs import RUNS_KEPT, Job
from tests.application.knowledge.unembedded import claim_of, embeddings, shelve
from tests.application.world import LEASE, World


async def see_to_it(world: World, embedder: ScriptedEmbedder | None = None) -> Sequence[tuple[int, str | None]]:
    """What the job reports."""
    progress = MemoryJobProgress()
    missing = MissingEmbedder(embeddings(world), embedder or ScriptedEmbedder(), world.begin, world.queue, world.clock)
    await missing(EmbedMissing(), claim_of(EmbedMissing.type), progress)
    return progress.reports


def waiting(world: World) -> list[str]:
    """The workspaces with a job that embeds their passages."""
    return sorted(
        str(job.workspace_id)
        for job in world.store.jobs.rows.values()
        if job.type == EmbedPassages.type and not job.ended
    )


async def embed_all(world: World, name: str) -> None:
    found = embeddings(world)
    for workspace_id in await found.incomplete(name, 100):
        missing = await found.missing(name, workspace_id, 100)
        vectors = await ScriptedEmbedder().embed([each.words for each in missing])
        await found.put(name, {each.passage_id: vector for each, vector in zip(missing, vectors, strict=True)})


async def test_each_workspace_with_passages_that_lack_a_vector_gets_one_job(world: World) -> None:
    _, one = await world.owner()
    _, other = await world.owner("eve@example.com")
    await world.owner("has@nothing.example.com")
    for workspace in (one, other, one):
        await shelve(world, workspace.id, "Something.")

    assert await see_to_it(world) == [(100, "2 workspaces to embed")]
    assert waiting(world) == sorted([str(one.id), str(other.id)])

    await see_to_it(world)
    assert len(waiting(world)) == 2


async def test_nothing_is_added_where_nothing_is_missing(world: World) -> None:
    _, workspace = await world.owner()
    await shelve(world, workspace.id, "Something.")
    await embed_all(world, ScriptedEmbedder().name)

    assert await see_to_it(world) == [(100, "0 workspaces to embed")]
    assert waiting(world) == []


async def test_a_changed_embedder_has_everything_embedded_anew(world: World) -> None:
    _, workspace = await world.owner()
    await shelve(world, workspace.id, "Something.")
    await embed_all(world, ScriptedEmbedder().name)

    await see_to_it(world, ScriptedEmbedder(name="scripted:other"))

    assert waiting(world) == [str(workspace.id)]


async def test_its_own_jobs_of_the_day_before_are_forgotten(world: World) -> None:
    async def done() -> None:
        async with world.begin() as work:
            await work.jobs.add(Job.of(EmbedMissing(), world.clock.now()))
            await work.commit(None)
        (claim,) = await world.queue.claim([EmbedMissing.type], 5, LEASE)
        await world.queue.finish(claim)

    await done()
    world.clock.advance(RUNS_KEPT)
    await done()
    world.clock.advance(timedelta(seconds=1))

    await see_to_it(world)

    assert len([job for job in world.store.jobs.rows.values() if job.type == EmbedMissing.type]) == 1


def test_there_is_one_such_job_at_a_time() -> None:
    assert (EmbedMissing().unique_key, EmbedMissing().workspace) == ("all", None)
