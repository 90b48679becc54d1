import math
from collections.abc import Sequence
from datetime import timedelta

import pytest

from adapters.memory.embedder import ScriptedEmbedder, Step
from adapters.memory.job_progress import MemoryJobProgress
from application.knowledge.embed_passages import BATCH, EmbedPassages, PassageEmbedder
from application.ports.embedder import EmbedderError, EmbedderMisconfigured, EmbedderUnavailable
from domain.ids import WorkspaceId
from domain.jobs import JobCancelled, LeaseLost, TryAgain
from tests.application.knowledge.unembedded import claim_of, embedded_by, embeddings, shelve
from tests.application.world import World

OTHER = "scripted:other"


async def embed(
    world: World,
    workspace_id: WorkspaceId,
    embedder: ScriptedEmbedder | None = None,
    progress: MemoryJobProgress | None = None,
    attempt: int = 1,
) -> Sequence[tuple[int, str | None]]:
    """What the job reports."""
    progress = progress or MemoryJobProgress()
    job = EmbedPassages(workspace_id=workspace_id)
    await PassageEmbedder(embeddings(world), embedder or ScriptedEmbedder())(job, claim_of(job.type, attempt), progress)
    return progress.reports


async def failure(world: World, workspace_id: WorkspaceId, *script: Step, attempt: int = 1) -> TryAgain:
    with pytest.raises(TryAgain) as raised:
        await embed(world, workspace_id, ScriptedEmbedder(*script, *script), attempt=attempt)
    return raised.value


async def test_what_has_no_vector_gets_one_and_nothing_twice(world: World) -> None:
    _, workspace = await world.owner()
    passages = await shelve(world, workspace.id, "One.", "Two.")
    embedder = ScriptedEmbedder()

    assert (await embed(world, workspace.id, embedder))[-1] == (100, "2 passages embedded")
    assert embedded_by(world, embedder.name) == {passage.id for passage in passages}
    assert sorted(embedder.texts[0]) == sorted(passage.words for passage in passages)

    assert await embed(world, workspace.id, embedder) == [(100, "0 passages embedded")]
    assert len(embedder.texts) == 1


async def test_a_vector_is_that_of_its_passage(world: World) -> None:
    _, workspace = await world.owner()
    for passage in await shelve(world, workspace.id, "One.", "Two.", "Three."):
        await embed(world, workspace.id)
        (vector,) = await ScriptedEmbedder().embed([passage.words])
        assert world.store.embeddings.rows[passage.id].vector == tuple(vector)


async def test_other_workspaces_are_left_to_their_own_jobs(world: World) -> None:
    _, workspace = await world.owner()
    _, other = await world.owner("eve@example.com")
    await shelve(world, other.id, "Not mine.")

    assert await embed(world, workspace.id) == [(100, "0 passages embedded")]


async def test_many_are_embedded_in_batches_with_progress(world: World) -> None:
    _, workspace = await world.owner()
    await shelve(world, workspace.id, *[f"Number {number}." for number in range(BATCH + 2)])
    embedder = ScriptedEmbedder()

    reports = await embed(world, workspace.id, embedder)

    assert [len(texts) for texts in embedder.texts] == [BATCH, 2]
    assert [note for _, note in reports] == [f"{done} passages embedded" for done in (BATCH, BATCH + 2, BATCH + 2)]


async def test_another_embedder_embeds_everything_anew(world: World) -> None:
    _, workspace = await world.owner()
    passages = await shelve(world, workspace.id, "One.", "Two.")
    await embed(world, workspace.id)

    await embed(world, workspace.id, ScriptedEmbedder(name=OTHER))

    assert embedded_by(world, OTHER) == {passage.id for passage in passages}
    assert embedded_by(world, ScriptedEmbedder().name) == set()


async def test_an_embedder_that_does_not_answer_is_asked_again_later_and_later(world: World) -> None:
    _, workspace = await world.owner()
    await shelve(world, workspace.id, "One.")

    first = await failure(world, workspace.id, EmbedderUnavailable("down: sk-unspeakable"))
    tenth = await failure(world, workspace.id, EmbedderUnavailable("down"), attempt=10)
    hundredth = await failure(world, workspace.id, EmbedderUnavailable("down"), attempt=100)

    assert timedelta(0) < first.after <= timedelta(seconds=1)
    assert first.after < tenth.after <= timedelta(minutes=10)
    assert hundredth.after <= timedelta(minutes=10)
    assert str(first) == "The embedder does not answer."
    assert embedded_by(world, ScriptedEmbedder().name) == set()


@pytest.mark.parametrize(("told", "seconds"), [(90.0, 90), (1e30, 3600), (math.inf, 3600)])
async def test_it_is_asked_again_as_late_as_it_said_within_an_hour(world: World, told: float, seconds: int) -> None:
    _, workspace = await world.owner()
    await shelve(world, workspace.id, "One.")

    error = await failure(world, workspace.id, EmbedderUnavailable("busy", retry_after=told))

    assert error.after == timedelta(seconds=seconds)


async def test_settings_that_are_wrong_are_tried_again_when_somebody_may_have_mended_them(world: World) -> None:
    _, workspace = await world.owner()
    await shelve(world, workspace.id, "One.")

    error = await failure(world, workspace.id, EmbedderMisconfigured("no key"))

    assert error.after == timedelta(minutes=10)
    assert str(error) == "The embedder refuses: look at its settings."


async def nothing() -> Sequence[float]:
    """The vector of the empty text."""
    (vector,) = await ScriptedEmbedder().embed([""])
    return tuple(vector)


@pytest.mark.parametrize("place", [0, 1, 70, BATCH + 1])
@pytest.mark.parametrize("error", [EmbedderMisconfigured("It refuses: policy"), EmbedderUnavailable("500")])
async def test_one_text_that_an_embedder_does_not_take_holds_up_no_other(
    world: World, error: EmbedderError, place: int
) -> None:
    _, workspace = await world.owner()
    passages = await shelve(world, workspace.id, *[f"Number {number}." for number in range(BATCH + 2)])
    embedder = ScriptedEmbedder(failures={passages[place].words: error})

    reports = await embed(world, workspace.id, embedder, attempt=5)

    assert reports[-1] == (100, f"{BATCH + 2} passages embedded")
    vectors = {row.passage_id: row.vector for row in world.store.embeddings.rows.values()}
    without = [passage for passage in passages if vectors[passage.id] == await nothing()]
    assert without == [passages[place]]
    assert len(embedder.texts) < 30


async def test_a_text_that_an_embedder_may_yet_take_is_tried_several_times(world: World) -> None:
    _, workspace = await world.owner()
    (passage,) = await shelve(world, workspace.id, "One.")

    for attempt in range(1, 5):
        error = await failure(world, workspace.id, EmbedderUnavailable("500"), attempt=attempt)
        assert str(error) == "The embedder does not answer."

    await embed(world, workspace.id, ScriptedEmbedder(EmbedderUnavailable("500")), attempt=5)
    assert world.store.embeddings.rows[passage.id].vector == await nothing()


async def test_one_that_says_when_to_come_again_is_asked_nothing_until_then(world: World) -> None:
    _, workspace = await world.owner()
    await shelve(world, workspace.id, "One.", "Two.")
    embedder = ScriptedEmbedder(EmbedderUnavailable("busy", retry_after=90))

    with pytest.raises(TryAgain):
        await embed(world, workspace.id, embedder, attempt=50)

    assert len(embedder.texts) == 1


@pytest.mark.parametrize(("end", "error"), [("cancel", JobCancelled), ("lose", LeaseLost)])
async def test_a_job_that_is_stopped_leaves_what_it_did(world: World, end: str, error: type[Exception]) -> None:
    _, workspace = await world.owner()
    await shelve(world, workspace.id, *[f"Number {number}." for number in range(BATCH + 2)])
    progress = MemoryJobProgress()
    getattr(progress, end)()

    with pytest.raises(error):
        await embed(world, workspace.id, progress=progress)

    assert len(embedded_by(world, ScriptedEmbedder().name)) == BATCH
    assert (await embed(world, workspace.id))[-1] == (100, "2 passages embedded")


def test_a_workspace_has_one_such_job_at_a_time_for_a_week() -> None:
    job = EmbedPassages(workspace_id=WorkspaceId(claim_of("a").job_id))

    assert job.workspace == job.workspace_id
    assert job.unique_key == str(job.workspace_id)
    assert job.max_attempts * timedelta(minutes=10) > timedelta(days=6)
