from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from adapters.memory.job_progress import MemoryJobProgress
from adapters.memory.passage_languages import MemoryPassageLanguages
from application.knowledge.restem import BATCH, Restem, Restemmer
from application.ports.workspaces import WorkspaceView
from domain.ids import WorkspaceId
from domain.jobs import JobCancelled, LeaseLost, TryAgain
from tests.application.knowledge.unembedded import claim_of, shelve
from tests.application.world import World

HOUSES = "Zwei Häuser."


async def restem(
    world: World, workspace: WorkspaceView, progress: MemoryJobProgress | None = None, attempt: int = 1
) -> Sequence[tuple[int, str | None]]:
    """What the job reports."""
    progress = progress or MemoryJobProgress()
    job = Restem(workspace_id=workspace.id, language="de")
    await Restemmer(MemoryPassageLanguages(world.store))(job, claim_of(job.type, attempt), progress)
    return progress.reports


def jobs(world: World) -> list[Restem]:
    """Those that wait to be done."""
    found = [job.payload for job in world.store.jobs.rows.values() if job.type == Restem.type]
    return [
        Restem(workspace_id=WorkspaceId(UUID(str(each["workspace_id"]))), language=str(each["language"]))
        for each in found
    ]


async def speaking_german(world: World, *texts: str) -> WorkspaceView:
    """A workspace in which these were stored before its language became German."""
    owner, workspace = await world.owner()
    for text in texts:
        await shelve(world, workspace.id, text)
    return await world.edit(owner, workspace, {"language": "de"})


async def test_a_workspace_that_speaks_another_language_gets_the_job_and_no_other_edit_does(world: World) -> None:
    owner, workspace = await world.owner()
    await world.edit(owner, workspace, {"name": "Hair", "language": "en"})
    assert jobs(world) == []

    await world.edit(owner, workspace, {"language": "de"})

    assert jobs(world) == [Restem(workspace_id=workspace.id, language="de")]


async def test_what_was_there_before_is_found_by_the_inflected_words_of_the_new_language(world: World) -> None:
    workspace = await speaking_german(world, HOUSES)
    assert await world.find(workspace.id, "Haus", "de") == []

    assert await restem(world, workspace) == [(50, "1 passages restemmed"), (100, "1 passages restemmed")]

    assert await world.find(workspace.id, "Haus", "de") == [HOUSES]


async def test_done_again_it_does_nothing(world: World) -> None:
    workspace = await speaking_german(world, HOUSES)
    await restem(world, workspace)

    assert await restem(world, workspace) == [(100, "0 passages restemmed")]


@pytest.mark.parametrize(("end", "error"), [("cancel", JobCancelled), ("lose", LeaseLost)])
async def test_a_job_that_is_stopped_leaves_what_it_did_and_goes_on_with_the_rest(
    world: World, end: str, error: type[Exception]
) -> None:
    workspace = await speaking_german(world, *[f"{HOUSES} {number}" for number in range(BATCH + 2)])
    progress = MemoryJobProgress()
    getattr(progress, end)()

    with pytest.raises(error):
        await restem(world, workspace, progress)

    assert len(await MemoryPassageLanguages(world.store).stale(workspace.id, 10)) == 2
    assert (await restem(world, workspace))[-1] == (100, "2 passages restemmed")


async def test_while_all_that_is_left_is_being_changed_it_is_tried_again_later(world: World) -> None:
    workspace = await speaking_german(world, HOUSES)
    row = next(row for row in world.store.sources.rows.values() if row.passages)

    with world.store.transaction() as transaction:
        await transaction.put(world.store.sources, replace(row))
        with pytest.raises(TryAgain) as raised:
            await restem(world, workspace)

    assert str(raised.value) == "What is left is being changed."
    assert timedelta(0) < raised.value.after <= timedelta(seconds=1)
    assert (await restem(world, workspace))[-1] == (100, "1 passages restemmed")


def test_a_workspace_has_one_such_job_for_each_language_at_a_time() -> None:
    job = Restem(workspace_id=WorkspaceId(UUID(int=7)), language="de")

    assert job.workspace == job.workspace_id
    assert job.unique_key == f"{job.workspace_id} de"
    assert replace(job, language="fr").unique_key != job.unique_key
